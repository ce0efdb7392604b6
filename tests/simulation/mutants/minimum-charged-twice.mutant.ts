import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The month's minimum is added to what the charge comes to, instead of filling it up.",
  changes: [
    {
      file: "metering/domain/charges/monthly-bounds.ts",
      find: `return maxUsd(capped, daysShare(minimum, run, soFar));`,
      replace: `return capped + daysShare(minimum, run, soFar);`,
    },
  ],
};
