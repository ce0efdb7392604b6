import { type Month, overlap, type Period } from "./calendar.ts";
import type { Charge } from "./charges.ts";
import { licenseFee } from "./charges/license-fee.ts";
import { minimumOwed } from "./charges/minimum-spend.ts";
import { oneTimeFee } from "./charges/one-time.ts";
import { rateUnits } from "./charges/per-unit.ts";
import { ratePercentage } from "./charges/percentage-of-cost.ts";
import { type MonthSoFar, monthSoFar, type Run } from "./charges/run.ts";
import type { CostMonth } from "./cost.ts";
import type { EntitlementPeriod } from "./entitlement.ts";
import type { Deployment, Instant, License } from "./license.ts";
import { exactUsd, maxUsd, minUsd, type Usd } from "./money.ts";
import { type Phase, runsOf } from "./runs.ts";
import type { PlanTerm } from "./terms.ts";
import type { UsageMonth } from "./usage.ts";

/** What one charge comes to for one service month, all deployments of the license summed. */
export interface RatedAmount {
  readonly chargeId: string;
  readonly dimension: string;
  readonly month: Month;
  readonly usd: Usd;
  /** Rated for days of a Marketplace free trial: what isn't accepted when it ends is written off. */
  readonly phase?: "trial";
}

export interface RatingInput {
  readonly license: License;
  /** Every plan that was ever in force, not only in the months asked for: some charges are owed once. */
  readonly terms: readonly PlanTerm[];
  readonly deployments: readonly Deployment[];
  readonly costs: readonly CostMonth[];
  readonly usage: readonly UsageMonth[];
  /** Undefined while they were never read: then nothing is known to go beyond them. */
  readonly entitlements: readonly EntitlementPeriod[] | undefined;
  readonly freeTrialEndsAt?: Instant | undefined;
  /** The months to compute; each comes to the same whatever others are asked for. */
  readonly months: readonly Month[];
  readonly now: Instant;
}

/** Pure: the same figures give the same amounts, however often and in whatever order they came. */
export function rate(input: RatingInput): RatedAmount[] {
  return (["trial", "paid"] as const).flatMap((phase) => {
    const runs = runsOf(input, phase);
    return input.months.flatMap((month) =>
      summed(ratedRuns(input, runs, month, phase), month, phase),
    );
  });
}

/** One definition of a charge, and what it comes to beside the others of its month. */
export interface RatedRun {
  readonly run: Run;
  readonly usd: Usd;
}

/** How far a month has come for the charges of a phase. */
export function soFarOf(
  { license, now }: Pick<RatingInput, "license" | "now">,
  month: Month,
  phase: Phase,
): MonthSoFar {
  // In a free trial nothing is owed at least: a minimum would be metered at the trial's price.
  const ending = license.endingAt ?? license.endedAt ?? Infinity;
  return { ...monthSoFar(month, now, ending), ...(phase === "trial" && { isOver: false }) };
}

/** Every definition that touches the month, in the order in which they began; minimums last. */
export function ratedRuns(
  input: RatingInput,
  runs: readonly Run[],
  month: Month,
  phase: Phase,
): RatedRun[] {
  const soFar = soFarOf(input, month, phase);
  const touching = runs
    .map((run) => ({ run, began: beganWithin(run, soFar.period) }))
    .filter(({ began }) => began !== undefined)
    // Owed when the trial is over: at the trial's price nobody would ever pay it.
    .filter(({ run }) => phase === "paid" || run.charge.kind !== "oneTime")
    .sort((a, b) => (a.began ?? 0) - (b.began ?? 0))
    .map(({ run }) => run);
  const rated: RatedRun[] = [];
  for (const id of new Set(touching.map(({ charge }) => charge.id))) {
    const definitions = touching.filter(({ charge }) => charge.id === id);
    rated.push(...rateDefinitions(input, definitions, runs, soFar));
  }
  const others = rated.filter(({ run }) => run.charge.kind !== "minimumSpend");
  return [...others, ...topUps(touching, others, soFar)];
}

/** The first moment of the month at which it ran; undefined when it didn't. */
function beganWithin({ periods }: Run, month: Period): Instant | undefined {
  const within = periods
    .map((period) => overlap(period, month))
    .filter(({ start, end }) => start < end);
  return within.map(({ start }) => start).sort((a, b) => a - b)[0];
}

/** All definitions that one charge had within the month, in the order in which they came. */
function rateDefinitions(
  input: RatingInput,
  definitions: readonly Run[],
  everyRun: readonly Run[],
  soFar: MonthSoFar,
): RatedRun[] {
  const rated: RatedRun[] = [];
  for (const run of definitions) {
    // A fee that is owed for the whole month leaves nothing of it to a later definition.
    const isPaid = rated.some(
      ({ run: { charge }, usd }) =>
        charge.kind === "license" && charge.proration === "none" && usd > 0n,
    );
    rated.push({ run, usd: isPaid ? 0n : rateRun(input, run, everyRun, soFar) });
  }
  return withinHighestCap(rated);
}

/** A cap that changes within the month stays a promise: the highest of its values is not exceeded. */
function withinHighestCap(rated: readonly RatedRun[]): RatedRun[] {
  const caps = rated.map(({ run: { charge } }) => ("cap" in charge ? charge.cap : undefined));
  if (caps.includes(undefined)) return [...rated];
  let left = caps.reduce((highest, cap) => maxUsd(highest, exactUsd(cap ?? "0")), 0n);
  return rated.map(({ run, usd }) => {
    const kept = minUsd(usd, left);
    left -= kept;
    return { run, usd: kept };
  });
}

/** What a definition comes to by itself. */
export function rateRun(
  input: RatingInput,
  run: Run,
  everyRun: readonly Run[],
  soFar: MonthSoFar,
): Usd {
  const { charge } = run;
  switch (charge.kind) {
    case "percentageOfCost":
      return ratePercentage({ ...run, charge }, input, soFar);
    case "license":
      return licenseFee({ ...run, charge }, soFar);
    case "perUnit":
      return rateUnits({ ...run, charge }, input, soFar);
    case "oneTime":
      return oneTimeFee({ ...run, charge }, firstRan(charge, everyRun), soFar);
    case "minimumSpend":
      // Depends on what all others came to.
      return 0n;
  }
}

/** Over the license's whole life: a charge that is owed once is owed there. */
export function firstRan({ id }: Charge, runs: readonly Run[]): Instant {
  return runs
    .filter(({ charge }) => charge.id === id)
    .flatMap(({ periods }) => periods.map(({ start }) => start))
    .reduce((first, start) => Math.min(first, start), Infinity);
}

/**
 * What is missing from a plan's minimums, one after the other: spending above the first counts for
 * the next. A negative month of the other charges stays credit: it adds nothing to what is missing.
 */
function topUps(runs: readonly Run[], rated: readonly RatedRun[], soFar: MonthSoFar): RatedRun[] {
  const left = new Map<string, Usd>();
  for (const { run, usd } of rated) left.set(run.planId, (left.get(run.planId) ?? 0n) + usd);
  return runs.flatMap((run): RatedRun[] => {
    const { charge, planId } = run;
    if (charge.kind !== "minimumSpend") return [];
    const spent = maxUsd(0n, left.get(planId) ?? 0n);
    const owed = minimumOwed({ ...run, charge }, soFar);
    left.set(planId, maxUsd(0n, spent - owed));
    return [{ run, usd: maxUsd(0n, owed - spent) }];
  });
}

function summed(rated: readonly RatedRun[], month: Month, phase: Phase): RatedAmount[] {
  const sums = new Map<string, RatedAmount>();
  for (const { run, usd } of rated) {
    const { id: chargeId, dimension } = run.charge;
    const key = JSON.stringify([chargeId, dimension]);
    const before = sums.get(key)?.usd ?? 0n;
    const trial = phase === "trial" ? { phase } : {};
    sums.set(key, { chargeId, dimension, month, usd: before + usd, ...trial });
  }
  return [...sums.values()].filter(({ usd }) => phase === "paid" || usd !== 0n);
}
