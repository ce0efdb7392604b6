import type { CallbackEnvelope } from "../template-src/contract.ts";
import type { CoreDeps } from "./core-deps.ts";
import { type ProofProblem, proofProblem, stsRequestFor } from "./domain/account-proof.ts";
import { parseAssumedRole, type StackName } from "./domain/aws-names.ts";
import type { CallerIdentity } from "./domain/caller-identity.ts";
import { sha256 } from "./hash.ts";

/** Whether AWS says that a stack's own role signed exactly this payload, for this audience. */
export type Attestation =
  | { readonly kind: "attested" }
  | { readonly kind: ProofProblem | "not-attested" | "not-a-role" | "aws-unreachable" }
  /** Somebody else's signature: what AWS said, which is the sender's own. */
  | { readonly kind: "foreign-stack"; readonly accountId: string; readonly region: string };

/**
 * How much of the role's name is compared with the stack's: CloudFormation names a role after its
 * stack but shortens both, so only the beginning is dependable.
 */
const COMPARED_NAME_LENGTH = 12;

/**
 * Learns from AWS which account signed this (decision 0006). Checks what it can by itself first,
 * so that nothing is sent to AWS, and no host is built, for what can't be right.
 */
export async function attestStack(
  { clock, identity, log }: Pick<CoreDeps, "clock" | "identity" | "log">,
  { payload, proof }: CallbackEnvelope,
  { audience, stack }: { audience: string; stack: StackName },
): Promise<Attestation> {
  const isRegion = (region: string) => identity.isRegion(region);
  const problem = proofProblem(proof, { now: clock.now(), isRegion });
  if (problem !== undefined) return { kind: problem };

  const payloadSha256 = sha256(payload);
  const answer = await identity.verify(stsRequestFor(proof, { audience, payloadSha256 }));
  switch (answer.kind) {
    case "refused":
      log("info", "AWS refused a proof of account", { code: answer.code, region: proof.region });
      return { kind: "not-attested" };
    case "unreachable":
      log("error", "STS could not be asked", { reason: answer.reason, region: proof.region });
      return { kind: "aws-unreachable" };
    case "attested":
      return ofStack(answer.identity, proof.region, stack);
  }
}

/**
 * Account, region and partition must all be the stack's. The role's name only raises the bar: who
 * may create roles in that account may name one so (protocol-facts D1.6).
 */
function ofStack(
  { accountId, arn }: CallerIdentity,
  region: string,
  stack: StackName,
): Attestation {
  const role = parseAssumedRole(arn);
  if (role === undefined) return { kind: "not-a-role" };
  if (
    accountId !== stack.accountId ||
    role.accountId !== stack.accountId ||
    role.partition !== stack.partition ||
    region !== stack.region
  ) {
    return { kind: "foreign-stack", accountId, region };
  }
  return role.roleName.startsWith(stack.name.slice(0, COMPARED_NAME_LENGTH))
    ? { kind: "attested" }
    : { kind: "not-a-role" };
}
