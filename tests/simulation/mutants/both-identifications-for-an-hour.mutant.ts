import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "How a record is identified is looked up when it is sent again, not sealed with it.",
  changes: [
    {
      file: "metering/meter-license.ts",
      find: `    if (item !== undefined) toSend.push({ license, key, item });`,
      replace: `    const by = identifiedBy(license, deps.clock.now());
    if (item !== undefined) toSend.push({ license, key, item: { ...item, identifiedBy: by } });`,
    },
  ],
};
