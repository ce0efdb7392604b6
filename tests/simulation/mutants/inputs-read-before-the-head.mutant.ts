import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "Figures are read first and the chain's newest item after them: older figures bill over newer ones.",
  changes: [
    {
      file: "metering/meter-license.ts",
      find: `        const next = nextRecord({
          head,`,
      replace: `        const next = nextRecord({
          head: await deps.ledger.head(key),`,
    },
  ],
};
