import { dayPeriod, daysOf, type Day, type Month, monthPeriod, overlap } from "./calendar.ts";
import type { Charge } from "./charges.ts";
import { countedCost } from "./counted-cost.ts";
import {
  addDecimal,
  type Decimal,
  decimalText,
  exactUsd,
  parseDecimal,
  usdText,
  ZERO,
} from "./money.ts";
import { rate, type RatingInput } from "./rating.ts";
import { ratedTerms } from "./runs.ts";
import type {
  CostWorkingDay,
  StatementCharge,
  StatementDay,
  StatementForfeit,
  StatementRecord,
} from "./statement.ts";

export interface DaysInput {
  readonly rating: RatingInput;
  readonly month: Month;
  readonly charges: readonly StatementCharge[];
  readonly records: readonly StatementRecord[];
}

/** Day by day, cumulative within the month, from the first term to the newest figure. */
export function dayLines(input: DaysInput): StatementDay[] {
  const { rating, month, charges, records } = input;
  const cost = costByDay(charges);
  const views = costViews(input);
  return liveDays(rating, month).map((date) => {
    const { end } = dayPeriod(date);
    const figure = cost.get(date);
    const until = ratedUntil(rating, month, end).reduce((all, { usd }) => all + usd, 0n);
    const billed = records
      .filter(({ outcome, phase }) => outcome === "accepted" && phase === undefined)
      .filter(({ hour }) => Date.parse(hour) < end)
      .reduce((all, { amountUsd }) => addDecimal(all, parseDecimal(amountUsd)), ZERO);
    return {
      date,
      costUsd: decimalText(figure?.counted ?? ZERO),
      // A day without a figure has not been reported yet, or does not count.
      estimated: figure?.estimated ?? views.some((reported) => date > reported),
      ratedCumulativeUsd: usdText(until - dueNextDay(charges, end)),
      billedCumulativeUsd: decimalText(billed),
    };
  });
}

function liveDays({ license, terms, now }: RatingInput, month: Month): Day[] {
  const start = terms.reduce((first, { period }) => Math.min(first, period.start), Infinity);
  const live = { start, end: Math.min(now, license.endedAt ?? now) };
  const within = overlap(live, monthPeriod(month));
  return within.start < within.end ? daysOf(within) : [];
}

/** What the month would have come to with this day as its newest. */
function ratedUntil(rating: RatingInput, month: Month, end: number) {
  return rate({ ...rating, months: [month], now: Math.min(end, rating.now) });
}

/** A fee that falls due with the midnight itself belongs to the day that begins there. */
function dueNextDay(charges: readonly StatementCharge[], midnight: number): bigint {
  return charges
    .filter(
      ({ working }) =>
        working.kind === "oneTime" && Date.parse(working.firstRan ?? "") === midnight,
    )
    .reduce((all, { ratedUsd }) => all + exactUsd(ratedUsd), 0n);
}

interface DayCost {
  readonly counted: Decimal;
  readonly excluded: ReadonlyMap<string, Decimal>;
  readonly estimated: boolean;
}

/**
 * AWS's cost by day, each dollar once: several percentages may look at the same cost, and what one
 * of them counts is counted.
 */
export function costByDay(charges: readonly StatementCharge[]): ReadonlyMap<Day, DayCost> {
  const seen = new Map<Day, Map<string, { day: CostWorkingDay; counted: Set<string> }>>();
  for (const { charge, working } of charges) {
    if (charge.kind !== "percentageOfCost" || working.kind !== "percentageOfCost") continue;
    const view = `${charge.costMetric} ${charge.costScope}`;
    for (const day of working.days) {
      const views = seen.get(day.date) ?? new Map<string, never>();
      const known = views.get(view) ?? { day, counted: new Set<string>() };
      for (const category of Object.keys(day.usd)) {
        if (!charge.exclude.some((each) => each === category)) known.counted.add(category);
      }
      views.set(view, known);
      seen.set(day.date, views);
    }
  }
  return new Map([...seen].map(([date, views]) => [date, dayCost([...views.values()])]));
}

function dayCost(
  views: readonly { readonly day: CostWorkingDay; readonly counted: ReadonlySet<string> }[],
): DayCost {
  let counted = ZERO;
  const excluded = new Map<string, Decimal>();
  for (const { day, counted: categories } of views) {
    for (const [category, text] of Object.entries(day.usd)) {
      const usd = parseDecimal(text);
      if (categories.has(category)) counted = addDecimal(counted, usd);
      else excluded.set(category, addDecimal(excluded.get(category) ?? ZERO, usd));
    }
  }
  return { counted, excluded, estimated: views.some(({ day }) => day.estimated) };
}

export function excludedCost(charges: readonly StatementCharge[]) {
  const sums = new Map<string, Decimal>();
  for (const { excluded } of costByDay(charges).values()) {
    for (const [category, usd] of excluded) {
      sums.set(category, addDecimal(sums.get(category) ?? ZERO, usd));
    }
  }
  return [...sums].map(([category, usd]) => ({ category, usd: decimalText(usd) }));
}

/** Through which day AWS has reported, for each way in which the charges look at cost. */
function costViews({ rating, month }: DaysInput): string[] {
  const period = monthPeriod(month);
  const charges: Charge[] = ratedTerms(rating.terms)
    .filter((term) => overlap(term.period, period).start < overlap(term.period, period).end)
    .flatMap(({ plan }) => plan.charges);
  return charges.flatMap((charge) =>
    charge.kind === "percentageOfCost"
      ? [countedCost(charge, rating, [], period).reportedThrough]
      : [],
  );
}

/** Days of a license that is gone for which AWS had reported nothing when the final hour closed. */
export function unreportedDays(input: DaysInput): Day[] {
  const views = costViews(input);
  if (views.length === 0) return [];
  const reported = views.reduce((least, each) => (each < least ? each : least));
  const { license, terms } = input.rating;
  const start = terms.reduce((first, { period }) => Math.min(first, period.start), Infinity);
  return liveDays(input.rating, input.month).filter((date) => {
    const day = dayPeriod(date);
    return date > reported && day.start >= start && day.end <= (license.endedAt ?? Infinity);
  });
}

/** Which days' amounts were forfeited: the newest ones, because the oldest are billed first. */
export function forfeitLines(
  input: DaysInput,
  dimension: string,
  forfeited: bigint,
): StatementForfeit[] {
  const { rating, month } = input;
  const ratedAt = (end: number) =>
    ratedUntil(rating, month, end)
      .filter((amount) => amount.dimension === dimension && amount.phase === undefined)
      .reduce((all, { usd }) => all + usd, 0n);
  let reached = ratedAt(rating.now) - forfeited;
  let left = forfeited;
  const lines: StatementForfeit[] = [];
  for (const date of liveDays(rating, month)) {
    const through = ratedAt(dayPeriod(date).end);
    const beyond = through - (reached > 0n ? reached : 0n);
    const usd = beyond < left ? beyond : left;
    if (usd <= 0n) continue;
    lines.push({ dimension, date, usd: usdText(usd) });
    reached = through;
    left -= usd;
  }
  return left > 0n ? [{ dimension, usd: usdText(left) }, ...lines] : lines;
}
