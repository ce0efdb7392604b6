import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What was found out about a record in doubt is noted, but not counted.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  if (item.kind === "evidence") return item.committedBefore + item.correction;`,
      replace: `  if (item.kind === "evidence") return item.committedBefore;`,
    },
  ],
};
