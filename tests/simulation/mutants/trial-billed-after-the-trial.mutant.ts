import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What the free trial came to and was not metered in it is billed when it is over.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  return { ratedTotal: rated.usd + trialCommitted, trialCommitted };`,
      replace: `  return { ratedTotal: rated.usd + rated.trialUsd, trialCommitted };`,
    },
  ],
};
