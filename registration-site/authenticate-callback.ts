import type { CallbackPayload } from "../template-src/contract.ts";
import type { CoreDeps } from "./core-deps.ts";
import { proofProblem, stsRequestFor } from "./domain/account-proof.ts";
import { parseAssumedRole, parseStackId, type StackName } from "./domain/aws-names.ts";
import { parseEnvelope, parsePayload } from "./domain/callback-payload.ts";
import { type Refusal, refusals } from "./domain/refusals.ts";
import { sha256 } from "./hash.ts";

/** A callback whose account AWS attested. Everything else in the payload is that account's word. */
export interface AuthenticCallback {
  readonly payload: CallbackPayload;
  /** Its account, region and partition are the attested ones. */
  readonly stack: StackName;
  readonly deploymentId: string;
}

export type Authentication =
  | { readonly kind: "authentic"; readonly callback: AuthenticCallback }
  | { readonly kind: "refused"; readonly refusal: Refusal };

const refused = (refusal: Refusal): Authentication => ({ kind: "refused", refusal });

/**
 * How much of the role's name is compared with the stack's: CloudFormation names a role after its
 * stack but shortens both, so only the beginning is dependable.
 */
const COMPARED_NAME_LENGTH = 12;

/**
 * Learns from AWS which account sent this (design §4.5). Checks what it can by itself first, so
 * that nothing is sent to AWS, and no host is built, for what can't be right.
 */
export async function authenticateCallback(
  deps: Pick<CoreDeps, "audience" | "clock" | "identity" | "log">,
  sent: unknown,
): Promise<Authentication> {
  const { audience, clock, identity, log } = deps;
  const envelope = parseEnvelope(sent);
  const payload = envelope && parsePayload(envelope.payload);
  const stack = payload && parseStackId(payload.stackId);
  if (!envelope || !payload || !stack) return refused(refusals.malformed());
  const { proof } = envelope;
  const isRegion = (region: string) => identity.isRegion(region);
  switch (proofProblem(proof, { now: clock.now(), isRegion })) {
    case "malformed":
      return refused(refusals.malformed());
    case "unknown-region":
      return refused(refusals.unknownRegion());
    case "stale":
      return refused(refusals.staleProof());
    case undefined:
      break;
  }

  const payloadSha256 = sha256(envelope.payload);
  const answer = await identity.verify(stsRequestFor(proof, { audience, payloadSha256 }));
  switch (answer.kind) {
    case "refused":
      log("info", "AWS refused a proof of account", { code: answer.code, region: proof.region });
      return refused(refusals.notAttested());
    case "unreachable":
      log("error", "STS could not be asked", { reason: answer.reason, region: proof.region });
      return refused(refusals.awsUnreachable());
    case "attested":
      break;
  }
  const problem = attestationProblem(answer.identity, proof.region, stack);
  if (problem !== undefined) return refused(problem);
  const deploymentId = deploymentIdOf(stack.stackId);
  return { kind: "authentic", callback: { payload, stack, deploymentId } };
}

/**
 * Account, region and partition must all be the stack's. The role's name only raises the bar: who
 * may create roles in that account may name one so (protocol-facts D1.6).
 */
function attestationProblem(
  { accountId, arn }: { accountId: string; arn: string },
  region: string,
  stack: StackName,
): Refusal | undefined {
  const role = parseAssumedRole(arn);
  if (role === undefined) return refusals.notARole();
  if (
    accountId !== stack.accountId ||
    role.accountId !== stack.accountId ||
    role.partition !== stack.partition ||
    region !== stack.region
  ) {
    return refusals.foreignStack({ accountId, region });
  }
  return role.roleName.startsWith(stack.name.slice(0, COMPARED_NAME_LENGTH))
    ? undefined
    : refusals.notARole();
}

/** The same stack always leads to the same deployment, so a repeated callback finds it. */
export function deploymentIdOf(stackId: string): string {
  return `d-${sha256(`launchmeter deployment of ${stackId}`).slice(0, 32)}`;
}
