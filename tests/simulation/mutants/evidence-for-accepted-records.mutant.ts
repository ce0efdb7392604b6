import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Evidence may speak of any record, also of one that AWS has accepted.",
  changes: [
    {
      file: "metering/domain/evidence.ts",
      find: `  if (record.outcome?.kind !== "in-doubt" && record.outcome?.kind !== "duplicate") {`,
      replace: `  if (record.outcome === undefined) {`,
    },
  ],
};
