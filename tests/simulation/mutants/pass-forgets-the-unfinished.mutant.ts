import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A pass notes that it is done, and not what it had to leave.",
  changes: [
    {
      file: "metering/domain/pass-state.ts",
      find: `  return { doneThrough, unfinished: open, running };`,
      replace: `  return { doneThrough, unfinished: [], running };`,
    },
  ],
};
