import type { CallbackPayload } from "../template-src/contract.ts";
import { attestStack, type Attestation } from "./attest-stack.ts";
import type { CoreDeps } from "./core-deps.ts";
import { parseStackId, type StackName } from "./domain/aws-names.ts";
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

/** Learns from AWS which account sent this (design §4.5). */
export async function authenticateCallback(
  deps: Pick<CoreDeps, "audience" | "clock" | "identity" | "log">,
  sent: unknown,
): Promise<Authentication> {
  const envelope = parseEnvelope(sent);
  const payload = envelope && parsePayload(envelope.payload);
  const stack = payload && parseStackId(payload.stackId);
  if (!envelope || !payload || !stack) return refused(refusals.malformed());
  const attestation = await attestStack(deps, envelope, { audience: deps.audience, stack });
  const problem = refusalOf(attestation);
  if (problem !== undefined) return refused(problem);
  const deploymentId = deploymentIdOf(stack.stackId);
  return { kind: "authentic", callback: { payload, stack, deploymentId } };
}

function refusalOf(attestation: Attestation): Refusal | undefined {
  switch (attestation.kind) {
    case "attested":
      return undefined;
    case "malformed":
      return refusals.malformed();
    case "unknown-region":
      return refusals.unknownRegion();
    case "stale":
      return refusals.staleProof();
    case "not-attested":
      return refusals.notAttested();
    case "aws-unreachable":
      return refusals.awsUnreachable();
    case "not-a-role":
      return refusals.notARole();
    case "foreign-stack":
      return refusals.foreignStack(attestation);
  }
}

/** The same stack always leads to the same deployment, so a repeated callback finds it. */
export function deploymentIdOf(stackId: string): string {
  return `d-${sha256(`launchmeter deployment of ${stackId}`).slice(0, 32)}`;
}
