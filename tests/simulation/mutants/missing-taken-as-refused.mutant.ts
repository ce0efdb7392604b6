import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A record that the answer doesn't mention is taken for refused.",
  changes: [
    {
      file: "metering/domain/settlement.ts",
      find: `    case "unprocessed":
    case "missing":
`,
      replace: `    case "missing":
      return final({ kind: "refused", reason: "not mentioned", at });
    case "unprocessed":
`,
    },
  ],
};
