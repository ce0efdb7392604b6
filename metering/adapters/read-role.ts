import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { AssumeRoleCommand, type AssumeRoleCommandInput } from "@aws-sdk/client-sts";
import type { Deployment } from "../domain/license.ts";
import type { CostSource } from "../ports.ts";
import type { AwsClients, Credentials } from "./aws-clients.ts";

export interface ReadRoleDeps {
  readonly aws: AwsClients;
  /** The seller's region, whose STS endpoint hands out the deployment's credentials. */
  readonly sellerRegion: string;
}

/**
 * Credentials of the deployment's read role: always the attested account's role and always the
 * external ID from our database.
 *
 * The session is tagged with license and deployment, so that the buyer's CloudTrail says what each
 * reading was for. A template without sts:TagSession stays as it was published, and a buyer may
 * forbid tags: whoever refuses is asked again without them. STS asks no money for it.
 */
export async function assumeReadRole(
  { aws, sellerRegion }: ReadRoleDeps,
  deployment: Deployment,
  abortSignal: AbortSignal,
): Promise<Credentials> {
  const { deploymentId, licenseId, readRoleArn, externalIds } = deployment;
  const sts = aws.sts(sellerRegion);
  const plain: AssumeRoleCommandInput = {
    RoleArn: readRoleArn,
    RoleSessionName: `launchmeter-${deploymentId}`.slice(0, 64),
    ExternalId: externalIds[0],
    DurationSeconds: 900,
  };
  const tagged: AssumeRoleCommandInput = {
    ...plain,
    Tags: [
      { Key: "launchmeter:license", Value: licenseId },
      { Key: "launchmeter:deployment", Value: deploymentId },
    ],
  };
  const ask = async (input: AssumeRoleCommandInput) =>
    sts.send(new AssumeRoleCommand(input), { abortSignal });
  const { Credentials: given } = await ask(tagged).catch((error: Error) => {
    if (!isDenied(error)) throw error;
    return ask(plain);
  });
  if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined) {
    throw new Error("STS answered without credentials");
  }
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
  };
}

export function isDenied({ name }: Error): boolean {
  return /^AccessDenied|^UnauthorizedOperation/.test(name);
}

/** Whether a buyer's stack is still there, as far as its own role lets us see. */
export function stackByReadRole(deps: ReadRoleDeps): CostSource["stack"] {
  return async (deployment) => {
    try {
      const signal = AbortSignal.timeout(10_000);
      const credentials = await assumeReadRole(deps, deployment, signal);
      const client = deps.aws.cloudFormation(credentials, deployment.region);
      const command = new DescribeStacksCommand({ StackName: deployment.stackId });
      const { Stacks = [] } = await client.send(command, { abortSignal: signal });
      return whetherGone(Stacks[0]?.StackStatus);
    } catch (error) {
      const { name, message } = error as Error;
      return name === "ValidationError" && message.includes("does not exist") ? "gone" : "unknown";
    }
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
