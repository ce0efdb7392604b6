import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The record is marked accepted, then sent: a crash in between loses it.",
  changes: [
    {
      file: "metering/send-records.ts",
      find: `  const attempt = await attemptCall(deps, first.license.meteringRegion, open);`,
      replace: `  const done = { kind: "accepted", meteringRecordId: "", at: now(deps) } as const;
  await all(open.map((record) => settle(deps, record, done)));
  const attempt = await attemptCall(deps, first.license.meteringRegion, open);`,
    },
  ],
};
