import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A record of zero takes the hour of the end, which the last reading needs.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  return zeroRecords && (ending === undefined || slot.hour < hourOf(ending));`,
      replace: `  return zeroRecords && (ending === undefined || slot.hour <= hourOf(ending));`,
    },
  ],
};
