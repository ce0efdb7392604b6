import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A record taken over from another worker counts as never sent.",
  changes: [
    {
      file: "metering/send-records.ts",
      find: `const possiblySent = item.takenOver || deps.possiblySent.has(recordText(record));`,
      replace: `const possiblySent = deps.possiblySent.has(recordText(record));`,
    },
  ],
};
