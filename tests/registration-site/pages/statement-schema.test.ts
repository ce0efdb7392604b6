import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import {
  PACKAGED_SCHEMA,
  statementDocument,
  statementJsonSchema,
  toStatementDocument,
} from "../../../registration-site/views/statement-schema.ts";
import { endedTrialSale, mixedSale, troubledSale } from "../../metering/statement-cases.ts";
import { aStatement, aTroubledStatement } from "./samples.ts";
import { aSite } from "./site.ts";

const PACKAGED = resolve("metering/schema/statement-v1.schema.json");

const REAL = [
  aStatement(),
  aTroubledStatement(),
  ...[mixedSale(), troubledSale(), endedTrialSale()].flatMap(({ months, statement }) =>
    months.map(statement),
  ),
];

it("comes with the package, and is what the program checks by", async () => {
  const schema = `${JSON.stringify(statementJsonSchema(PACKAGED_SCHEMA), null, 2)}\n`;
  if (process.env["UPDATE_SCHEMA"] === "1") await writeFile(PACKAGED, schema);

  // A field that went away or means something else needs another version, and another file.
  expect(JSON.parse(await readFile(PACKAGED, "utf8"))).toEqual(JSON.parse(schema));
});

it("is exported under the name that statements carry", async () => {
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as {
    exports: Record<string, string>;
  };

  expect(manifest.exports[PACKAGED_SCHEMA.replace("launchmeter", ".")]).toBe(
    "./metering/schema/statement-v1.schema.json",
  );
});

it.each(REAL.map((statement, index) => [`${statement.month} (${index})`, statement] as const))(
  "describes the real statement of %s, and every field of it",
  async (_, statement) => {
    const published = z.fromJSONSchema(
      JSON.parse(await readFile(PACKAGED, "utf8")) as z.core.JSONSchema.JSONSchema,
    );
    const document = JSON.parse(
      JSON.stringify(toStatementDocument(statement, PACKAGED_SCHEMA)),
    ) as unknown;

    expect(published.safeParse(document).error).toBeUndefined();
    // Zod drops what a schema doesn't know: nothing may be missing from it.
    expect(statementDocument.parse(document)).toEqual(document);
  },
);

it("is served at its stable address to whoever asks", async () => {
  const response = await aSite().app.request("/schemas/statement-v1.json");

  expect(response.status).toBe(200);
  expect(((await response.json()) as { $id: string }).$id).toMatch(
    /^https:.*\/schemas\/statement-v1\.json$/,
  );
});
