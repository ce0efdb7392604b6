import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The month's minimum is billed from its first day.",
  changes: [
    {
      file: "metering/domain/charges/monthly-bounds.ts",
      find: `if (minimum === undefined || !soFar.isOver) return capped;`,
      replace: `if (minimum === undefined) return capped;`,
    },
  ],
};
