import type { Charge, CostScope, LicenseFee, PercentageOfCost, Plan } from "./charges.ts";
import type { CostMonth } from "./cost.ts";
import type { Deployment, Instant, License } from "./license.ts";
import {
  DAY,
  dayPeriod,
  HOUR,
  type Month,
  monthPeriod,
  overlap,
  type Period,
  wholeUnits,
} from "./calendar.ts";
import { addDecimal, type Decimal, floorShare, parseDecimal, type Usd, ZERO } from "./money.ts";

/** What one charge comes to for one service month, all deployments of the license summed. */
export interface RatedAmount {
  readonly chargeId: string;
  readonly dimension: string;
  readonly month: Month;
  readonly usd: Usd;
}

/** The newest rated amounts of a license, of all its charges and months. Set, never added to. */
export interface Figures {
  /** Counts the writes; a write is conditional on the revision it was computed from. */
  readonly revision: number;
  readonly computedAt: Instant;
  readonly amounts: readonly RatedAmount[];
}

export function ratedTotal(figures: Figures, dimension: string): Usd {
  return figures.amounts
    .filter((amount) => amount.dimension === dimension)
    .reduce((sum, amount) => sum + amount.usd, 0n);
}

export interface RatingInput {
  readonly license: License;
  readonly plan: Plan;
  readonly deployments: readonly Deployment[];
  readonly costs: readonly CostMonth[];
  /** The months to compute; all others keep what they have. */
  readonly months: readonly Month[];
  readonly now: Instant;
}

/** Pure: the same figures give the same amounts, however often and in whatever order they came. */
export function rate(input: RatingInput): RatedAmount[] {
  return input.plan.charges.flatMap((charge) =>
    input.months.map((month) => ({
      chargeId: charge.id,
      dimension: charge.dimension,
      month,
      usd: rateCharge(charge, input, monthPeriod(month)),
    })),
  );
}

/** Newly computed amounts in the place of the old ones; what was not computed stays owed. */
export function withAmounts(
  old: readonly RatedAmount[],
  computed: readonly RatedAmount[],
): RatedAmount[] {
  const key = ({ chargeId, month }: RatedAmount) => JSON.stringify([chargeId, month]);
  const merged = new Map(old.map((amount) => [key(amount), amount]));
  for (const amount of computed) {
    // A month that never came to anything needs no entry.
    if (amount.usd !== 0n || merged.has(key(amount))) merged.set(key(amount), amount);
  }
  return [...merged.values()];
}

function rateCharge(charge: Charge, input: RatingInput, month: Period): Usd {
  switch (charge.kind) {
    case "percentageOfCost":
      return percentageOf(charge.percent, countedCost(charge, input, month).total);
    case "license":
      return licenseFee(charge, overlap(livePeriod(input.license, input.now), month), month);
  }
}

export function percentageOf(percent: string, cost: Decimal): Usd {
  return floorShare(cost, parseDecimal(percent), 100n);
}

/** From when to when the license's plan counts; the end is now while it lives. */
export function livePeriod(license: License, now: Instant): Period {
  const { activatedAt, plan, endedAt } = license;
  if (activatedAt === undefined || plan === undefined) return { start: now, end: now };
  return {
    start: Math.max(activatedAt, plan.since),
    end: endedAt === undefined ? now : Math.min(endedAt, now),
  };
}

export function licenseFee(charge: LicenseFee, live: Period, month: Period): Usd {
  const perMonth = parseDecimal(charge.perMonth);
  const share = (part: number, whole: number) =>
    floorShare(perMonth, { digits: BigInt(part), scale: 0 }, BigInt(whole));
  switch (charge.proration) {
    case "none":
      return wholeUnits(live, HOUR) > 0 ? share(1, 1) : 0n;
    case "daily":
      return share(wholeUnits(live, DAY), wholeUnits(month, DAY));
    case "hourly":
      return share(wholeUnits(live, HOUR), wholeUnits(month, HOUR));
  }
}

export interface CountedCost {
  readonly total: Decimal;
  readonly days: readonly CountedDay[];
  readonly excluded: ReadonlyMap<string, Decimal>;
  /** The newest day of the month that AWS has reported, counted or not; empty when none. */
  readonly reportedThrough: string;
}

export interface CountedDay {
  readonly date: string;
  readonly usd: Decimal;
  readonly estimated: boolean;
}

/**
 * The days of the month that count for a percentage: a daily figure can't be split, so only whole
 * UTC days inside license, plan and deployment do (ledger-review 15).
 */
export function countedCost(
  charge: PercentageOfCost,
  input: Pick<RatingInput, "license" | "deployments" | "costs">,
  month: Period,
): CountedCost {
  const days = new Map<string, CountedDay>();
  const excluded = new Map<string, Decimal>();
  const excludes: ReadonlySet<string> = new Set(charge.exclude);
  const live = overlap(livePeriod(input.license, Infinity), month);
  let reportedThrough = "";

  for (const deployment of input.deployments) {
    const counts = overlap(live, usePeriod(deployment, charge.costScope));
    for (const [date, figure] of costDays(input.costs, deployment, charge)) {
      const day = dayPeriod(date);
      if (day.start < month.start || day.end > month.end) continue;
      if (date > reportedThrough) reportedThrough = date;
      if (day.start < counts.start || day.end > counts.end) continue;
      let usd = days.get(date)?.usd ?? ZERO;
      for (const [category, text] of Object.entries(figure.usd)) {
        const amount = parseDecimal(text);
        if (excludes.has(category)) {
          excluded.set(category, addDecimal(excluded.get(category) ?? ZERO, amount));
        } else {
          usd = addDecimal(usd, amount);
        }
      }
      const estimated = figure.estimated || days.get(date)?.estimated === true;
      days.set(date, { date, usd, estimated });
    }
  }
  const sorted = [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  const total = sorted.reduce((sum, day) => addDecimal(sum, day.usd), ZERO);
  return { total, days: sorted, excluded, reportedThrough };
}

/**
 * What carries the deployment's tag is its own from the first hour to the last; of a whole
 * account's cost, only the days on which the deployment was there from start to end.
 */
function usePeriod(deployment: Deployment, scope: CostScope): Period {
  const end = deployment.goneAt ?? Infinity;
  if (scope === "account") return { start: deployment.registeredAt, end };
  return {
    start: Math.floor(deployment.registeredAt / DAY) * DAY,
    end: Math.ceil(end / DAY) * DAY,
  };
}

function costDays(costs: readonly CostMonth[], deployment: Deployment, charge: PercentageOfCost) {
  return costs
    .filter(
      (cost) =>
        cost.deploymentId === deployment.deploymentId &&
        cost.metric === charge.costMetric &&
        cost.scope === charge.costScope,
    )
    .flatMap((cost) => Object.entries(cost.days));
}
