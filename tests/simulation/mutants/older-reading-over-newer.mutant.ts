import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A slow reading overwrites what a later one has brought.",
  changes: [
    {
      file: "metering/adapters/memory-ledger.ts",
      find: `      if (stored !== undefined && stored.observedAt >= cost.observedAt) return "stale";
`,
      replace: ``,
    },
  ],
};
