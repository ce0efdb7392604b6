import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A month that is closed is added again to the closed ones.",
  changes: [
    {
      file: "metering/domain/rated-money.ts",
      find: `return closed === undefined ? undefined : nextMonth(closed.through);`,
      replace: `return closed?.through;`,
    },
    {
      file: "metering/domain/rated-money.ts",
      find: `month > (closed?.through ?? "")`,
      replace: `month >= (closed?.through ?? "")`,
    },
  ],
};
