import { type ChainItem, isCommitted, type MeteringRecord } from "./chain.ts";
import type { Month } from "./calendar.ts";
import { billedOf } from "./evidence.ts";
import { floorDivide, maxUsd, minUsd, type Usd } from "./money.ts";

/** A metering record, or the part of it whose units were owed for one service month. */
export interface AttributedRecord {
  readonly item: MeteringRecord;
  readonly quantity: number;
}

export interface Attribution {
  readonly records: readonly AttributedRecord[];
  /** Owed for earlier months beyond the units billed for them; negative: they were overbilled. */
  readonly carriedIn: Usd;
  /** Owed through this month beyond the units billed through it; negative: a later month's credit. */
  readonly carried: Usd;
  /** Billed beyond all that was ever owed; stands in the last month. */
  readonly credit: Usd;
}

/**
 * Divides a chain of records among service months, oldest owed first.
 *
 * A record bills what is owed in total, whatever month it is for. A unit belongs to the first month
 * through which it was wholly owed; so months have whole units, and what is left of a unit is
 * carried into the next. Records that were never taken belong to the month of their hour.
 */
export function attribute(input: {
  readonly chain: readonly ChainItem[];
  /** What each month was rated at, all charges on the dimension. */
  readonly amounts: ReadonlyMap<Month, Usd>;
  readonly month: Month;
}): Attribution {
  const months = [...input.amounts.keys()].sort();
  const last = months.at(-1) ?? input.month;
  const isLast = input.month === last;
  const from = owedThrough(input.amounts, months, (month) => month < input.month);
  const through = owedThrough(input.amounts, months, (month) => month <= input.month);

  const records: AttributedRecord[] = [];
  let committed = 0n;
  let billedBefore = 0n;
  let billedHere = 0n;
  for (const item of input.chain) {
    if (item.kind === "evidence") continue;
    // What evidence found is what was billed, from the record's own hour on.
    const whole = billedOf(input.chain, item.n)?.billed ?? item.quantity;
    if (!isCommitted(item.outcome)) {
      if (monthOfHour(item) === input.month) records.push({ item, quantity: whole });
      continue;
    }
    // Whatever was billed beyond all that was owed stands in the last month that was rated.
    const unitsBefore =
      input.month > last ? whole : unitsWithin(item, whole, committed, from.boundary);
    const unitsThrough =
      input.month >= last ? whole : unitsWithin(item, whole, committed, through.boundary);
    const quantity = unitsThrough - unitsBefore;
    if (quantity > 0) records.push({ item, quantity });
    billedBefore += BigInt(unitsBefore) * item.unitPrice;
    billedHere += BigInt(quantity) * item.unitPrice;
    committed += BigInt(whole) * item.unitPrice;
  }
  const brought = from.rated - billedBefore;
  const carriedIn = input.month > last ? maxUsd(0n, brought) : brought;
  const left = carriedIn + (through.rated - from.rated) - billedHere;
  const credit = isLast ? maxUsd(0n, -left) : 0n;
  return { records, carriedIn, carried: left + credit, credit };
}

/** How many of the record's units lie wholly below a cumulative amount. */
function unitsWithin(
  { unitPrice }: MeteringRecord,
  quantity: number,
  committedBefore: Usd,
  boundary: Usd,
): number {
  const units = floorDivide(boundary - committedBefore, unitPrice);
  if (units <= 0n) return 0;
  return units >= BigInt(quantity) ? quantity : Number(units);
}

/**
 * Rated through the months that `includes` names. A later month may have been rated negative: its
 * fall is taken from the months before it, so that boundaries never run backwards.
 */
function owedThrough(
  amounts: ReadonlyMap<Month, Usd>,
  months: readonly Month[],
  includes: (month: Month) => boolean,
): { rated: Usd; boundary: Usd } {
  const rated = months
    .filter(includes)
    .reduce((sum, month) => sum + (amounts.get(month) ?? 0n), 0n);
  let sum = rated;
  let boundary = rated;
  for (const month of months.filter((each) => !includes(each))) {
    sum += amounts.get(month) ?? 0n;
    boundary = minUsd(boundary, sum);
  }
  return { rated, boundary };
}

function monthOfHour(item: MeteringRecord): Month {
  return new Date(item.hour).toISOString().slice(0, 7);
}
