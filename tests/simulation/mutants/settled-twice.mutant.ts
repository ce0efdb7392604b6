import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A settlement doesn't look whether the record has an outcome already.",
  changes: [
    {
      file: "metering/adapters/memory-ledger.ts",
      find: `if (!isPending(current) || current.owner !== item.owner) return "lost";`,
      replace: `if (current?.kind !== "record" || current.owner !== item.owner) return "lost";`,
    },
  ],
};
