import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What expired is counted as billed: the money is silently lost.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `(outcome.kind !== "expired" && outcome.kind !== "refused")`,
      replace: `outcome.kind !== "refused"`,
    },
  ],
};
