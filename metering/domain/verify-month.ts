import { DAY, HOUR, monthPeriod } from "./calendar.ts";
import type { Statement, StatementCharge } from "./statement.ts";
import {
  type Exact,
  exact,
  flooredShare,
  floored,
  least,
  most,
  total,
  times,
} from "./verify-arithmetic.ts";

export interface LineAmounts {
  /** What the definition alone comes to. */
  readonly own: Exact;
  readonly rated: Exact;
  /** Of a monthly minimum: what the plan's other charges came to. */
  readonly spent: Exact;
}

/**
 * What each charge of the statement had come to at an instant, by its figures up to then. A fee that
 * falls due at `dueBefore` or later does not count yet.
 */
export function monthAt(
  statement: Statement,
  until: number,
  dueBefore: number,
): ReadonlyMap<StatementCharge, LineAmounts> {
  const amounts = new Map<StatementCharge, LineAmounts>();
  for (const phase of ["trial", "paid"] as const) {
    const lines = statement.charges.filter((line) => line.phase === phase);
    const isOver = phase === "paid" && until >= overAt(statement);
    const at = { until, dueBefore, isOver, ofDays: daysOfMonth(statement.month) };
    const others = lines.filter(({ charge }) => charge.kind !== "minimumSpend");
    for (const id of new Set(others.map(({ chargeId }) => chargeId))) {
      const definitions = others.filter(({ chargeId }) => chargeId === id);
      for (const [line, own, rated] of together(definitions, at)) {
        amounts.set(line, { own, rated, spent: 0n });
      }
    }
    topUps(lines, amounts, at);
  }
  return amounts;
}

interface At {
  readonly until: number;
  readonly dueBefore: number;
  readonly isOver: boolean;
  readonly ofDays: number;
}

function overAt({ month, life }: Statement): number {
  return Math.min(monthPeriod(month).end, Date.parse(life.endsAt ?? "9999-01-01T00:00:00.000Z"));
}

const daysOfMonth = (month: string) => {
  const { start, end } = monthPeriod(month);
  return Math.floor((end - start) / DAY);
};

/** All definitions of one charge: a month's fee is paid once, and the highest cap covers all. */
function together(lines: readonly StatementCharge[], at: At) {
  let monthIsPaid = false;
  const amounts = lines.map((line) => {
    const own = ownAmount(line, at);
    const counts = monthIsPaid ? 0n : own;
    const { charge } = line;
    monthIsPaid ||= charge.kind === "license" && charge.proration === "none" && counts > 0n;
    return [line, own, counts] as const;
  });
  const caps = lines.map(({ charge }) => ("cap" in charge ? charge.cap : undefined));
  if (caps.includes(undefined)) return amounts;
  let left = caps.map((cap) => exact(cap ?? "0")).reduce(most, 0n);
  return amounts.map(([line, own, counts]) => {
    const kept = least(counts, left);
    left -= kept;
    return [line, own, kept] as const;
  });
}

function ownAmount(line: StatementCharge, at: At): Exact {
  const { charge, working } = line;
  switch (charge.kind) {
    case "percentageOfCost": {
      if (working.kind !== "percentageOfCost") return 0n;
      const days = working.days.filter(
        ({ date }) => Date.parse(`${date}T00:00:00Z`) + DAY <= at.until,
      );
      const cost = total(days.map(({ countedUsd }) => exact(countedUsd)));
      const tiers = (charge.tiers ?? []).map(({ above, percent }) => [above, percent] as const);
      const percents = stepped(cost, [["0", charge.percent], ...tiers]);
      return bounded(floored(times(percents, exact("0.01"))), charge, line, at);
    }
    case "perUnit": {
      if (working.kind !== "perUnit") return 0n;
      const days = working.days.filter(({ date }) => Date.parse(`${date}T00:00:00Z`) < at.until);
      const units = total(days.map((day) => exact(day.units)));
      const tiers = (charge.tiers ?? []).map(({ above, unitPrice }) => [above, unitPrice] as const);
      const all = [["0", charge.unitPrice] as const, ...tiers];
      if (working.includedUnits === undefined) return bounded(0n, charge, line, at);
      // What goes beyond the included units is everything, without what those would have cost.
      const free = least(units, most(0n, exact(working.includedUnits)));
      return bounded(floored(stepped(units, all) - stepped(free, all)), charge, line, at);
    }
    case "license": {
      const fee = exact(charge.perMonth);
      const hours = hoursRan(line, at.until);
      if (charge.proration === "none") return hours > 0 ? floored(fee) : 0n;
      return charge.proration === "daily"
        ? flooredShare(fee, daysRan(line, at.until), at.ofDays)
        : flooredShare(fee, hours, at.ofDays * 24);
    }
    case "oneTime": {
      const firstRan = working.kind === "oneTime" ? working.firstRan : undefined;
      if (firstRan === undefined || Date.parse(firstRan) >= at.dueBefore) return 0n;
      return Date.parse(firstRan) <= at.until ? floored(exact(charge.amount)) : 0n;
    }
    case "minimumSpend":
      return 0n;
  }
}

/** Each part of a whole at the rate of its own step, from the top down. */
function stepped(whole: Exact, steps: readonly (readonly [string, string])[]): Exact {
  let rest = whole;
  let sum = 0n;
  for (const [above, rate] of [...steps].reverse()) {
    const floor = exact(above);
    if (rest <= floor && floor > 0n) continue;
    sum += times(rest - floor, exact(rate));
    rest = floor;
  }
  return sum;
}

function bounded(
  usd: Exact,
  { minimum, cap }: { readonly minimum?: string | undefined; readonly cap?: string | undefined },
  line: StatementCharge,
  at: At,
): Exact {
  const capped = cap === undefined ? usd : least(usd, exact(cap));
  if (minimum === undefined || !at.isOver) return capped;
  return most(capped, flooredShare(exact(minimum), daysRan(line, at.until), at.ofDays));
}

/** What is missing from each plan's minimums, after all that its other charges came to. */
function topUps(
  lines: readonly StatementCharge[],
  amounts: Map<StatementCharge, LineAmounts>,
  at: At,
): void {
  for (const planId of new Set(lines.map((line) => line.planId))) {
    const plan = lines.filter((line) => line.planId === planId);
    let left = total(plan.map((line) => amounts.get(line)?.rated ?? 0n));
    for (const line of plan) {
      if (line.charge.kind !== "minimumSpend") continue;
      const spent = most(0n, left);
      const days = daysRan(line, at.until);
      const owed = at.isOver ? flooredShare(exact(line.charge.perMonth), days, at.ofDays) : 0n;
      left = most(0n, spent - owed);
      const missing = most(0n, owed - spent);
      amounts.set(line, { own: missing, rated: missing, spent });
    }
  }
}

export const daysRan = (line: StatementCharge, until: number) => unitsRan(line, until, DAY);
export const hoursRan = (line: StatementCharge, until: number) => unitsRan(line, until, HOUR);

/** Whole days or hours (UTC) of the charge's periods that were over by then. */
function unitsRan({ periods }: StatementCharge, until: number, unit: number): number {
  return periods.reduce((sum, period) => {
    const first = Math.ceil(Date.parse(period.from) / unit);
    const last = Math.floor(Math.min(Date.parse(period.until), until) / unit);
    return sum + Math.max(0, last - first);
  }, 0);
}
