import type { CostMetric } from "../../domain/charges.ts";
import type { Day } from "../../domain/calendar.ts";
import { addDecimal, type Decimal, ZERO } from "../../domain/money.ts";
import { type Amount, isNothing, toDecimal } from "./amounts.ts";
import { CATEGORIES, type Category, type CostRow } from "./cost-row.ts";

/** One day of one (account, tag). */
export interface DayTotals {
  estimated: boolean;
  readonly amounts: Map<Category, Record<CostMetric, Decimal>>;
  /** Of rows with an amount that is not in USD. */
  foreignCurrency: string | undefined;
}

/** Sums of all days of one (account, tag). */
export interface DaySums {
  add(row: CostRow, day: number): void;
  /** The days that have a row, by their numbers. */
  read(dayOf: (day: number) => Day): Map<Day, DayTotals>;
}

const SOME_DAYS = 31;
/** Two metrics of each category. */
const PLACES = CATEGORIES.length * 2;
const HAS_ROW = 1;
const IS_ESTIMATED = 2;
/** The category's own sign is this one, moved by its number. */
const HAS_AMOUNT = 4;

/**
 * Sums as one array of safe integers, in pico-dollars. Objects of sums lie all over the memory, and
 * fetching them takes as long as splitting the file; what a safe integer doesn't hold goes to a
 * Decimal beside it, so every sum is exact.
 */
export function daySums(): DaySums {
  let pico = new Float64Array(SOME_DAYS * PLACES);
  let marks = new Uint8Array(SOME_DAYS);
  const carried = new Map<number, Decimal>();
  const foreign = new Map<number, string>();

  const grow = (days: number) => {
    const [sums, signs] = [pico, marks];
    pico = new Float64Array(days * PLACES);
    pico.set(sums);
    marks = new Uint8Array(days);
    marks.set(signs);
  };
  const carry = (place: number, amount: Amount) =>
    carried.set(place, addDecimal(carried.get(place) ?? ZERO, toDecimal(amount)));
  const addTo = (place: number, amount: Amount) => {
    if (typeof amount !== "number") {
      carry(place, amount);
      return;
    }
    const before = pico[place] as number;
    const sum = before + amount;
    // Rounding never brings a sum beyond the safe integers back among them.
    if (Number.isSafeInteger(sum)) {
      pico[place] = sum;
    } else {
      carry(place, before);
      pico[place] = amount;
    }
  };
  const total = (place: number): Decimal => {
    const rest = toDecimal(pico[place] as number);
    const more = carried.get(place);
    return more === undefined ? rest : addDecimal(more, rest);
  };
  return {
    add(row, day) {
      const { currency, billed, effective, isFinal } = row;
      const category = CATEGORIES.indexOf(row.category);
      if (category === -1) throw new Error(`there is no category ${row.category}`);
      if (day >= marks.length) grow(day * 2);
      let mark = (marks[day] as number) | (isFinal ? HAS_ROW : HAS_ROW | IS_ESTIMATED);
      if (currency === "USD") {
        mark |= HAS_AMOUNT << category;
        const place = day * PLACES + category * 2;
        addTo(place, billed);
        addTo(place + 1, effective);
      } else if (!isNothing(billed) || !isNothing(effective)) {
        // Nothing in another currency is nothing.
        foreign.set(day, currency);
      }
      marks[day] = mark;
    },
    read(dayOf) {
      const days = new Map<Day, DayTotals>();
      for (const [day, mark] of marks.entries()) {
        if ((mark & HAS_ROW) === 0) continue;
        const amounts: DayTotals["amounts"] = new Map();
        for (const [category, name] of CATEGORIES.entries()) {
          if ((mark & (HAS_AMOUNT << category)) === 0) continue;
          const place = day * PLACES + category * 2;
          amounts.set(name, { BilledCost: total(place), EffectiveCost: total(place + 1) });
        }
        const estimated = (mark & IS_ESTIMATED) !== 0;
        days.set(dayOf(day), { estimated, amounts, foreignCurrency: foreign.get(day) });
      }
      return days;
    },
  };
}

/** The sum of one day's totals from several files. */
export function addTotals(into: DayTotals | undefined, more: DayTotals): DayTotals {
  if (into === undefined) return more;
  const amounts = new Map(into.amounts);
  for (const [category, { BilledCost, EffectiveCost }] of more.amounts) {
    const before = amounts.get(category);
    amounts.set(category, {
      BilledCost: addDecimal(before?.BilledCost ?? ZERO, BilledCost),
      EffectiveCost: addDecimal(before?.EffectiveCost ?? ZERO, EffectiveCost),
    });
  }
  return {
    estimated: into.estimated || more.estimated,
    amounts,
    foreignCurrency: into.foreignCurrency ?? more.foreignCurrency,
  };
}
