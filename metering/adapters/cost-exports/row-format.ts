import type { Day } from "../../domain/calendar.ts";
import { type Decimal, parseDecimal, ZERO } from "../../domain/money.ts";
import type { CostRow } from "./cost-totals.ts";
import { remember } from "./remember.ts";

/** How to read one of AWS's tables: which columns, and what a row counts as. */
export interface RowFormat {
  readonly title: string;
  /** Without these it is not this table. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Any of these holds tags. */
  readonly tags: readonly string[];
  /**
   * What the row counts as; undefined for another cloud's row. `text` answers a column's text,
   * empty when the column or its value is missing. Throws a RowRefused for a row that it can't
   * understand.
   */
  read(text: (column: string) => string): CostRow | undefined;
}

/** One row that can't be understood; whose it is, is known. */
export class RowRefused extends Error {
  readonly accountId: string;
  constructor(accountId: string, message: string) {
    super(message);
    this.accountId = accountId;
  }
}

/** What the readers of all formats share; one for each file, so that its memory ends with it. */
export interface CellReaders {
  amount(accountId: string, column: string, text: string): Decimal;
  day(accountId: string, column: string, text: string): Day;
  /** The cost tag's value in a JSON object of tags; empty when it is not among them. */
  tag(tags: string): string;
}

/** Start of a charge period, in UTC: `2026-03-01 22:00:00`, `2026-03-01T22:00:00.000Z`. */
const DAY_START =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z| ?UTC|\+00:?00)?)?$/;

const PLAIN = /^\d{1,12}\.\d{1,24}$/;

export function cellReaders(costTagKey: string): CellReaders {
  // Amounts hardly ever repeat, and nearly all are plain.
  const decimal = (text: string) => {
    if (PLAIN.test(text)) {
      const point = text.indexOf(".");
      const digits = BigInt(text.slice(0, point) + text.slice(point + 1));
      return { digits, scale: text.length - point - 1 };
    }
    return tried(() => (text === "" ? ZERO : parseDecimal(text)));
  };
  const day = remember((text) => DAY_START.exec(text)?.[1] ?? REFUSED);
  const isKey = tagKeyTest(costTagKey);
  const tag = remember((text) => tagIn(text, isKey));
  const refuse = (accountId: string, column: string, text: string, what: string): never => {
    const shown = JSON.stringify(text.slice(0, 60));
    throw new RowRefused(accountId, `${column} is ${shown}, which is not ${what}`);
  };
  return {
    amount(accountId, column, text) {
      const value = decimal(text);
      return value === REFUSED ? refuse(accountId, column, text, "an amount") : value;
    },
    day(accountId, column, text) {
      const value = day(text);
      return value === REFUSED ? refuse(accountId, column, text, "a time in UTC") : value;
    },
    tag: (text) => (text === "" || text === "{}" ? "" : tag(text)),
  };
}

const REFUSED = Symbol("refused");

function tried<Value>(read: () => Value): Value | typeof REFUSED {
  try {
    return read();
  } catch {
    return REFUSED;
  }
}

/**
 * AWS writes one tag key in several ways: as it is, with its kind before it (`user:`, CUR's
 * `resourceTags/user:`), and made into a column name (`user_launchmeter_deployment`). An account's
 * own tag (`accountTag/`) is another tag. Real keys come with stray spaces.
 */
function tagKeyTest(costTagKey: string): (key: string) => boolean {
  const names = new Set([costTagKey, curTagKey(costTagKey)]);
  return (key) => names.has(key.trim().replace(/^(?:resourceTags\/)?(?:user:)?/, ""));
}

/** A user's tag key as CUR's `resource_tags` has it: `CostCenter` is `user_cost_center`. */
export function curTagKey(key: string): string {
  const column = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
  return `user_${column}`;
}

/** JSON text; anything else carries no tag. */
function tagIn(text: string, isKey: (key: string) => boolean): string {
  const tags = tried(() => JSON.parse(text) as unknown);
  if (typeof tags !== "object" || tags === null) return "";
  const found = Object.entries(tags).find(([key]) => isKey(key))?.[1] as unknown;
  return typeof found === "string" ? found.trim() : "";
}
