import type { PercentageOfCost } from "../charges.ts";
import { countedCost, type CountingInput } from "../counted-cost.ts";
import { type Decimal, floorShare, ONE, parseDecimal, type Usd } from "../money.ts";
import { graduated } from "./graduated.ts";
import { withinBounds } from "./monthly-bounds.ts";
import { type MonthSoFar, periodsRun, type Run } from "./run.ts";

export function ratePercentage(
  run: Run<PercentageOfCost>,
  input: CountingInput,
  soFar: MonthSoFar,
): Usd {
  const { total } = countedCost(run.charge, input, periodsRun(run, soFar), soFar.period);
  return withinBounds(percentageOf(run.charge, total), run, soFar);
}

/** The charge's share of a month's cost, before minimum and cap. Floored once, from the whole sum. */
export function percentageOf(charge: PercentageOfCost, cost: Decimal): Usd {
  const steps = (charge.tiers ?? []).map(({ above, percent }) => ({
    above: parseDecimal(above),
    rate: parseDecimal(percent),
  }));
  return floorShare(graduated(cost, parseDecimal(charge.percent), steps), ONE, 100n);
}
