import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A changed plan reprices months that were used under the old one.",
  changes: [
    {
      file: "metering/domain/terms.ts",
      find: `    plan,
    period: { start: index === 0`,
      replace: `    plan: known.at(-1)?.plan ?? plan,
    period: { start: index === 0`,
    },
  ],
};
