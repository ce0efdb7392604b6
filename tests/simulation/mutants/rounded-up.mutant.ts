import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A started unit is billed as a whole one.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `const units = floorDivide(owed, unitPrice);`,
      replace: `const units = -floorDivide(-owed, unitPrice);`,
    },
  ],
};
