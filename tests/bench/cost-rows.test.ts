import { expect, it } from "vitest";
import { benchCostRows } from "./cost-rows.ts";

it("reads rows of cost at flat memory, and measures the machine's ceiling beside it", async () => {
  const figures = await benchCostRows({ rows: 100_000, rounds: 1 });

  expect(figures.costRowsPerSecond).toBeGreaterThan(0);
  expect(figures.costRowsRatio).toBeGreaterThan(0);
  // The file is 70 MB of text.
  expect(figures.costRowsPeakMegabytesAboveBaseline).toBeLessThan(150);
});
