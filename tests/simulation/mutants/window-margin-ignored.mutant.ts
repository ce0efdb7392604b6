import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A record is sent until the last millisecond of its window, and arrives late.",
  changes: [
    {
      file: "metering/domain/window.ts",
      find: `return now < closesAt(stamp, endedAt) - WINDOW_MARGIN_MS;`,
      replace: `return now < closesAt(stamp, endedAt);`,
    },
  ],
};
