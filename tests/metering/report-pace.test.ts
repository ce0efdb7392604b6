import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPacer } from "../../metering/adapters/pacer.ts";
import { backOffMs } from "../../metering/domain/pace.ts";

/** A pacer whose sleep is written down. */
function aPacer(options: { random?: number } = {}) {
  let now = 1_000;
  const slept: number[] = [];
  const pacer = createPacer({
    monotonicNow: () => now,
    sleep: async (ms) => void slept.push(ms),
    random: () => options.random ?? 1,
  });
  return { pacer, slept, advance: (ms: number) => void (now += ms) };
}

describe("the pace of a region", () => {
  it("stays below AWS's 10 calls in every second, however many ask at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { minLength: 30, maxLength: 60 }), async (gaps) => {
        const { pacer, slept, advance } = aPacer();
        const starts: number[] = [];
        let now = 1_000;
        for (const gap of gaps) {
          slept.length = 0;
          await pacer.pace("us-east-1");
          starts.push(now + (slept[0] ?? 0));
          advance(gap);
          now += gap;
        }

        for (const start of starts) {
          const within = starts.filter((each) => each >= start && each < start + 1_000);
          expect(within.length).toBeLessThan(10);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("makes nobody wait who comes late enough", async () => {
    const { pacer, slept, advance } = aPacer();
    await pacer.pace("us-east-1");
    advance(125);
    await pacer.pace("us-east-1");

    expect(slept).toEqual([]);
  });

  it("is each region's own: AWS counts them apart", async () => {
    const { pacer, slept } = aPacer();
    for (const region of ["us-east-1", "eu-west-1", "us-east-1"]) await pacer.pace(region);

    expect(slept).toEqual([125]);
  });
});

describe("the back-off", () => {
  it("doubles its bound with each round, up to 20 seconds", async () => {
    const { pacer, slept } = aPacer();
    for (const round of [1, 2, 3, 7, 60]) await pacer.pause(round);

    expect(slept).toEqual([500, 1_000, 2_000, 20_000, 20_000]);
  });

  it("is anything below the bound, so that those who were throttled together part", () => {
    expect([0, 0.25, 0.5].map((draw) => backOffMs(1, draw))).toEqual([0, 125, 250]);
  });
});
