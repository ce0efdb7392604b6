import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "A second finding about the same record is counted from the record, not from the first finding.",
  changes: [
    {
      file: "metering/domain/evidence.ts",
      find: `const before = known?.billed ?? record.quantity;`,
      replace: `const before = record.quantity;`,
    },
  ],
};
