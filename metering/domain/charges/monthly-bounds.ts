import type { PercentageOfCost, PerUnit } from "../charges.ts";
import { exactUsd, maxUsd, minUsd, type Usd } from "../money.ts";
import { daysShare, type MonthSoFar, type Run } from "./run.ts";

/** A month's amount, not above the charge's cap and, once the month is over, not below its minimum. */
export function withinBounds(
  usd: Usd,
  run: Run<PercentageOfCost> | Run<PerUnit>,
  soFar: MonthSoFar,
): Usd {
  const { minimum, cap } = run.charge;
  const capped = cap === undefined ? usd : minUsd(usd, exactUsd(cap));
  if (minimum === undefined || !soFar.isOver) return capped;
  return maxUsd(capped, daysShare(minimum, run, soFar));
}
