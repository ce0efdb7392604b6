import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The public price is sealed for a license whose offer has its own.",
  changes: [
    {
      file: "metering/domain/prices.ts",
      find: `    stepAt(offer?.prices ?? [], dimension, stamp) ?? stepAt(prices.dimensions, dimension, stamp);`,
      replace: `    stepAt(prices.dimensions, dimension, stamp) ?? stepAt(offer?.prices ?? [], dimension, stamp);`,
    },
  ],
};
