import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A late event adds the whole segment's sum to the one before.",
  changes: [
    {
      file: "metering/roll-up-usage.ts",
      find: `    const quantity = await total(store.events({ ...of, hour, segment }));
    if (quantity === before?.quantity) continue;`,
      replace: `    const all = parseDecimal(await total(store.events({ ...of, hour, segment })));
    const quantity = decimalText(sumDecimals([all, parseDecimal(before?.quantity ?? "0")]));`,
    },
  ],
};
