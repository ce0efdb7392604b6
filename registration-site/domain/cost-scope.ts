import type { Plan } from "../../metering/domain/charges.ts";
import type { Instant } from "../../metering/domain/license.ts";

/**
 * Whose AWS cost is metered for which deployment (design §4.7): all claims on one account, in one
 * item, so that one conditional write decides between two deployments.
 */
export interface CostClaims {
  readonly claims: readonly CostClaim[];
  /**
   * Claims of deployments whose Delete was proven. A Delete proves the account, not the deletion,
   * so their cost is metered until the stack is seen gone or somebody else claims it.
   */
  readonly ended?: readonly CostClaim[];
}

export interface CostClaim {
  readonly deploymentId: string;
  readonly licenseId: string;
  /** The whole account, or what carries the deployment's own tag (its stack's GUID: no two alike). */
  readonly scope: CostScope;
  readonly claimedAt: Instant;
}

export type CostScope = "account" | "tag";

/** The widest scope that the charges of the plans count, or undefined if none depends on cost. */
export function costScopeOf(...plans: readonly Plan[]): CostScope | undefined {
  const scopes = plans
    .flatMap(({ charges }) => charges)
    .flatMap((charge) => (charge.kind === "percentageOfCost" ? [charge.costScope] : []));
  return scopes.includes("account") ? "account" : scopes[0];
}

/** Whether a claim is wide enough. */
export function covers(claimed: CostScope, needed: CostScope): boolean {
  return claimed === "account" || claimed === needed;
}

/** Claims of other deployments that this one would overlap: an account contains all its tags. */
export function conflictsWith(
  held: readonly CostClaim[] | undefined,
  claim: Pick<CostClaim, "deploymentId" | "scope">,
): readonly CostClaim[] {
  return (held ?? []).filter(
    (other) =>
      other.deploymentId !== claim.deploymentId &&
      (other.scope === "account" || claim.scope === "account"),
  );
}

/** With the claim added or widened and those of `dead` dropped; undefined while a conflict is left. */
export function withClaim(
  held: CostClaims | undefined,
  claim: CostClaim,
  dead: readonly CostClaim[],
): CostClaims | undefined {
  const isDead = (other: CostClaim) =>
    dead.some(
      (one) => one.deploymentId === other.deploymentId && one.claimedAt === other.claimedAt,
    );
  const claims = (held?.claims ?? []).filter((other) => !isDead(other));
  const ended = (held?.ended ?? []).filter((other) => !isDead(other));
  if (conflictsWith([...claims, ...ended], claim).length > 0) return undefined;
  const own = claims.find((other) => other.deploymentId === claim.deploymentId);
  if (own === undefined) return claimsOf([...claims, claim], ended);
  // Never narrowed: what was counted for the wider scope may still be restated.
  const wider = covers(own.scope, claim.scope) ? own : { ...own, scope: claim.scope };
  return claimsOf(
    claims.map((other) => (other === own ? wider : other)),
    ended,
  );
}

/** Without the deployment's claim; the same object if it had none. */
export function withoutClaim(held: CostClaims, deploymentId: string): CostClaims {
  const left = held.claims.filter((claim) => claim.deploymentId !== deploymentId);
  return left.length === held.claims.length ? held : claimsOf(left, held.ended ?? []);
}

/** With the deployment's claim among the ended ones; the same object if it had none. */
export function withEndedClaim(held: CostClaims, deploymentId: string): CostClaims {
  const own = held.claims.filter((claim) => claim.deploymentId === deploymentId);
  if (own.length === 0) return held;
  return claimsOf(withoutClaim(held, deploymentId).claims, [...(held.ended ?? []), ...own]);
}

function claimsOf(claims: readonly CostClaim[], ended: readonly CostClaim[]): CostClaims {
  return ended.length === 0 ? { claims } : { claims, ended };
}
