import type { PlanBook } from "../domain/plan-book.ts";
import type { PlanBookStore } from "../plan-ports.ts";
import type { LedgerTable } from "./dynamo-ledger.ts";
import { revisionedItems } from "./revisioned-items.ts";

/**
 * The plan book of a product, one item beside the chains. A version takes some hundred bytes, so
 * an item's 400 KB hold several hundred changes of prices.
 */
export function dynamoPlanBook(
  { client, tableName }: LedgerTable,
  productCode: string,
): PlanBookStore {
  const items = revisionedItems(client, tableName);
  const key = { pk: `PLANS#${productCode}`, sk: "PLANS" };
  return {
    read: () => items.get<PlanBook>(key),
    update: (change) => items.update<PlanBook>(key, change),
  };
}
