import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "The timestamp is made when the record is sent, not when it is sealed: a resend lands in another hour.",
  changes: [
    {
      file: "metering/send-records.ts",
      find: `{ gateway, possiblySent }: SendDeps,`,
      replace: `{ gateway, possiblySent, clock }: SendDeps,`,
    },
    {
      file: "metering/send-records.ts",
      find: `const attempt = await gateway.send({ region, records });`,
      replace: `const stamp = Math.floor(clock.now() / 3_600_000) * 3_600_000;
  const restamped = records.map((record) => ({ ...record, item: { ...record.item, stamp } }));
  const attempt = await gateway.send({ region, records: restamped });`,
    },
  ],
};
