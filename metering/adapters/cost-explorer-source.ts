import {
  type CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import type { CostCategory, CostMetric } from "../domain/charges.ts";
import { type CostDay, showsCost } from "../domain/cost.ts";
import { costTagOf, type Deployment } from "../domain/license.ts";
import { addDecimal, decimalText, parseDecimal } from "../domain/money.ts";
import type { CostReading, CostRequest, CostSource, CostSourceFacts } from "../ports.ts";
import { assumeReadRole, isDenied, type ReadRoleDeps, stackByReadRole } from "./read-role.ts";
import { tagInactive } from "./tag-inactive.ts";

/** FOCUS's metrics in Cost Explorer's words (protocol-facts E1, E4). */
const METRICS: Record<CostMetric, string> = {
  BilledCost: "UnblendedCost",
  EffectiveCost: "NetAmortizedCost",
};

const PAGES_PER_READING = 50;

/** protocol-facts E1 and E4. */
const FACTS = {
  kind: "cost-explorer",
  lagHours: 24,
  finality:
    "AWS marks a figure as estimated until the month's bill is final, and may restate it for about two weeks after the month's end.",
  usdPerRequest: "0.01",
} as const satisfies Partial<CostSourceFacts>;

export interface CostExplorerDeps extends ReadRoleDeps {
  /** The cost-allocation tag on every resource of a launch stack. */
  readonly costTagKey: string;
}

/** Cost as AWS itself reports it, read in the buyer's account through the deployment's own role. */
export function costExplorerSource(deps: CostExplorerDeps): CostSource {
  return {
    describe: () => ({ ...FACTS, paidBy: "buyer" }),
    read: (request) =>
      readCost(deps, request, async (signal) => {
        const { deployment } = request;
        const credentials = await assumeReadRole(deps, deployment, signal);
        return deps.aws.costExplorer(deployment.partition, credentials);
      }),
    stack: stackByReadRole(deps),
  };
}

/**
 * Cost of what the seller hosts, read in the seller's own account with the seller's own
 * credentials: there is no role to assume, and no stack to look for.
 *
 * By tag alone. Whoever counted the whole account would bill one buyer for all.
 */
export function sellerCostExplorerSource(deps: CostExplorerDeps): CostSource {
  return {
    describe: () => ({ ...FACTS, paidBy: "seller" }),
    read: async (request) => {
      const { deployment, scope } = request;
      if (scope !== "tag") {
        throw new RangeError(
          `${deployment.deploymentId} is hosted by the seller, so its cost is counted by tag, never by ${scope}`,
        );
      }
      return readCost(deps, request, async () => deps.aws.costExplorer(deployment.partition));
    },
    // Nobody but the seller can say that it ended.
    stack: async () => "gone",
  };
}

async function readCost(
  deps: CostExplorerDeps,
  request: CostRequest,
  connect: (signal: AbortSignal) => Promise<CostExplorerClient>,
): Promise<CostReading> {
  let requests = 0;
  try {
    const signal = AbortSignal.timeout(request.timeoutMs ?? 60_000);
    const client = await connect(signal);
    const ask = async (input: GetCostAndUsageCommandInput) => {
      const results: ResultByTime[] = [];
      let token: string | undefined;
      do {
        requests += 1;
        const command = new GetCostAndUsageCommand({ ...input, NextPageToken: token });
        const page = await client.send(command, { abortSignal: signal });
        results.push(...(page.ResultsByTime ?? []));
        token = page.NextPageToken;
        // Half a month must not pass for a cheap one: rated, it would be a credit.
        if (token !== undefined && requests === PAGES_PER_READING) throw new TooManyPages();
      } while (token !== undefined);
      return results;
    };
    const days = toDays(await ask(queryOf(deps, request)), METRICS[request.metric]);
    if (request.scope !== "tag" || request.costIsOverdue !== true || showsCost(days)) {
      return { kind: "read", days, requests };
    }
    const use = tagUse(deps, await ask(tagQueryOf(deps, request)), METRICS[request.metric]);
    return use === "inactive"
      ? { ...tagInactive(request, deps.costTagKey), requests }
      : { kind: "read", days, requests, tagIsActive: use === "active" };
  } catch (error) {
    return { ...toProblem(error, request.deployment), requests };
  }
}

function queryOf(
  { costTagKey }: CostExplorerDeps,
  { deployment, metric, scope, from, to }: CostRequest,
): GetCostAndUsageCommandInput {
  const account = accountFilter(deployment);
  const tag: Expression = { Tags: { Key: costTagKey, Values: [costTagOf(deployment)] } };
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

/** The account's whole cost, by the value of our tag. */
function tagQueryOf(
  { costTagKey }: CostExplorerDeps,
  { deployment, metric, from, to }: CostRequest,
): GetCostAndUsageCommandInput {
  return {
    TimePeriod: { Start: from, End: to },
    Granularity: "MONTHLY",
    Metrics: [METRICS[metric]],
    Filter: accountFilter(deployment),
    GroupBy: [{ Type: "TAG", Key: costTagKey }],
  };
}

function accountFilter({ accountId }: Deployment): Expression {
  return { Dimensions: { Key: "LINKED_ACCOUNT", Values: [accountId] } };
}

/** A key that is activated shows its values, even at no cost; one that isn't shows none at all. */
function tagUse(
  { costTagKey }: CostExplorerDeps,
  results: readonly ResultByTime[],
  metric: string,
): "active" | "inactive" | "account-has-no-cost" {
  const groups = results.flatMap(({ Groups = [] }) => Groups);
  // What doesn't carry the tag stands under the key with an empty value.
  if (groups.some(({ Keys = [] }) => Keys[0] !== `${costTagKey}$`)) return "active";
  const amounts = groups.map(({ Metrics }) => Metrics?.[metric]?.Amount ?? "0");
  return amounts.some((amount) => parseDecimal(amount).digits !== 0n)
    ? "inactive"
    : "account-has-no-cost";
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
  { accountId, hosting, readRoleArn }: Deployment,
): Omit<Extract<CostReading, { kind: "unreadable" }>, "requests"> {
  const { name, message } = error as Error;
  const problem = (reason: "access-denied" | "no-data" | "unavailable" | "not-usd", text: string) =>
    ({ kind: "unreadable", reason, message: text }) as const;
  if (error instanceof NotUsd) {
    return problem("not-usd", `Cost Explorer reports ${message}, and only USD can be billed.`);
  }
  if (isDenied(error as Error)) {
    return problem(
      "access-denied",
      hosting === "seller"
        ? `The seller's own role may not read the cost of account ${accountId}. Allow it ce:GetCostAndUsage there.`
        : `The role ${readRoleArn} can't be used: it is gone, or its trust or permissions were changed. Update the stack with its current template.`,
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
