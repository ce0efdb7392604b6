import { DAY, overlap, type Period } from "./calendar.ts";
import type { Charge } from "./charges.ts";
import type { Run } from "./charges/run.ts";
import type { Instant, License } from "./license.ts";
import type { PlanTerm } from "./terms.ts";

export interface RunInput {
  readonly license: License;
  readonly terms: readonly PlanTerm[];
  readonly freeTrialEndsAt?: Instant | undefined;
}

/** The days of a Marketplace free trial are metered at its price, nothing; the others are paid. */
export type Phase = "trial" | "paid";

/**
 * Every definition of a charge that a license has ever had, and when it ran.
 *
 * A charge that comes back unchanged, in another version of its plan or after the buyer was away,
 * is the same definition: a month's tiers, included units and minimum count its days together.
 */
export function runsOf(input: RunInput, phase: Phase): Run[] {
  const window = overlap(lifeOf(input.license), phasePeriod(input.freeTrialEndsAt, phase));
  const runs = new Map<string, Run & { readonly periods: Period[] }>();
  for (const { plan, period } of ratedTerms(input.terms)) {
    const inside = overlap(period, window);
    if (inside.start >= inside.end) continue;
    for (const charge of plan.charges) {
      const key = JSON.stringify([plan.id, sorted(charge)]);
      const run = runs.get(key) ?? { planId: plan.id, charge, periods: [] };
      run.periods.push(inside);
      runs.set(key, run);
    }
  }
  return [...runs.values()];
}

/** From activation to the end; nothing before or after is rated (I7). */
export function lifeOf({ activatedAt, endedAt }: License): Period {
  return { start: activatedAt ?? Infinity, end: endedAt ?? Infinity };
}

/**
 * The terms without what the seller's own trial covers, oldest first.
 *
 * A license has one trial: it begins with the first plan that charges anything, and ends for each
 * plan after that plan's own days and grace days, counted from there, at the next UTC midnight. So
 * nobody gets a second one by changing plans or by coming back, and a plan without a trial is rated
 * from its first moment.
 */
export function ratedTerms(terms: readonly PlanTerm[]): PlanTerm[] {
  const inOrder = [...terms].sort((a, b) => a.period.start - b.period.start);
  const first = inOrder.find(({ plan }) => plan.charges.length > 0);
  return inOrder.map(({ plan, period }) => {
    if (plan.trial === undefined || first === undefined) return { plan, period };
    const days = plan.trial.days + (plan.trial.graceDays ?? 0);
    const trialEnd = Math.ceil((first.period.start + days * DAY) / DAY) * DAY;
    return { plan, period: { start: Math.max(period.start, trialEnd), end: period.end } };
  });
}

/**
 * A Marketplace free trial ends within a day; figures by the day can't be split, so that whole day
 * still belongs to the trial, for every charge alike.
 */
function phasePeriod(freeTrialEndsAt: Instant | undefined, phase: Phase): Period {
  if (freeTrialEndsAt === undefined) {
    return phase === "paid" ? { start: -Infinity, end: Infinity } : { start: 0, end: 0 };
  }
  const lastDayEnds = Math.ceil(freeTrialEndsAt / DAY) * DAY;
  return phase === "trial"
    ? { start: -Infinity, end: lastDayEnds }
    : { start: lastDayEnds, end: Infinity };
}

/** The same definition however its fields are ordered, and whether or not an absent one is spelt. */
function sorted(charge: Charge): unknown {
  return Object.entries(charge)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
