import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Records are stamped at half past, which may be after the end of the license.",
  changes: [
    {
      file: "metering/domain/window.ts",
      find: `return openSlot({ hour: beforeEnd, stamp: beforeEnd }, endedAt, now);`,
      replace: `return openSlot({ hour: beforeEnd, stamp: beforeEnd + HOUR / 2 }, endedAt, now);`,
    },
    {
      file: "metering/domain/window.ts",
      find: `return usable ? openSlot({ hour: endHour, stamp: endHour }, endedAt, now) : undefined;`,
      replace: `return usable ? openSlot({ hour: endHour, stamp: endHour + HOUR / 2 }, endedAt, now) : undefined;`,
    },
  ],
};
