import type { Charge, LicenseFee, PercentageOfCost, Plan } from "./charges.ts";
import type { CostDay, CostMonth } from "./cost.ts";
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
 * UTC days inside license, plan and use do (ledger-review 15).
 */
export function countedCost(
  charge: PercentageOfCost,
  input: CountingInput,
  month: Period,
): CountedCost {
  const days = new Map<string, CountedDay>();
  const excluded = new Map<string, Decimal>();
  const excludes: ReadonlySet<string> = new Set(charge.exclude);
  const live = overlap(livePeriod(input.license, Infinity), month);
  let reportedThrough = "";

  for (const { uses, figures } of costBodies(charge, input)) {
    for (const [date, figure] of figures) {
      const day = dayPeriod(date);
      if (day.start < month.start || day.end > month.end) continue;
      if (date > reportedThrough) reportedThrough = date;
      const isWhole = (use: Period) => {
        const counts = overlap(live, use);
        return day.start >= counts.start && day.end <= counts.end;
      };
      if (!uses.some(isWhole)) continue;
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

/** A body of cost, when it was in use, and the newest figure of each of its days. */
interface CostBody {
  readonly uses: readonly Period[];
  readonly figures: ReadonlyMap<string, CostDay>;
}

/**
 * What carries a deployment's tag is its own from the first hour to the last. A whole account's
 * cost belongs to whichever deployments were there, one after the other: a day is counted once.
 */
function costBodies(charge: PercentageOfCost, input: CountingInput): CostBody[] {
  const used = input.deployments.filter(({ state }) => state !== "awaiting-confirmation");
  if (charge.costScope === "tag") {
    return used.map((deployment) => ({
      uses: [wholeDays(usePeriod(deployment))],
      figures: newestFigures(charge, input.costs, [deployment]),
    }));
  }
  const accounts = [...new Set(used.map(({ accountId }) => accountId))];
  return accounts.map((account) => {
    const there = used.filter(({ accountId }) => accountId === account);
    return {
      uses: joined(there.map(usePeriod)),
      figures: newestFigures(charge, input.costs, there),
    };
  });
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
  const use = joined(there.map(usePeriod)).find(
    ({ start, end }) => start <= registeredAt && registeredAt < end,
  );
  return use?.start ?? registeredAt;
}

type CountingInput = Pick<RatingInput, "license" | "deployments" | "costs">;

function usePeriod({ registeredAt, goneAt }: Deployment): Period {
  return { start: registeredAt, end: goneAt ?? Infinity };
}

function wholeDays({ start, end }: Period): Period {
  return { start: Math.floor(start / DAY) * DAY, end: Math.ceil(end / DAY) * DAY };
}

/**
 * Uses with a pause of less than a day between them are one: otherwise a stack that is made anew
 * every day would never have been there for a whole one.
 */
function joined(uses: readonly Period[]): Period[] {
  const runs: Period[] = [];
  for (const use of [...uses].sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1);
    if (use.end <= use.start) continue;
    if (last === undefined || use.start >= last.end + DAY) runs.push(use);
    else runs.splice(-1, 1, { start: last.start, end: Math.max(last.end, use.end) });
  }
  return runs;
}

function newestFigures(
  charge: PercentageOfCost,
  costs: readonly CostMonth[],
  deployments: readonly Deployment[],
): Map<string, CostDay> {
  const ids = new Set(deployments.map(({ deploymentId }) => deploymentId));
  const figures = new Map<string, CostDay>();
  const seen = costs
    .filter(({ deploymentId }) => ids.has(deploymentId))
    .filter(({ metric, scope }) => metric === charge.costMetric && scope === charge.costScope)
    .sort((a, b) => a.observedAt - b.observedAt);
  for (const { days } of seen) {
    for (const [date, figure] of Object.entries(days)) figures.set(date, figure);
  }
  return figures;
}
