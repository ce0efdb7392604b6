import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What is left below a whole unit is forgotten with every record instead of carried.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  return item.committedBefore + (isCommitted(item.outcome) ? amountOf(item) : 0n);`,
      replace: `  return isCommitted(item.outcome) ? item.ratedTotal : item.committedBefore;`,
    },
  ],
};
