import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "DuplicateRecord is taken for our own record, though AWS holds another quantity.",
  changes: [
    {
      file: "metering/domain/settlement.ts",
      find: `      return final({ kind: "duplicate", at });`,
      replace: `      return final({ kind: "accepted", meteringRecordId: "", at });`,
    },
  ],
};
