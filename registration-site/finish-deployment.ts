import type { Deployment } from "../metering/domain/license.ts";
import type { CoreDeps } from "./core-deps.ts";
import { offerCost, releaseCost } from "./cost-claims.ts";

/**
 * Ends a deployment, then gives its cost free: in this order, so that no second living deployment
 * ever has the same cost. Safe to repeat; answers the deployment as it ended.
 *
 * One that its license's holder never let in counts as gone from the start: nothing of it may
 * ever be read or metered.
 */
export async function finishDeployment(
  deps: Pick<CoreDeps, "clock" | "licenses" | "siteStore">,
  { licenseId, deploymentId }: Pick<Deployment, "licenseId" | "deploymentId">,
  only: "any" | "awaiting-confirmation",
): Promise<Deployment | undefined> {
  const stored = await deps.licenses.updateDeployment(licenseId, deploymentId, (known) => {
    if (known === undefined || known.state === "ended") return known;
    const neverLetIn = known.state === "awaiting-confirmation";
    if (only === "awaiting-confirmation" && !neverLetIn) return known;
    return {
      ...known,
      state: "ended",
      endedAt: deps.clock.now(),
      ...(neverLetIn ? { goneAt: known.registeredAt } : {}),
    };
  });
  if (stored?.state === "ended") {
    await (stored.goneAt === undefined ? offerCost(deps, stored) : releaseCost(deps, stored));
  }
  return stored;
}
