import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Only the current month is read again: what AWS corrects in the last one is never seen.",
  changes: [
    {
      file: "metering/domain/open-months.ts",
      find: `return new Date(now).getUTCDate() <= LAST_CHANGING_DAY ? previousMonth(current) : current;`,
      replace: `return new Date(now).getUTCDate() <= 0 ? previousMonth(current) : current;`,
    },
  ],
};
