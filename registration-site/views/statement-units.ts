import { addDecimal, decimalText, parseDecimal, ZERO } from "../../metering/domain/money.ts";
import type { Statement } from "../../metering/domain/statement.ts";

export interface MeterDays {
  readonly meter: string;
  /** Exact decimal text by date; a day without usage is absent. */
  readonly days: ReadonlyMap<string, string>;
}

/** What was used and counted, by meter and day; two charges on one meter count it once. */
export function unitsByDay({ charges }: Statement): readonly MeterDays[] {
  const meters = new Map<string, Map<string, Map<string, string>>>();
  for (const { charge, chargeId, working } of charges) {
    if (charge.kind !== "perUnit" || working.kind !== "perUnit") continue;
    const meter = meters.get(charge.meter) ?? new Map<string, Map<string, string>>();
    // The same charge on other days adds up; another charge on the same days does not.
    const days = meter.get(chargeId) ?? new Map<string, string>();
    for (const { date, units } of working.days) {
      const sum = addDecimal(parseDecimal(days.get(date) ?? "0"), parseDecimal(units));
      days.set(date, decimalText(sum));
    }
    meter.set(chargeId, days);
    meters.set(charge.meter, meter);
  }
  return [...meters].map(([meter, charged]) => ({ meter, days: highest([...charged.values()]) }));
}

function highest(charged: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  for (const one of charged) {
    for (const [date, units] of one) {
      const known = parseDecimal(days.get(date) ?? "0");
      const here = parseDecimal(units);
      const more = addDecimal(here, { digits: -known.digits, scale: known.scale });
      if (more.digits > ZERO.digits) days.set(date, units);
    }
  }
  return days;
}
