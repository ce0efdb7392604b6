import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "A refused call is taken for a refusal of each of its records.",
  changes: [
    {
      file: "metering/send-records.ts",
      find: `      if (open.length > 1) return { kind: "refused", records: open };
      return conclude`,
      replace: `      for (const record of open.slice(1)) {
        await conclude(deps, record, settleRejection(inFlight(deps, record), attempt, now(deps)));
      }
      return conclude`,
    },
  ],
};
