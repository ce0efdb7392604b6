import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "More units than 32 bits hold are put into one record.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  return units > BigInt(MAX_QUANTITY) ? MAX_QUANTITY : Number(units);`,
      replace: `  return Number(BigInt.asIntN(32, units)) & 0x7fffffff;`,
    },
  ],
};
