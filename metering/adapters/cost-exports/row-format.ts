import type { Day } from "../../domain/calendar.ts";
import type { Amount } from "./amounts.ts";
import type { CostRow } from "./cost-row.ts";

/** How to read one of AWS's tables: which columns, and what a row counts as. */
export interface RowFormat {
  readonly title: string;
  /** Without these it is not this table. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Any of these holds tags. */
  readonly tags: readonly string[];
  /**
   * Makes the function that says what the current row counts as: undefined for another cloud's. It
   * throws a RowRefused for a row that it can't understand.
   */
  reader(cells: Cells): () => CostRow | undefined;
}

/**
 * The cells of the current row, by column. What reads a cell is made once for each file, so that
 * nothing is looked up by name in each row; a column that the file lacks is empty in every row.
 */
export interface Cells {
  /** Empty when the row has no value. */
  text(column: string): () => string;
  /** Whether the row has a value there. */
  isThere(column: string): () => boolean;
  /** Nothing when the row has no value; whose row it is, is for the refusal. */
  amount(column: string): (accountId: string) => Amount;
  day(column: string): (accountId: string) => Day;
  /** The cost tag's value in a JSON object of tags; empty when it is not among them. */
  tag(column: string): () => string;
  /** What is made of a text, computed once for each different one. */
  of<Value>(column: string, compute: (text: string) => Value): () => Value;
}

/** One row that can't be understood; whose it is, is known. */
export class RowRefused extends Error {
  readonly accountId: string;
  constructor(accountId: string, message: string) {
    super(message);
    this.accountId = accountId;
  }
}
