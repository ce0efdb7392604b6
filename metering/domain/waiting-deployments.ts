import { DAY } from "./calendar.ts";
import type { Deployment, Instant } from "./license.ts";

/**
 * Deployments in another account than the license's whose holder has let a whole day pass without
 * letting them in or turning them away: they run, and nothing of them is metered.
 */
export function waitingDeployments(
  deployments: readonly Deployment[],
  now: Instant,
): readonly Deployment[] {
  return deployments.filter(
    ({ state, registeredAt }) => state === "awaiting-confirmation" && registeredAt + DAY <= now,
  );
}
