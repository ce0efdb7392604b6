import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "When the window is over, a record that may have been taken counts as never sent.",
  changes: [
    {
      file: "metering/domain/settlement.ts",
      find: `  return possiblySent
    ? { kind: "in-doubt", reason: "the window closed before AWS gave a definite answer", at }
    : { kind: "expired", at };`,
      replace: `  return possiblySent && at < 0 ? { kind: "in-doubt", reason: "", at } : { kind: "expired", at };`,
    },
  ],
};
