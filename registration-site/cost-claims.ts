import { type Deployment, withUseEnded } from "../metering/domain/license.ts";
import type { CoreDeps } from "./core-deps.ts";
import {
  conflictsWith,
  type CostClaim,
  covers,
  withClaim,
  withEndedClaim,
  withoutClaim,
} from "./domain/cost-scope.ts";

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
 * The claim is written before the deployment and given up after its end, so a crash in between
 * leaves at worst a claim without a living deployment, never two living deployments on one cost.
 * Such a leftover blocks nobody: whoever finds it looks the holder up and takes it over. One that
 * ended but may still be metered is closed first, so that no day's cost is ever rated twice.
 */
export async function claimCost(
  deps: ClaimDeps,
  claimant: Claimant,
  scope: CostClaim["scope"],
): Promise<"claimed" | "taken"> {
  const { deploymentId, licenseId } = claimant;
  const claim: CostClaim = { deploymentId, licenseId, scope, claimedAt: deps.clock.now() };
  const { costClaims } = deps.siteStore;
  const found = await costClaims.get(claimsId(claimant));
  const dead: CostClaim[] = [];
  for (const other of [...conflictsWith(found?.claims, claim), ...(found?.ended ?? [])]) {
    if (await isOver(deps, other, claim)) dead.push(other);
  }
  const held = await costClaims.update(claimsId(claimant), (known) =>
    withClaim(known, claim, dead),
  );
  const own = held?.claims.find((one) => one.deploymentId === deploymentId);
  return own !== undefined && covers(own.scope, scope) ? "claimed" : "taken";
}

/** Gives the cost free again. Safe to repeat, and for who never had a claim. */
export async function releaseCost(deps: ClaimDeps, claimant: Claimant): Promise<void> {
  await deps.siteStore.costClaims.update(
    claimsId(claimant),
    (known) => known && withoutClaim(known, claimant.deploymentId),
  );
}

/** Lets others claim the cost, which is metered for this deployment until one does. */
export async function offerCost(deps: ClaimDeps, claimant: Claimant): Promise<void> {
  await deps.siteStore.costClaims.update(
    claimsId(claimant),
    (known) => known && withEndedClaim(known, claimant.deploymentId),
  );
}

/** Whether nothing more is metered for the claim's holder. Ends what stands in the way. */
async function isOver(
  { clock, licenses }: ClaimDeps,
  other: CostClaim,
  claim: CostClaim,
): Promise<boolean> {
  const { licenseId, deploymentId } = other;
  const license = await licenses.get(licenseId);
  if (license?.endedAt !== undefined) return true;
  const deployment = await licenses.deployment(licenseId, deploymentId);
  if (deployment === undefined) return clock.now() >= other.claimedAt + CLAIM_GRACE_MS;
  if (deployment.state !== "ended") return false;
  if (deployment.goneAt !== undefined) return true;
  if (conflictsWith([other], claim).length === 0) return false;
  await licenses.updateDeployment(
    licenseId,
    deploymentId,
    (current) => current && withUseEnded(current),
  );
  return true;
}

const claimsId = ({ partition, accountId }: Claimant) => `${partition}:${accountId}`;
