import { hourOf } from "../calendar.ts";
import type { PerUnit } from "../charges.ts";
import { entitledUnits, type EntitlementPeriod } from "../entitlement.ts";
import {
  compareDecimal,
  type Decimal,
  floorUsd,
  parseDecimal,
  sumDecimals,
  type Usd,
  ZERO,
} from "../money.ts";
import { type UsageMonth, usageWithin } from "../usage.ts";
import { graduated } from "./graduated.ts";
import { withinBounds } from "./monthly-bounds.ts";
import { type MonthSoFar, periodsRun, type Run } from "./run.ts";

export interface UnitsInput {
  readonly usage: readonly UsageMonth[];
  /** Undefined while they were never read. */
  readonly entitlements: readonly EntitlementPeriod[] | undefined;
}

export function rateUnits(run: Run<PerUnit>, input: UnitsInput, soFar: MonthSoFar): Usd {
  const units = unitsUsed(run, input.usage, soFar);
  const included = unitsIncluded(run.charge, input.entitlements, soFar);
  // Nothing is beyond a contract without a number, nor known to be beyond one that was never read.
  const usd = included === undefined ? 0n : priceOf(run.charge, units, included);
  return withinBounds(usd, run, soFar);
}

/** What the month's units cost, before minimum and cap. Floored once, from the whole sum. */
export function priceOf(charge: PerUnit, units: Decimal, included: Decimal): Usd {
  const paid = (charge.tiers ?? []).map(({ above, unitPrice }) => ({
    above: parseDecimal(above),
    rate: parseDecimal(unitPrice),
  }));
  const first = parseDecimal(charge.unitPrice);
  if (compareDecimal(included, ZERO) <= 0) return floorUsd(graduated(units, first, paid));
  // Included units are a step of their own, at no price, in front of the others.
  const reached = paid.filter(({ above }) => compareDecimal(above, included) <= 0).at(-1);
  const steps = [
    { above: included, rate: reached?.rate ?? first },
    ...paid.filter(({ above }) => compareDecimal(above, included) > 0),
  ];
  return floorUsd(graduated(units, ZERO, steps));
}

/**
 * The month's units in the hours in which the charge runs, all deployments of the license. The hour
 * of the activation counts whole: what comes in it comes from a deployment of the active license.
 */
export function unitsUsed(
  run: Run<PerUnit>,
  usage: readonly UsageMonth[],
  soFar: MonthSoFar,
): Decimal {
  const periods = periodsRun(run, soFar).map(({ start, end }) => ({ start: hourOf(start), end }));
  return sumDecimals(
    usage
      .filter(({ meter, month }) => meter === run.charge.meter && month === soFar.month)
      .flatMap((each) => periods.map((period) => usageWithin(each, period))),
  );
}

/** Units without a price: what the plan includes, or the most that a contract did in the month. */
export function unitsIncluded(
  charge: PerUnit,
  entitlements: UnitsInput["entitlements"],
  { period }: MonthSoFar,
): Decimal | undefined {
  if (charge.entitled !== true) return parseDecimal(charge.included ?? "0");
  const entitled = entitledUnits(entitlements, charge.entitledBy ?? charge.dimension, period);
  return entitled.kind === "units" ? entitled.units : undefined;
}
