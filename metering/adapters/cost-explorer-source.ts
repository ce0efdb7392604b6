import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { GetCostAndUsageCommand, type ResultByTime } from "@aws-sdk/client-cost-explorer";
import type { Expression, GetCostAndUsageCommandInput } from "@aws-sdk/client-cost-explorer";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import type { CostCategory, CostMetric } from "../domain/charges.ts";
import type { CostDay } from "../domain/cost.ts";
import type { Deployment } from "../domain/license.ts";
import { addDecimal, decimalText, parseDecimal } from "../domain/money.ts";
import type { CostReading, CostRequest, CostSource } from "../ports.ts";
import type { AwsClients, Credentials } from "./aws-clients.ts";

/** FOCUS's metrics in Cost Explorer's words (protocol-facts E1, E4). */
const METRICS: Record<CostMetric, string> = {
  BilledCost: "UnblendedCost",
  EffectiveCost: "NetAmortizedCost",
};

const PAGES_PER_READING = 50;

export interface CostExplorerDeps {
  readonly aws: AwsClients;
  /** The seller's region, whose STS endpoint hands out the deployment's credentials. */
  readonly sellerRegion: string;
  /** The cost-allocation tag on every resource of a launch stack; its value is the stack's GUID. */
  readonly costTagKey: string;
}

/**
 * Cost as AWS itself reports it, read in the buyer's account through the deployment's own role:
 * always the attested account's role and always the external ID from our database.
 */
export function costExplorerSource(deps: CostExplorerDeps): CostSource {
  return {
    async read(request) {
      let requests = 0;
      try {
        const signal = AbortSignal.timeout(request.timeoutMs ?? 60_000);
        const credentials = await assumeReadRole(deps, request.deployment, signal);
        const client = deps.aws.costExplorer(credentials, request.deployment.partition);
        const results: ResultByTime[] = [];
        let token: string | undefined;
        do {
          requests += 1;
          const input = { ...queryOf(deps, request), NextPageToken: token };
          const page = await client.send(new GetCostAndUsageCommand(input), {
            abortSignal: signal,
          });
          results.push(...(page.ResultsByTime ?? []));
          token = page.NextPageToken;
          // Half a month must not pass for a cheap one: rated, it would be a credit.
          if (token !== undefined && requests === PAGES_PER_READING) throw new TooManyPages();
        } while (token !== undefined);
        return { kind: "read", days: toDays(results, METRICS[request.metric]), requests };
      } catch (error) {
        return { ...toProblem(error, request.deployment), requests };
      }
    },

    async stack(deployment) {
      try {
        const signal = AbortSignal.timeout(10_000);
        const credentials = await assumeReadRole(deps, deployment, signal);
        const client = deps.aws.cloudFormation(credentials, deployment.region);
        const command = new DescribeStacksCommand({ StackName: deployment.stackId });
        const { Stacks = [] } = await client.send(command, { abortSignal: signal });
        return whetherGone(Stacks[0]?.StackStatus);
      } catch (error) {
        const { name, message } = error as Error;
        return name === "ValidationError" && message.includes("does not exist")
          ? "gone"
          : "unknown";
      }
    },
  };
}

/**
 * A deletion that failed left the stack's resources running: whoever makes it fail on purpose
 * would otherwise run on without being metered.
 */
function whetherGone(status: string | undefined): "exists" | "gone" | "unknown" {
  if (status === "DELETE_COMPLETE") return "gone";
  return status === "DELETE_IN_PROGRESS" ? "unknown" : "exists";
}

async function assumeReadRole(
  { aws, sellerRegion }: CostExplorerDeps,
  { deploymentId, readRoleArn, externalIds }: Deployment,
  abortSignal: AbortSignal,
): Promise<Credentials> {
  const command = new AssumeRoleCommand({
    RoleArn: readRoleArn,
    RoleSessionName: `launchmeter-${deploymentId}`.slice(0, 64),
    ExternalId: externalIds[0],
    DurationSeconds: 900,
  });
  const { Credentials: given } = await aws.sts(sellerRegion).send(command, { abortSignal });
  if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined) {
    throw new Error("STS answered without credentials");
  }
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
  };
}

function queryOf(
  { costTagKey }: CostExplorerDeps,
  { deployment, metric, scope, from, to }: CostRequest,
): GetCostAndUsageCommandInput {
  const account: Expression = {
    Dimensions: { Key: "LINKED_ACCOUNT", Values: [deployment.accountId] },
  };
  const stackGuid = deployment.stackId.split("/").at(-1) ?? "";
  const tag: Expression = { Tags: { Key: costTagKey, Values: [stackGuid] } };
  return {
    TimePeriod: { Start: from, End: to },
    Granularity: "DAILY",
    Metrics: [METRICS[metric]],
    // One root operator for each expression (protocol-facts E1).
    Filter: scope === "account" ? account : { And: [account, tag] },
    GroupBy: [
      { Type: "DIMENSION", Key: "RECORD_TYPE" },
      { Type: "DIMENSION", Key: "BILLING_ENTITY" },
    ],
  };
}

function toDays(results: readonly ResultByTime[], metric: string): Record<string, CostDay> {
  const days: Record<string, CostDay> = {};
  for (const { TimePeriod, Estimated, Groups = [] } of results) {
    const date = TimePeriod?.Start;
    if (date === undefined) continue;
    // The groups of one day may be spread over several pages.
    const usd: Record<string, string> = { ...days[date]?.usd };
    for (const { Keys = [], Metrics = {} } of Groups) {
      const { Amount, Unit } = Metrics[metric] ?? {};
      if (Amount === undefined) continue;
      const amount = parseDecimal(Amount);
      if (Unit !== "USD" && amount.digits !== 0n) throw new NotUsd(Unit ?? "no currency");
      const category = categoryOf(Keys);
      usd[category] = decimalText(addDecimal(parseDecimal(usd[category] ?? "0"), amount));
    }
    days[date] = { estimated: days[date]?.estimated === true || Estimated === true, usd };
  }
  return days;
}

/** A Marketplace charge is one whatever its type: our own fee must not enter its own base. */
function categoryOf([recordType = "", billingEntity = ""]: readonly string[]):
  CostCategory | "Usage" {
  if (billingEntity !== "" && billingEntity !== "AWS") return "Marketplace";
  if (recordType === "Tax" || recordType === "Credit" || recordType === "Refund") return recordType;
  return "Usage";
}

class NotUsd extends Error {}
class TooManyPages extends Error {
  override readonly name = "TooManyPages";
}

function toProblem(
  error: unknown,
  { accountId, readRoleArn }: Deployment,
): Omit<Extract<CostReading, { kind: "unreadable" }>, "requests"> {
  const { name, message } = error as Error;
  const problem = (reason: "access-denied" | "no-data" | "unavailable" | "not-usd", text: string) =>
    ({ kind: "unreadable", reason, message: text }) as const;
  if (error instanceof NotUsd) {
    return problem("not-usd", `Cost Explorer reports ${message}, and only USD can be billed.`);
  }
  if (/^AccessDenied|^UnauthorizedOperation/.test(name)) {
    return problem(
      "access-denied",
      `The role ${readRoleArn} can't be used: it is gone, or its trust or permissions were changed. Update the stack with its current template.`,
    );
  }
  if (name === "DataUnavailableException") {
    return problem(
      "no-data",
      `Cost Explorer has no data for account ${accountId} yet. Open it once in the billing console; the first data takes about a day.`,
    );
  }
  return problem("unavailable", `Cost Explorer did not answer (${name}). It is asked again soon.`);
}
