import type { Deployment } from "../metering/domain/license.ts";
import type { CoreDeps } from "./core-deps.ts";
import { conflictsWith, type CostClaim, withClaim, withoutClaim } from "./domain/cost-scope.ts";

type ClaimDeps = Pick<CoreDeps, "clock" | "licenses" | "siteStore">;
type Claimant = Pick<Deployment, "deploymentId" | "licenseId" | "accountId" | "partition">;

/**
 * How long a claim waits for its deployment. Registering takes seconds, and a stack's attempt to
 * register ends within minutes, so a claim this old without a deployment was left by a crash.
 */
const CLAIM_GRACE_MS = 60 * 60 * 1000;

/**
 * Claims an account's cost for one deployment, or answers that another living one has it.
 *
 * The claim is written before the deployment and removed after its end, so a crash in between
 * leaves at worst a claim without a living deployment, never two living deployments on one cost.
 * Such a leftover blocks nobody: whoever finds it looks the holder up and takes it over.
 */
export async function claimCost(
  deps: ClaimDeps,
  claimant: Claimant,
  scope: CostClaim["scope"],
): Promise<"claimed" | "taken"> {
  const { deploymentId, licenseId } = claimant;
  const claim: CostClaim = { deploymentId, licenseId, scope, claimedAt: deps.clock.now() };
  const { costClaims } = deps.siteStore;
  const rivals = conflictsWith(await costClaims.get(claimsId(claimant)), claim);
  const dead: CostClaim[] = [];
  for (const rival of rivals) if (!(await isLiving(deps, rival))) dead.push(rival);
  const held = await costClaims.update(claimsId(claimant), (known) =>
    withClaim(known, claim, dead),
  );
  const has = held?.claims.some((one) => one.deploymentId === deploymentId) ?? false;
  return has ? "claimed" : "taken";
}

/** Gives the cost free again. Safe to repeat, and for who never had a claim. */
export async function releaseCost(deps: ClaimDeps, claimant: Claimant): Promise<void> {
  await deps.siteStore.costClaims.update(
    claimsId(claimant),
    (known) => known && withoutClaim(known, claimant.deploymentId),
  );
}

/** Nothing more is metered for an ended deployment, nor for any deployment of an ended license. */
async function isLiving({ clock, licenses }: ClaimDeps, claim: CostClaim): Promise<boolean> {
  const license = await licenses.get(claim.licenseId);
  if (license?.endedAt !== undefined) return false;
  const deployment = await licenses.deployment(claim.licenseId, claim.deploymentId);
  if (deployment === undefined) return clock.now() < claim.claimedAt + CLAIM_GRACE_MS;
  return deployment.state !== "ended";
}

const claimsId = ({ partition, accountId }: Claimant) => `${partition}:${accountId}`;
