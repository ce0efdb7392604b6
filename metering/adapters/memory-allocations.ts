import type { Allocation } from "../domain/allocations.ts";
import type { Allocations } from "../ports.ts";
import { hashedText } from "./allocation-hash.ts";

/** The twin of the DynamoDB adapter, held to the same conformance suite. */
export function memoryAllocations(): Allocations {
  const lists = new Map<string, string>();
  return {
    async put(list) {
      const { hash, text } = hashedText(list);
      lists.set(hash, text);
      return hash;
    },
    async get(hash) {
      const list = lists.get(hash);
      return list === undefined ? undefined : (JSON.parse(list) as Allocation[]);
    },
  };
}
