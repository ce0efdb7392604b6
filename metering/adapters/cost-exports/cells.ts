import type { Day } from "../../domain/calendar.ts";
import { parseDecimal, ZERO } from "../../domain/money.ts";
import { type Amount, plainPico } from "./amounts.ts";
import { textOfField } from "./field-text.ts";
import { rememberField } from "./remember-field.ts";
import { type Cells, RowRefused } from "./row-format.ts";
import type { Fields } from "./split-record.ts";
import { tagIn, tagKeyTest } from "./tag-keys.ts";

/** Start of a charge period, in UTC: `2026-03-01 22:00:00`, `2026-03-01T22:00:00.000Z`. */
const DAY_START =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z| ?UTC|\+00:?00)?)?$/;

/** The cells of the record whose fields these are, by the file's names of its columns. */
export function cellsOf(names: readonly string[], fields: Fields, costTagKey: string): Cells {
  const isKey = tagKeyTest(costTagKey);
  const days = new Map<string, Day>();
  const text = (column: number) => cellText(textOfField(fields, column));
  const refuse = (accountId: string, name: string, column: number, what: string): never => {
    const shown = JSON.stringify(column === -1 ? "" : text(column).slice(0, 60));
    throw new RowRefused(accountId, `${name} is ${shown}, which is not ${what}`);
  };
  const of = <Value>(name: string, compute: (text: string) => Value): (() => Value) => {
    const column = names.indexOf(name);
    if (column !== -1) return rememberField(fields, column, (raw) => compute(cellText(raw)));
    const missing = compute("");
    return () => missing;
  };
  return {
    of,
    // Not by a memory of texts: amounts hardly ever repeat.
    isThere(name) {
      const column = names.indexOf(name);
      if (column === -1) return () => false;
      return () => {
        const length = (fields.ends[column] ?? 0) - (fields.starts[column] ?? 0);
        return length > 4 || (length > 0 && text(column) !== "");
      };
    },
    text: (name) => of(name, (cell) => cell),
    tag: (name) => of(name, (cell) => tagIn(cell, isKey)),
    day(name) {
      const read = of(name, (cell) => {
        const day = DAY_START.exec(cell)?.[1];
        if (day === undefined) return undefined;
        // One text for all hours of a day.
        const known = days.get(day) ?? day;
        days.set(known, known);
        return known;
      });
      return (accountId) => read() ?? refuse(accountId, name, names.indexOf(name), "a time in UTC");
    },
    amount(name) {
      const column = names.indexOf(name);
      if (column === -1) return () => 0;
      const { starts, ends } = fields;
      return (accountId): Amount => {
        const pico = plainPico(fields.bytes, starts[column] as number, ends[column] as number);
        if (!Number.isNaN(pico)) return pico;
        return decimalOf(text(column)) ?? refuse(accountId, name, column, "an amount");
      };
    },
  };
}

/** Exports write "no value" as nothing or as NULL. */
function cellText(value: string): string {
  return value === "NULL" || value === "null" ? "" : value;
}

function decimalOf(text: string): Amount | undefined {
  try {
    return text === "" ? ZERO : parseDecimal(text);
  } catch {
    return undefined;
  }
}
