import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A takeover doesn't look whether the record has an outcome by now.",
  changes: [
    {
      file: "metering/adapters/memory-ledger.ts",
      find: `      if (!isPending(current)) return undefined;
      const taken = { ...current, owner, takenOver: true };`,
      replace: `      if (current?.kind !== "record") return undefined;
      const { outcome: _, ...open } = current;
      const taken = { ...open, owner, takenOver: true };`,
    },
  ],
};
