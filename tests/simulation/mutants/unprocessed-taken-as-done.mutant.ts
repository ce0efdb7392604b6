import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "UnprocessedRecords are not looked at: a call that succeeded means that all of it was taken.",
  changes: [
    {
      file: "metering/domain/settlement.ts",
      find: `    case "unprocessed":
    case "missing":
`,
      replace: `    case "unprocessed":
      return final({ kind: "accepted", meteringRecordId: "", at });
    case "missing":
`,
    },
  ],
};
