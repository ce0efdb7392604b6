import { NEVER_PASSED, type PassState } from "../domain/pass-state.ts";
import type { Passes } from "../ports.ts";
import type { LedgerTable } from "./dynamo-ledger.ts";
import { revisionedItems } from "./revisioned-items.ts";

/** One item for each shard, beside the chains. */
export function dynamoPasses({ client, tableName }: LedgerTable): Passes {
  const items = revisionedItems(client, tableName);
  return {
    async update(shard, change) {
      const key = { pk: `PASS#${shard}`, sk: "STATE" };
      const stored = await items.update<PassState>(key, (state) => change(state ?? NEVER_PASSED));
      return stored ?? NEVER_PASSED;
    },
  };
}
