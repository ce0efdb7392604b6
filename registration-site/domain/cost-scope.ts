import type { Plan } from "../../metering/domain/charges.ts";
import type { Instant } from "../../metering/domain/license.ts";

/**
 * Whose AWS cost is metered for which deployment (design §4.7): all claims on one account, in one
 * item, so that one conditional write decides between two deployments.
 */
export interface CostClaims {
  readonly claims: readonly CostClaim[];
}

export interface CostClaim {
  readonly deploymentId: string;
  readonly licenseId: string;
  /** The whole account, or what carries the deployment's own tag (its stack's GUID: no two alike). */
  readonly scope: CostScope;
  readonly claimedAt: Instant;
}

export type CostScope = "account" | "tag";

/** The widest scope that the plan's charges count, or undefined if none depends on cost. */
export function costScopeOf(plan: Plan): CostScope | undefined {
  const scopes = plan.charges.flatMap((charge) =>
    charge.kind === "percentageOfCost" ? [charge.costScope] : [],
  );
  return scopes.includes("account") ? "account" : scopes[0];
}

/** Claims of other deployments that this one would overlap: an account contains all its tags. */
export function conflictsWith(
  held: CostClaims | undefined,
  claim: Pick<CostClaim, "deploymentId" | "scope">,
): readonly CostClaim[] {
  return (held?.claims ?? []).filter(
    (other) =>
      other.deploymentId !== claim.deploymentId &&
      (other.scope === "account" || claim.scope === "account"),
  );
}

/** With the claim added and those of `dead` dropped; undefined while a conflict is left. */
export function withClaim(
  held: CostClaims | undefined,
  claim: CostClaim,
  dead: readonly CostClaim[],
): CostClaims | undefined {
  const isDead = (other: CostClaim) =>
    dead.some(
      (one) => one.deploymentId === other.deploymentId && one.claimedAt === other.claimedAt,
    );
  const living = { claims: (held?.claims ?? []).filter((other) => !isDead(other)) };
  if (conflictsWith(living, claim).length > 0) return undefined;
  if (living.claims.some((other) => other.deploymentId === claim.deploymentId)) return living;
  return { claims: [...living.claims, claim] };
}

/** Without the deployment's claim; the same object if it had none. */
export function withoutClaim(held: CostClaims, deploymentId: string): CostClaims {
  const left = held.claims.filter((claim) => claim.deploymentId !== deploymentId);
  return left.length === held.claims.length ? held : { claims: left };
}
