import * as z from "zod";
import { matching, object, oneOf, region, text } from "./schema-words.ts";

const athenaName = (what: string) =>
  matching(`the name of ${what}: letters, digits and _`, /^[A-Za-z0-9_]{1,255}$/);

/** The account's id may stand in the prefix, never in the bucket's name. */
const exportLocation = text(
  `a folder, or "s3://bucket/prefix" with the export's own folder; {accountId} may stand in the prefix`,
  (value) =>
    /^s3:/i.test(value)
      ? /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/(?:[^{}]|\{accountId\})*)?$/.test(value)
      : value.trim() !== "" && !/^[a-z]+:\/\//i.test(value),
);

export const costSourceSchema = z.discriminatedUnion(
  "kind",
  [
    object({ kind: z.literal("cost-explorer") }),
    object({
      kind: z.literal("data-export"),
      location: exportLocation,
      region: region.optional(),
    }),
    object({
      kind: z.literal("athena"),
      database: athenaName("a database in Athena"),
      table: athenaName("a table in Athena"),
      format: oneOf(["focus-1.0", "focus-1.2", "cur-2.0"]),
      workGroup: matching("the name of a work group of Athena", /^[a-zA-Z0-9._-]{1,128}$/),
      region,
    }),
  ],
  { error: "a source made by costExplorer(), dataExport({ … }) or athena({ … })" },
);
