import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The cost of the day on which the license or its plan began counts whole.",
  changes: [
    {
      file: "metering/domain/counted-cost.ts",
      find: `day.start >= start && day.end <= end`,
      replace: `day.end > start && day.start < end`,
    },
  ],
};
