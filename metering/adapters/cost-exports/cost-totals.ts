import type { Day } from "../../domain/calendar.ts";
import type { CostRow } from "./cost-row.ts";
import { type DaySums, daySums, type DayTotals } from "./day-sums.ts";

/**
 * What a billing period's files come to, by account, tag value, day and category: it grows with
 * the deployments and days, not with the rows.
 */
export interface CostTotals {
  add(row: CostRow): void;
  /** A row of the account that can't be understood: its sum has a hole, others' have not. */
  refuse(accountId: string, message: string): void;
  /** Undefined: no row at all. */
  account(accountId: string): AccountTotals | undefined;
  /** Of any account; empty when there is no row. */
  readonly newestDay: Day;
  /** Whether any row of any account carries the cost tag. */
  readonly hasTag: boolean;
  /** A file of it has no column in which a tag could stand. */
  lacksTags: boolean;
}

export interface AccountTotals {
  readonly refusal: string | undefined;
  /** The days of one tag value (the empty one is what carries no tag), or of each. */
  days(tag?: string): readonly ReadonlyMap<Day, DayTotals>[];
}

interface Account {
  readonly byTag: Map<string, DaySums>;
  refusal: string | undefined;
}

export function costTotals(): CostTotals {
  const accounts = new Map<string, Account>();
  const days: Day[] = [];
  const dayNumbers = new Map<Day, number>();
  let newestDay = "";
  let hasTag = false;
  const accountOf = (accountId: string): Account => {
    const known = accounts.get(accountId);
    if (known !== undefined) return known;
    const made = { byTag: new Map<string, DaySums>(), refusal: undefined };
    accounts.set(accountId, made);
    return made;
  };
  const numberOf = (day: Day): number => {
    const known = dayNumbers.get(day);
    if (known !== undefined) return known;
    if (day > newestDay) newestDay = day;
    dayNumbers.set(day, days.length);
    return days.push(day) - 1;
  };
  return {
    add(row) {
      const { byTag } = accountOf(row.accountId);
      let sums = byTag.get(row.tag);
      if (sums === undefined) {
        sums = daySums();
        byTag.set(row.tag, sums);
        if (row.tag !== "") hasTag = true;
      }
      sums.add(row, numberOf(row.day));
    },
    refuse(accountId, message) {
      accountOf(accountId).refusal ??= message;
    },
    account(accountId) {
      const account = accounts.get(accountId);
      if (account === undefined) return undefined;
      const { byTag, refusal } = account;
      return {
        refusal,
        days: (tag) =>
          [...byTag]
            .filter(([value]) => tag === undefined || value === tag)
            .map(([, sums]) => sums.read((day) => days[day] ?? "")),
      };
    },
    lacksTags: false,
    get newestDay() {
      return newestDay;
    },
    get hasTag() {
      return hasTag;
    },
  };
}
