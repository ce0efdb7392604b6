import { createHash } from "node:crypto";
import type { Allocation } from "../domain/allocations.ts";

/** The text that is stored and its SHA-256: field by field, so that no order of keys matters. */
export function hashedText(list: readonly Allocation[]): {
  readonly text: string;
  readonly hash: string;
} {
  const text = JSON.stringify(
    list.map(({ quantity, tags }) => ({
      quantity,
      tags: tags.map(({ key, value }) => ({ key, value })),
    })),
  );
  return { text, hash: createHash("sha256").update(text).digest("hex") };
}
