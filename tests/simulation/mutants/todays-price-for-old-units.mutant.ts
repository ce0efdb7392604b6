import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Units are subtracted, not money: a new price revalues what was billed at the old one.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  const committedBefore = committedThrough(head);
  const slot`,
      replace: `  const newest = head?.kind === "record" ? head.unitPrice : 1n;
  const atPrice = head?.kind === "record" ? input.unitPriceAt(hourOf(now)) : 1n;
  const committedBefore = (committedThrough(head) / newest) * atPrice;
  const slot`,
    },
  ],
};
