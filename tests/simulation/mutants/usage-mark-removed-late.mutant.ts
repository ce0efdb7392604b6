import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A mark is taken away although an event came after it was read.",
  changes: [
    {
      file: "metering/adapters/memory-usage.ts",
      find: `if (marks.get(keyOf(mark))?.token === mark.token) marks.delete(keyOf(mark));`,
      replace: `marks.delete(keyOf(mark));`,
    },
  ],
};
