import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The hour in which the license was activated is stamped at its start.",
  changes: [
    {
      file: "metering/domain/window.ts",
      find: `const firstHour = Math.ceil(activatedAt / HOUR) * HOUR;`,
      replace: `const firstHour = Math.floor(activatedAt / HOUR) * HOUR;`,
    },
  ],
};
