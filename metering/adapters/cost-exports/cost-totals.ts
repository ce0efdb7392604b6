import type { CostCategory, CostMetric } from "../../domain/charges.ts";
import type { Day } from "../../domain/calendar.ts";
import { addDecimal, type Decimal, ZERO } from "../../domain/money.ts";
import { owned } from "./remember.ts";

export type Category = CostCategory | "Usage";

/** What one row of an export counts as. */
export interface CostRow {
  readonly accountId: string;
  /** Value of the cost tag; empty when the row doesn't carry it. */
  readonly tag: string;
  readonly day: Day;
  readonly category: Category;
  readonly currency: string;
  readonly billed: Decimal;
  readonly effective: Decimal;
  /** It stands on an invoice: it changes no more. */
  readonly isFinal: boolean;
}

/** One day of one (account, tag). */
export interface DayTotals {
  estimated: boolean;
  readonly amounts: Map<Category, Record<CostMetric, Decimal>>;
  /** Of rows with an amount that is not in USD. */
  foreignCurrency: string | undefined;
}

/**
 * What a billing period's files come to, by account, tag value, day and category: it grows with
 * the deployments and days, not with the rows.
 */
export interface CostTotals {
  add(row: CostRow): void;
  /** A row of the account that can't be understood: its sum has a hole, others' have not. */
  refuse(accountId: string, message: string): void;
  /** Keyed by tag value; the empty one holds what carries no tag. Undefined: no row at all. */
  account(accountId: string): AccountTotals | undefined;
  /** Of any account; empty when there is no row. */
  readonly newestDay: Day;
  /** Whether any row of any account carries the cost tag. */
  readonly hasTag: boolean;
  /** A file of it has no column in which a tag could stand. */
  lacksTags: boolean;
}

export interface AccountTotals {
  readonly byTag: Map<string, Map<Day, DayTotals>>;
  refusal: string | undefined;
}

export function costTotals(): CostTotals {
  const accounts = new Map<string, AccountTotals>();
  let newestDay = "";
  let hasTag = false;
  const accountOf = (accountId: string) =>
    entry(accounts, accountId, () => ({ byTag: new Map(), refusal: undefined }));
  return {
    add(row) {
      if (row.day > newestDay) newestDay = owned(row.day);
      if (row.tag !== "") hasTag = true;
      const days = entry(accountOf(row.accountId).byTag, row.tag, () => new Map<Day, DayTotals>());
      const day = entry(days, row.day, noTotals);
      if (!row.isFinal) day.estimated = true;
      const { billed, effective } = row;
      if (row.currency !== "USD") {
        // Nothing in another currency is nothing.
        if (billed.digits !== 0n || effective.digits !== 0n) {
          day.foreignCurrency = owned(row.currency);
        }
        return;
      }
      const amount = day.amounts.get(row.category);
      if (amount === undefined) {
        day.amounts.set(row.category, { BilledCost: billed, EffectiveCost: effective });
        return;
      }
      if (billed.digits !== 0n) amount.BilledCost = addDecimal(amount.BilledCost, billed);
      if (effective.digits !== 0n) {
        amount.EffectiveCost = addDecimal(amount.EffectiveCost, effective);
      }
    },
    refuse(accountId, message) {
      accountOf(accountId).refusal ??= message;
    },
    account: (accountId) => accounts.get(accountId),
    lacksTags: false,
    get newestDay() {
      return newestDay;
    },
    get hasTag() {
      return hasTag;
    },
  };
}

const noTotals = (): DayTotals => ({
  estimated: false,
  amounts: new Map(),
  foreignCurrency: undefined,
});

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(owned(key), made);
  return made;
}

/** The sum of one day's totals from several files. */
export function addTotals(into: DayTotals | undefined, more: DayTotals): DayTotals {
  const sum = into ?? noTotals();
  sum.estimated ||= more.estimated;
  sum.foreignCurrency ??= more.foreignCurrency;
  for (const [category, { BilledCost, EffectiveCost }] of more.amounts) {
    const before = sum.amounts.get(category) ?? { BilledCost: ZERO, EffectiveCost: ZERO };
    sum.amounts.set(category, {
      BilledCost: addDecimal(before.BilledCost, BilledCost),
      EffectiveCost: addDecimal(before.EffectiveCost, EffectiveCost),
    });
  }
  return sum;
}
