import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The last completed hour is stamped although the license ended before it.",
  changes: [
    {
      file: "metering/domain/window.ts",
      find: `const beforeEnd = endedAt === undefined ? completed : Math.min(completed, hourOf(endedAt) - HOUR);`,
      replace: `const beforeEnd = completed;`,
    },
  ],
};
