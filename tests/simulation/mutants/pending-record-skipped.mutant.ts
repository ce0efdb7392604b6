import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The next record is sealed although the newest has no outcome yet.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `  if (isPending(head)) return wait("pending-record");
`,
      replace: ``,
    },
    {
      file: "metering/meter-license.ts",
      find: `  const free = chains.filter(({ head }) => !isPending(head));`,
      replace: `  const free = chains;`,
    },
  ],
};
