import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A stale read shows a settled record as pending: it is sent again after its refusal.",
  changes: [
    {
      file: "metering/meter-license.ts",
      find: `  return isPending(item) && item.owner === deps.owner ? item : undefined;`,
      replace: `  return item === undefined ? undefined : head;`,
    },
  ],
};
