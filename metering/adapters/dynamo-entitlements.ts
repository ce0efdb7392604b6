import { type EntitlementState, periodsOf } from "../domain/entitlement-state.ts";
import type { EntitlementStore } from "../plan-ports.ts";
import type { LedgerTable } from "./dynamo-ledger.ts";
import { revisionedItems } from "./revisioned-items.ts";

/** What licenses are entitled to, one item for each license, beside the chains. */
export function dynamoEntitlements({ client, tableName }: LedgerTable): EntitlementStore {
  const items = revisionedItems(client, tableName);
  const key = (licenseId: string) => ({ pk: `ENTITLEMENTS#${licenseId}`, sk: "ENTITLEMENTS" });
  const state = (licenseId: string) => items.get<EntitlementState>(key(licenseId));
  return {
    state,
    periods: async (licenseId) => periodsOf(await state(licenseId)),
    update: (licenseId, change) => items.update<EntitlementState>(key(licenseId), change),
  };
}
