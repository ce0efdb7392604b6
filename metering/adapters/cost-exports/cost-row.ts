import type { CostCategory } from "../../domain/charges.ts";
import type { Day } from "../../domain/calendar.ts";
import type { Amount } from "./amounts.ts";

export type Category = CostCategory | "Usage";

export const CATEGORIES = [
  "Usage",
  "Tax",
  "Credit",
  "Refund",
  "Marketplace",
] as const satisfies readonly Category[];

/** What one row of an export counts as. */
export interface CostRow {
  readonly accountId: string;
  /** Value of the cost tag; empty when the row doesn't carry it. */
  readonly tag: string;
  readonly day: Day;
  readonly category: Category;
  readonly currency: string;
  readonly billed: Amount;
  readonly effective: Amount;
  /** It stands on an invoice: it changes no more. */
  readonly isFinal: boolean;
}
