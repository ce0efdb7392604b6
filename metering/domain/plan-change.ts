import { DAY } from "./calendar.ts";
import type { Instant, License } from "./license.ts";
import { nextMidnight } from "./plan-book.ts";

/**
 * The license with another plan: from the next UTC midnight, because a day's cost can't be split
 * (decision 0019).
 *
 * A change that doesn't count yet is replaced, and picking the current plan again undoes it without
 * a trace. Until a stack is registered or the subscription is active, what was picked on the same
 * day is replaced at once: nobody used anything by it.
 */
export function withPlan(license: License, planId: string, now: Instant): License {
  const { plan, earlierPlans = [] } = license;
  if (plan?.id === planId) return license;
  if (plan === undefined || isUntouched(license, now)) {
    return { ...license, plan: { id: planId, since: now } };
  }
  const last = earlierPlans.at(-1);
  if (plan.since > now && last !== undefined) {
    return last.id === planId
      ? withHistory(license, earlierPlans.slice(0, -1), { ...plan, id: planId, since: last.since })
      : withHistory(license, earlierPlans, { ...plan, id: planId });
  }
  const until = nextMidnight(now);
  const ended = { id: plan.id, since: plan.since, until };
  return withHistory(license, [...earlierPlans, ended], { ...plan, id: planId, since: until });
}

function isUntouched({ plan, earlierPlans, activatedAt }: License, now: Instant): boolean {
  if (plan === undefined) return true;
  if (plan.fixed === true || (earlierPlans ?? []).length > 0) return false;
  const isSameDay = Math.floor(plan.since / DAY) === Math.floor(now / DAY);
  return activatedAt === undefined || activatedAt > now || isSameDay;
}

function withHistory(
  { earlierPlans: _, ...license }: License,
  earlierPlans: NonNullable<License["earlierPlans"]>,
  plan: NonNullable<License["plan"]>,
): License {
  return earlierPlans.length === 0 ? { ...license, plan } : { ...license, plan, earlierPlans };
}
