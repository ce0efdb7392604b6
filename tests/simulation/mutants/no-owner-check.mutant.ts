import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Whoever comes first settles a record, also a worker it was taken away from.",
  changes: [
    {
      file: "metering/adapters/memory-ledger.ts",
      find: `if (!isPending(current) || current.owner !== item.owner) return "lost";`,
      replace: `if (!isPending(current)) return "lost";`,
    },
  ],
};
