import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A call without an answer is taken for a call that went through.",
  changes: [
    {
      file: "metering/send-records.ts",
      find: `    case "busy":
    case "unanswered":
      return { kind: "no-answer", again: open };`,
      replace: `    case "unanswered":
      return settleAnswers(deps, open, open.map(() => ({ kind: "accepted", meteringRecordId: "" })));
    case "busy":
      return { kind: "no-answer", again: open };`,
    },
  ],
};
