import type { Charge, PercentageOfCost, PerUnit } from "../../../metering/domain/charges.ts";
import { countedUsd14, type CostFacts } from "./cost-oracle.ts";
import { type Contract, type Definition, definitions } from "./definitions.ts";
import {
  type Fraction,
  fraction,
  isLess,
  larger,
  minus,
  pico,
  plus,
  smaller,
  times,
  ZERO,
} from "./fractions.ts";
import { clipped, DAY, HOUR, monthSpan, type Span, wholes } from "./spans.ts";

/**
 * What a license owes, reckoned apart from the product: fractions of big integers, rounded down to
 * a pico-dollar once for each charge and month.
 */
export interface Facts extends Contract, CostFacts {
  /** Millionths of a unit, by meter and by the start of the hour. */
  readonly usage: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
  /** Units in force for ever, by dimension. */
  readonly entitled: ReadonlyMap<string, string>;
}

export interface Owed {
  paid: bigint;
  trial: bigint;
}

/** What each dimension comes to for a month, as seen at `now`. */
export function owedFor(facts: Facts, month: string, now: number): Map<string, Owed> {
  const owed = new Map<string, Owed>();
  for (const phase of ["paid", "trial"] as const) {
    for (const { charge, usd } of amounts(facts, month, now, phase)) {
      const sum = owed.get(charge.dimension) ?? { paid: 0n, trial: 0n };
      sum[phase] += usd;
      owed.set(charge.dimension, sum);
    }
  }
  return owed;
}

interface Amount {
  readonly planId: string;
  readonly charge: Charge;
  usd: bigint;
}

interface Month {
  readonly span: Span;
  readonly now: number;
  readonly days: bigint;
  readonly isOver: boolean;
}

function amounts(facts: Facts, text: string, now: number, phase: "paid" | "trial"): Amount[] {
  const span = monthSpan(text);
  const { endingAt, endedAt } = facts.license;
  const ending = endingAt ?? endedAt ?? Infinity;
  const month: Month = {
    span,
    now,
    days: BigInt((span.to - span.from) / DAY),
    isOver: phase === "paid" && now >= Math.min(span.to, ending),
  };
  const all = definitions(facts, phase);
  const first = (one: Definition) => clipped(one.spans, span)[0]?.from ?? Infinity;
  const touching = all
    .filter((one) => first(one) < Infinity)
    .filter(({ charge }) => phase === "paid" || charge.kind !== "oneTime")
    .sort((a, b) => first(a) - first(b));

  const found: Amount[] = [];
  for (const id of new Set(touching.map(({ charge }) => charge.id))) {
    const own = touching.filter(({ charge }) => charge.id === id);
    found.push(...ofCharge(facts, own, all, month));
  }
  return [...found, ...missingSpend(touching, found, month)];
}

/** All wordings of one charge: a whole fee is owed once, and no month exceeds the highest cap. */
function ofCharge(
  facts: Facts,
  own: readonly Definition[],
  all: readonly Definition[],
  month: Month,
): Amount[] {
  const found: Amount[] = [];
  let isPaid: boolean = false;
  for (const one of own) {
    const { planId, charge } = one;
    const usd: bigint = isPaid ? 0n : usdOf(facts, one, all, month);
    isPaid ||= charge.kind === "license" && charge.proration === "none" && usd > 0n;
    found.push({ planId, charge, usd });
  }
  const caps = own.flatMap(({ charge }) =>
    "cap" in charge && charge.cap !== undefined ? [pico(fraction(charge.cap))] : [],
  );
  if (caps.length < own.length) return found;
  let room = caps.reduce((most, cap) => (cap > most ? cap : most));
  for (const amount of found) {
    if (amount.usd > room) amount.usd = room;
    room -= amount.usd;
  }
  return found;
}

function usdOf(facts: Facts, one: Definition, all: readonly Definition[], month: Month): bigint {
  const { charge } = one;
  const run = clipped(one.spans, { from: month.span.from, to: Math.min(month.span.to, month.now) });
  switch (charge.kind) {
    case "license": {
      const hours = wholes(run, HOUR);
      const share = {
        none: { n: hours > 0n ? 1n : 0n, d: 1n },
        daily: { n: wholes(run, DAY), d: month.days },
        hourly: { n: hours, d: month.days * 24n },
      }[charge.proration];
      return pico(times(fraction(charge.perMonth), share));
    }
    case "oneTime": {
      const starts = all
        .filter((other) => other.charge.id === charge.id)
        .flatMap((other) => other.spans.map(({ from }) => from));
      const began = Math.min(...starts);
      const isHere = one.spans.some(({ from }) => from === began);
      const isDue = began >= month.span.from && began < month.span.to && began <= month.now;
      return isHere && isDue ? pico(fraction(charge.amount)) : 0n;
    }
    case "percentageOfCost": {
      const cost = { n: countedUsd14(charge, facts, run), d: 10n ** 14n };
      const steps = (charge.tiers ?? []).map(({ above, percent }) => [above, percent] as const);
      const hundredfold = stepped(cost, ZERO, charge.percent, steps);
      return bounded(charge, pico(times(hundredfold, { n: 1n, d: 100n })), run, month);
    }
    case "perUnit": {
      const free = charge.entitled
        ? (facts.entitled.get(charge.entitledBy ?? charge.dimension) ?? "0")
        : (charge.included ?? "0");
      const steps = (charge.tiers ?? []).map(({ above, unitPrice }) => [above, unitPrice] as const);
      const units = { n: microUnits(charge, facts, run), d: 1_000_000n };
      const usd = pico(stepped(units, fraction(free), charge.unitPrice, steps));
      return bounded(charge, usd, run, month);
    }
    case "minimumSpend":
      return 0n;
  }
}

function bounded(
  { minimum, cap }: PercentageOfCost | PerUnit,
  usd: bigint,
  run: readonly Span[],
  month: Month,
): bigint {
  const most = cap === undefined ? usd : pico(fraction(cap));
  const capped = usd < most ? usd : most;
  const least = minimum === undefined || !month.isOver ? capped : byDays(minimum, run, month);
  return capped < least ? least : capped;
}

const byDays = (usd: string, run: readonly Span[], { days }: Month): bigint =>
  pico(times(fraction(usd), { n: wholes(run, DAY), d: days }));

function microUnits(charge: PerUnit, { usage }: Facts, run: readonly Span[]): bigint {
  let sum = 0n;
  for (const [hour, units] of usage.get(charge.meter) ?? []) {
    // The hour of the activation counts whole.
    if (run.some(({ from, to }) => hour >= Math.floor(from / HOUR) * HOUR && hour < to)) {
      sum += units;
    }
  }
  return sum;
}

/** Each stretch between two steps at its own rate; what is free costs nothing. */
function stepped(
  total: Fraction,
  free: Fraction,
  firstRate: string,
  steps: readonly (readonly [string, string])[],
): Fraction {
  if (isLess(total, ZERO)) return times(total, fraction(firstRate));
  const begins = [ZERO, ...steps.map(([above]) => fraction(above))];
  const rates = [firstRate, ...steps.map(([, rate]) => rate)].map(fraction);
  return rates.reduce((sum, rate, place) => {
    const from = larger(begins[place] ?? ZERO, free);
    const to = smaller(total, begins[place + 1] ?? total);
    return isLess(from, to) ? plus(sum, times(minus(to, from), rate)) : sum;
  }, ZERO);
}

/** Tops a plan's month up to its minimums, one after the other. */
function missingSpend(
  touching: readonly Definition[],
  found: readonly Amount[],
  month: Month,
): Amount[] {
  const spent = new Map<string, bigint>();
  for (const { planId, usd } of found) spent.set(planId, (spent.get(planId) ?? 0n) + usd);
  return touching.flatMap(({ planId, charge, spans }) => {
    if (charge.kind !== "minimumSpend") return [];
    const run = clipped(spans, { from: month.span.from, to: Math.min(month.span.to, month.now) });
    const least = month.isOver ? byDays(charge.perMonth, run, month) : 0n;
    const had = spent.get(planId) ?? 0n;
    const counts = had > 0n ? had : 0n;
    spent.set(planId, counts > least ? counts - least : 0n);
    return [{ planId, charge, usd: least > counts ? least - counts : 0n }];
  });
}
