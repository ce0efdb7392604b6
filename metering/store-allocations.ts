import { createHash } from "node:crypto";
import type { Allocation } from "./domain/allocations.ts";
import type { Allocations } from "./ports.ts";

/**
 * Stores how a record's units are split and answers the hash to seal with it; undefined when there
 * is nothing to split. Before the seal: a sealed record must never name a list that isn't there.
 *
 * The list is stored apart, so that the record stays within one write unit (design 7).
 */
export async function storeAllocations(
  deps: { readonly allocations: Pick<Allocations, "put"> },
  list: readonly Allocation[],
): Promise<string | undefined> {
  if (list.length === 0) return undefined;
  const hash = hashOf(list);
  await deps.allocations.put(hash, list);
  return hash;
}

/** SHA-256 of the list's JSON, whose order and fields `allocate` fixes. */
export function hashOf(list: readonly Allocation[]): string {
  return createHash("sha256").update(allocationsText(list)).digest("hex");
}

/** What is hashed, field by field, so that it hangs on nobody's order of keys. */
function allocationsText(list: readonly Allocation[]): string {
  return JSON.stringify(
    list.map(({ quantity, tags }) => ({
      quantity,
      tags: tags.map(({ key, value }) => ({ key, value })),
    })),
  );
}
