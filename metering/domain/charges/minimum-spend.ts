import type { MinimumSpend } from "../charges.ts";
import type { Usd } from "../money.ts";
import { daysShare, type MonthSoFar, type Run } from "./run.ts";

/** What the plan's charges must come to together: nothing before the month is over. */
export function minimumOwed(run: Run<MinimumSpend>, soFar: MonthSoFar): Usd {
  return soFar.isOver ? daysShare(run.charge.perMonth, run, soFar) : 0n;
}
