import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "A refusal is taken as proof that nothing was billed, though an earlier attempt went unanswered.",
  changes: [
    {
      file: "metering/domain/settlement.ts",
      find: `    ? { kind: "in-doubt", reason: \`\${reason} after an unanswered attempt\`, at }`,
      replace: `    ? { kind: "refused", reason, at }`,
    },
  ],
};
