import { DAY, type Month, monthPeriod, overlap, type Period, wholeUnits } from "../calendar.ts";
import type { Charge } from "../charges.ts";
import type { Instant } from "../license.ts";
import { floorShare, parseDecimal, type Usd } from "../money.ts";

/** One definition of a charge and the periods, apart from each other, in which it runs. */
export interface Run<Kind extends Charge = Charge> {
  readonly planId: string;
  readonly charge: Kind;
  readonly periods: readonly Period[];
}

/** The month that is rated, and how far it has come. */
export interface MonthSoFar {
  readonly month: Month;
  readonly period: Period;
  readonly now: Instant;
  /** Nothing can be added to the month any more: what is owed at least is owed now. */
  readonly isOver: boolean;
}

export function monthSoFar(month: Month, now: Instant, ending: Instant): MonthSoFar {
  const period = monthPeriod(month);
  return { month, period, now, isOver: now >= Math.min(period.end, ending) };
}

/** The parts of the month in which the charge has run until now. */
export function periodsRun({ periods }: Run, { period, now }: MonthSoFar): Period[] {
  const past = { start: period.start, end: Math.min(period.end, now) };
  return periods.map((each) => overlap(each, past));
}

/** How many whole UTC days or hours of the month the charge has run until now. */
export function unitsRun(run: Run, soFar: MonthSoFar, unit: number): number {
  return periodsRun(run, soFar).reduce((units, each) => units + wholeUnits(each, unit), 0);
}

/** A monthly amount's share for the whole UTC days of the month on which the charge has run. */
export function daysShare(usd: string, run: Run, soFar: MonthSoFar): Usd {
  const days = { digits: BigInt(unitsRun(run, soFar, DAY)), scale: 0 };
  return floorShare(parseDecimal(usd), days, BigInt(wholeUnits(soFar.period, DAY)));
}
