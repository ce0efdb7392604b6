import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "An event that is sent again, because its answer was lost, is counted again.",
  changes: [
    {
      file: "metering/adapters/memory-usage.ts",
      find: `      if (holder !== undefined) return holder;
`,
      replace: ``,
    },
    {
      file: "metering/adapters/memory-usage.ts",
      find: `place.set(identityOf(event), event)`,
      replace: `place.set(textOf(identityOf(event), \`\${event.recordedAt}\`), event)`,
    },
  ],
};
