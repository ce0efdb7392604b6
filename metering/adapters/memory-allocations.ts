import type { Allocation } from "../domain/allocations.ts";
import type { Allocations } from "../ports.ts";

/** The twin of the DynamoDB adapter, held to the same conformance suite. */
export function memoryAllocations(): Allocations {
  const lists = new Map<string, string>();
  return {
    async put(hash, list) {
      lists.set(hash, JSON.stringify(list));
    },
    async get(hash) {
      const list = lists.get(hash);
      return list === undefined ? undefined : (JSON.parse(list) as Allocation[]);
    },
  };
}
