import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { verifyStatement } from "../../metering/domain/verify-statement.ts";
import {
  STATEMENT_SCHEMA_VERSION,
  statementDocument,
} from "../../registration-site/views/statement-schema.ts";

export type Verdict =
  | { readonly kind: "holds" | "differs"; readonly message: string }
  | { readonly kind: "no-statement"; readonly message: string };

/** Recomputes a statement's JSON. Needs no store, no product and no network. */
export async function verifyFile(path: string, input: NodeJS.ReadableStream): Promise<Verdict> {
  const read = path === "-" ? text(input) : readFile(path, "utf8");
  let content: unknown;
  try {
    content = JSON.parse(await read) as unknown;
  } catch (error) {
    const why = error instanceof SyntaxError ? "it is not JSON" : (error as Error).message;
    return noStatement(path, why);
  }
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== STATEMENT_SCHEMA_VERSION) {
    return noStatement(
      path,
      `its schemaVersion is ${JSON.stringify(version) ?? "missing"}; this program knows ${STATEMENT_SCHEMA_VERSION}`,
    );
  }
  const parsed = statementDocument.safeParse(content);
  if (!parsed.success) return noStatement(path, z.prettifyError(parsed.error));
  const differences = verifyStatement(parsed.data);
  const { licenseArn, month } = parsed.data;
  const name = `The statement of ${month} for ${licenseArn}`;
  if (differences.length === 0) return { kind: "holds", message: `${name} holds.` };
  const lines = differences.map(
    ({ where, stated, recomputed }) => `  ${where}: says ${stated}, comes to ${recomputed}`,
  );
  const count = `${differences.length} difference${differences.length === 1 ? "" : "s"}`;
  return { kind: "differs", message: [`${name} does not hold: ${count}.`, ...lines].join("\n") };
}

function noStatement(path: string, why: string): Verdict {
  return {
    kind: "no-statement",
    message: `${path} is no statement that can be checked: ${why}. Take the JSON file of a statement, as the site or launchmeter statement --format json writes it.`,
  };
}
