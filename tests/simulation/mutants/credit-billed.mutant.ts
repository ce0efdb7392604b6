import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A cost that AWS restated downward is billed as if it had risen: the sign is lost.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  if (units <= 0n) return 0;`,
      replace: `  if (units < 0n) return quantityFor(-owed, unitPrice);`,
    },
  ],
};
