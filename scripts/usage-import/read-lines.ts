import { parse } from "csv-parse";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** One event of a file, as JSON would have made it, or why it can't be read. */
export type ImportLine =
  | {
      readonly kind: "event";
      readonly line: number;
      readonly event: unknown;
      readonly license?: string;
    }
  | { readonly kind: "unreadable"; readonly line: number; readonly message: string };

/** Longer ones are no usage events. */
const LONGEST_LINE = 64 * 1024;
const REQUIRED = ["id", "time", "meter", "quantity"] as const;
/** For a file that names no source of its own. */
const IMPORT_SOURCE = "urn:launchmeter:import";

/** The file, or standard input for `-`, in pieces as they are asked for. */
export async function openInput(file: string, stdin: Readable): Promise<Readable> {
  if (file === "-") return stdin;
  try {
    const handle = await open(file);
    // A pipe is as good as a file.
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
  } catch (error) {
    throw new Error(`${file} can't be read: ${(error as Error).message}.`, { cause: error });
  }
  throw new Error(`${file} is a folder. Name a file, or - for standard input.`);
}

/** CSV with a header, or JSON lines: the first character tells. Nothing is kept in memory. */
export async function* readLines(input: Readable): AsyncIterable<ImportLine> {
  const { first, rest } = await peek(input);
  if (first === undefined) return;
  yield* first === "{" ? jsonLines(rest) : csvLines(rest);
}

/** The first character that says something, and the whole input again. */
async function peek(input: Readable): Promise<{ first: string | undefined; rest: Readable }> {
  const chunks = (input as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  for (;;) {
    const next = await chunks.next();
    const done = next.done === true;
    if (next.done !== true) seen.push(next.value);
    const text = Buffer.concat(seen)
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart();
    if (text === "" && !done) continue;
    const rest = Readable.from(
      (async function* () {
        yield Buffer.concat(seen);
        for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
          yield next.value;
        }
      })(),
    );
    return { first: text[0], rest };
  }
}

async function* jsonLines(input: Readable): AsyncIterable<ImportLine> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    const stripped = line === 1 ? text.replace(/^\uFEFF/, "") : text;
    if (stripped.trim() === "") continue;
    yield jsonLine(line, stripped);
  }
}

function jsonLine(line: number, text: string): ImportLine {
  if (text.length > LONGEST_LINE) {
    return { kind: "unreadable", line, message: `it is longer than ${LONGEST_LINE} characters.` };
  }
  try {
    const event = JSON.parse(text) as unknown;
    const license = (event as { license?: unknown } | null)?.license;
    return { kind: "event", line, event, ...(typeof license === "string" ? { license } : {}) };
  } catch {
    return { kind: "unreadable", line, message: "it is not JSON: one CloudEvent was expected." };
  }
}

async function* csvLines(input: Readable): AsyncIterable<ImportLine> {
  const unreadable: ImportLine[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: LONGEST_LINE,
    on_skip: (error) => {
      const line = typeof error?.["lines"] === "number" ? error["lines"] : 0;
      const message = `it is not CSV (${error?.message ?? "unknown"}).`;
      unreadable.push({ kind: "unreadable", line, message });
      return undefined;
    },
  });
  input.once("error", (error) => parser.destroy(error));
  let header: readonly string[] | undefined;
  for await (const { record, info } of input.pipe(parser) as AsyncIterable<{
    record: readonly string[];
    info: { lines: number };
  }>) {
    yield* unreadable.splice(0);
    if (header === undefined) header = checkedHeader(record);
    else yield csvLine(info.lines, header, record);
  }
  yield* unreadable.splice(0);
}

function checkedHeader(record: readonly string[]): readonly string[] {
  const header = record.map((name) => name.trim().toLowerCase());
  const missing = REQUIRED.filter((name) => !header.includes(name));
  if (missing.length === 0) return header;
  throw new Error(
    `The first line is ${JSON.stringify(record.join(",").slice(0, 200))}: it has to name the columns ${REQUIRED.join(", ")}, and may name source and license. ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing. A file of CloudEvents has one JSON object on each line.`,
  );
}

/** A row becomes the CloudEvent that it stands for, and is judged as one. */
function csvLine(line: number, header: readonly string[], record: readonly string[]): ImportLine {
  if (record.length !== header.length) {
    const message = `it has ${record.length} columns, the first line ${header.length}.`;
    return { kind: "unreadable", line, message };
  }
  const cell = (name: string) => {
    const text = record[header.indexOf(name)]?.trim();
    return text === undefined || text === "" ? undefined : text;
  };
  const license = cell("license");
  const event = {
    specversion: "1.0",
    id: cell("id"),
    source: cell("source") ?? IMPORT_SOURCE,
    type: `import.usage.${cell("meter") ?? ""}`,
    time: cell("time"),
    data: { quantity: cell("quantity") },
  };
  return { kind: "event", line, event, ...(license === undefined ? {} : { license }) };
}
