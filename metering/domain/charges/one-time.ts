import type { OneTime } from "../charges.ts";
import type { Instant } from "../license.ts";
import { exactUsd, type Usd } from "../money.ts";
import type { MonthSoFar, Run } from "./run.ts";

/**
 * The whole amount in the month in which the charge first runs, and nothing in any other. Trials
 * are not part of a run, so a buyer who leaves within one never owes it.
 */
export function oneTimeFee(run: Run<OneTime>, firstRan: Instant, { period, now }: MonthSoFar): Usd {
  const isDue = firstRan >= period.start && firstRan < period.end && firstRan <= now;
  const isOfThisRun = run.periods.some(({ start }) => start === firstRan);
  return isDue && isOfThisRun ? exactUsd(run.charge.amount) : 0n;
}
