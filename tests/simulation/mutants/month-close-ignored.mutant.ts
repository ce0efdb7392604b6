import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Only the 24 hours are known, not that last month closes at 06:00 on the 1st.",
  changes: [
    {
      file: "metering/domain/window.ts",
      find: `const monthClose = monthPeriod(monthOf(stamp)).end + MONTH_CLOSE_MS;`,
      replace: `const monthClose = Infinity;`,
    },
  ],
};
