import { describe, expect, it } from "vitest";
import { simulate } from "./simulate.ts";

/**
 * Goal: the ledger keeps its promises (design 6, I1–I7) whatever happens between any two effects.
 *
 * Method: each seed tells a story of about a week around a month's end (plan, cost restated up and
 * down, outages, suspension, the license's end), then one or two workers meter it against AWS's
 * rules while answers get lost, calls fail, reads are stale, and workers stall and die.
 * `SEEDS` and `FROM` choose others: `SEEDS=10000 FROM=1 npx vitest run tests/simulation`.
 */
const SEEDS = Number(process.env["SEEDS"] ?? 600);
const FROM = Number(process.env["FROM"] ?? 1);
const CHUNK = 100;

describe("metering under faults and crashes", () => {
  const chunks = Array.from({ length: Math.ceil(SEEDS / CHUNK) }, (_, n) => FROM + n * CHUNK);
  it.each(chunks)("keeps I1–I7 for the seeds from %i", { timeout: 600_000 }, async (first) => {
    const last = Math.min(first + CHUNK, FROM + SEEDS) - 1;
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
