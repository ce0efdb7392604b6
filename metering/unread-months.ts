import { DAY, type Month, monthOf } from "./domain/calendar.ts";
import type { Deployment, Instant } from "./domain/license.ts";
import { COST_PATIENCE_MS } from "./domain/limits.ts";
import type { PlanTerm } from "./domain/terms.ts";
import { useBegan } from "./domain/uses.ts";
import type { Costs } from "./ports.ts";
import { costViews } from "./rate-license.ts";

/**
 * The first month of which a deployment's cost is still to come: its reading has failed since, or
 * its account's holder has not let it in yet. Such a month must not be closed: what is read of it
 * later would never be billed. Undefined: no deployment will be read any more.
 */
export async function oldestUnreadMonth(
  { costs }: { readonly costs: Pick<Costs, "status"> },
  terms: readonly PlanTerm[],
  deployments: readonly Deployment[],
): Promise<Month | undefined> {
  if (costViews(terms).length === 0) return undefined;
  const toRead = deployments.filter(
    ({ state, endedAt, goneAt }) =>
      goneAt === undefined && !(state === "awaiting-confirmation" && endedAt !== undefined),
  );
  const months = await Promise.all(
    toRead.map(async (deployment) => {
      const status = await costs.status(deployment.deploymentId);
      const began = Math.max(terms[0]?.period.start ?? 0, useBegan(deployment, deployments));
      return monthOf(unreadSince(status?.readAt, Math.floor(began / DAY) * DAY));
    }),
  );
  return months.sort()[0];
}

/** A day's cost comes days later: a reading has surely seen only what lies some days before it. */
export function unreadSince(readAt: Instant | undefined, began: Instant): Instant {
  return readAt === undefined ? began : Math.max(began, readAt - COST_PATIENCE_MS);
}
