import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Allocation } from "../domain/allocations.ts";
import type { Allocations } from "../ports.ts";
import { hashedText } from "./allocation-hash.ts";
import type { LedgerTable } from "./dynamo-ledger.ts";

/**
 * Usage allocations in the ledger's table: `pk` = `ALLOCATIONS#<SHA-256>`, `sk` = `LIST`, and the
 * list as one text, so that what is read is to the byte what was hashed. At most 280 kB of the
 * 400 kB that an item may have (`MAX_ALLOCATION_BYTES`).
 */
export function dynamoAllocations({ client, tableName }: LedgerTable): Allocations {
  const keyOf = (hash: string) => ({ pk: `ALLOCATIONS#${hash}`, sk: "LIST" });
  return {
    async put(list) {
      const { hash, text } = hashedText(list);
      // No condition: the same hash is the same list, whoever writes it.
      const item = { ...keyOf(hash), list: text };
      await client.send(new PutCommand({ TableName: tableName, Item: item }));
      return hash;
    },
    async get(hash) {
      const found = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(hash), ConsistentRead: true }),
      );
      const list = found.Item?.["list"] as string | undefined;
      return list === undefined ? undefined : (JSON.parse(list) as Allocation[]);
    },
  };
}
