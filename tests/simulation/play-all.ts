import { describe, expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const CHUNK = 100;

/** A test for each hundred seeds; the failing seed is in the message. */
export function playAll({ from, seeds }: { from: number; seeds: number }): void {
  const chunks = Array.from({ length: Math.ceil(seeds / CHUNK) }, (_, n) => from + n * CHUNK);
  describe("metering under faults and crashes", () => {
    it.each(chunks)("keeps I1–I7 for the seeds from %i", { timeout: 600_000 }, async (first) => {
      const last = Math.min(first + CHUNK, from + seeds) - 1;
      for (let seed = first; seed <= last; seed++) {
        try {
          await simulate(seed);
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
        }
      }
      expect(last).toBeGreaterThanOrEqual(first);
    });
  });
}
