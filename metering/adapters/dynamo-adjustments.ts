import type { Adjustments } from "../plan-ports.ts";
import type { KeptAdjustment } from "../domain/adjustment.ts";
import type { LedgerTable } from "./dynamo-ledger.ts";
import { revisionedItems } from "./revisioned-items.ts";

/** Beside the chains: `ADJUSTMENTS#<licenseId>`, one item for each request, by its token. */
export function dynamoAdjustments({ client, tableName }: LedgerTable): Adjustments {
  const items = revisionedItems(client, tableName);
  const pk = (licenseId: string) => `ADJUSTMENTS#${licenseId}`;
  return {
    async of(licenseId) {
      const kept: KeptAdjustment[] = [];
      for await (const one of items.list<KeptAdjustment>(pk(licenseId), "")) kept.push(one);
      return kept;
    },
    update: ({ licenseId, clientToken }, change) =>
      items.update<KeptAdjustment>({ pk: pk(licenseId), sk: clientToken }, change),
  };
}
