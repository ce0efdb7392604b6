import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "The final run stamps the hour in which it runs, not the one in which the license ended.",
  changes: [
    {
      file: "metering/domain/window.ts",
      find: `  const endHour = hourOf(ending);`,
      replace: `  const endHour = hourOf(now);`,
    },
  ],
};
