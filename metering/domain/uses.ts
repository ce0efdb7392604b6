import { DAY, type Period } from "./calendar.ts";
import type { Deployment, Instant, License } from "./license.ts";

/** From when to when the license's plan counts; the end is now while it lives. */
export function livePeriod(license: License, now: Instant): Period {
  const { activatedAt, plan, endedAt } = license;
  if (activatedAt === undefined || plan === undefined) return { start: now, end: now };
  return {
    start: Math.max(activatedAt, plan.since),
    end: endedAt === undefined ? now : Math.min(endedAt, now),
  };
}

/** When a deployment was in use: what AWS charged for it then is what its license counts. */
export function usePeriod({ registeredAt, goneAt }: Deployment): Period {
  return { start: registeredAt, end: goneAt ?? Infinity };
}

/**
 * When the use that a deployment continues began: a later stack in the same account reads the days
 * of the ones before it, whose roles are gone.
 */
export function useBegan(deployment: Deployment, all: readonly Deployment[]): Instant {
  const there = all.filter(
    ({ accountId, state }) =>
      accountId === deployment.accountId && state !== "awaiting-confirmation",
  );
  const { registeredAt } = deployment;
  const use = joinedUses(there.map(usePeriod)).find(
    ({ start, end }) => start <= registeredAt && registeredAt < end,
  );
  return use?.start ?? registeredAt;
}

/**
 * Uses with a pause of less than a day between them are one: otherwise a stack that is made anew
 * every day would never have been there for a whole one.
 */
export function joinedUses(uses: readonly Period[]): Period[] {
  const runs: Period[] = [];
  for (const use of [...uses].sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1);
    if (use.end <= use.start) continue;
    if (last === undefined || use.start >= last.end + DAY) runs.push(use);
    else runs.splice(-1, 1, { start: last.start, end: Math.max(last.end, use.end) });
  }
  return runs;
}
