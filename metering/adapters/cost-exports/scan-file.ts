import { createGunzip } from "node:zlib";
import { finished, type Readable } from "node:stream";
import { type CostTotals } from "./cost-totals.ts";
import { curRows } from "./cur-rows.ts";
import { readCsv } from "./csv-records.ts";
import { ExportRefused } from "./export-refused.ts";
import { focusRows } from "./focus-rows.ts";
import { type RandomAccess, readParquet } from "./parquet-records.ts";
import { cellReaders, type RowFormat, RowRefused } from "./row-format.ts";

/** One data file of an export, wherever it lies. */
export interface DataFile {
  readonly name: string;
  readonly bytes: number;
  /** Its bytes from the first to the last. */
  stream(): Promise<Readable>;
  /** Some of its bytes: a Parquet file is read from its end. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
}

/** Bytes: larger pieces than Node's, so that fewer records lie across a border. */
const PIECE = 256 * 1024;

/** Adds every row of a file to the totals, in one pass, at flat memory. */
export async function scanFile(
  file: DataFile,
  totals: CostTotals,
  costTagKey: string,
): Promise<void> {
  try {
    if (/\.parquet$/i.test(file.name)) await scanParquet(file, totals, costTagKey);
    else if (/\.csv(?:\.gz)?$/i.test(file.name)) await scanCsv(file, totals, costTagKey);
    else throw new ExportRefused("it is neither .csv, .csv.gz nor .parquet");
  } catch (error) {
    if (!isUnusable(error)) throw error;
    const { message } = error as Error;
    throw new ExportRefused(`the cost file ${file.name} can't be used: ${message}`, {
      cause: error,
    });
  }
}

/** What lies in the file, not in the way to it: gunzip's errors have codes that begin with Z. */
function isUnusable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return error instanceof ExportRefused || (typeof code === "string" && code.startsWith("Z_"));
}

async function scanCsv(file: DataFile, totals: CostTotals, costTagKey: string): Promise<void> {
  await readCsv(await textOf(file), (names) => {
    const sink = rowSink({ names, file, totals, costTagKey });
    return { columns: sink.columns, onRecord: sink.take };
  });
}

async function scanParquet(file: DataFile, totals: CostTotals, costTagKey: string): Promise<void> {
  const source: RandomAccess = {
    byteLength: file.bytes,
    slice: (start, end = file.bytes) => file.slice(start, end),
  };
  await readParquet(source, (names) => {
    const sink = rowSink({ names, file, totals, costTagKey });
    return { columns: sink.columns.map((index) => names[index] ?? ""), onRecord: sink.take };
  });
}

async function textOf(file: DataFile): Promise<AsyncIterable<string>> {
  const bytes = await file.stream();
  if (!/\.gz$/i.test(file.name)) return bytes.setEncoding("utf8");
  const text = createGunzip({ chunkSize: PIECE }).setEncoding("utf8");
  // `pipe` hands on data, not errors.
  finished(bytes, (error) => error && text.destroy(error));
  return bytes.pipe(text) as AsyncIterable<string>;
}

function rowSink(of: {
  names: readonly string[];
  file: DataFile;
  totals: CostTotals;
  costTagKey: string;
}) {
  const { names, file, totals } = of;
  const format = formatOf(names, of.costTagKey);
  const named = [...format.required, ...format.optional, ...format.tags];
  const wanted = named.filter((name) => names.includes(name));
  if (!format.tags.some((name) => names.includes(name))) totals.lacksTags = true;
  const slots = new Map(wanted.map((name, slot) => [name, slot]));
  let current: readonly string[] = [];
  const text = (column: string) => {
    const slot = slots.get(column);
    return slot === undefined ? "" : cellText(current[slot] ?? "");
  };
  return {
    columns: wanted.map((name) => names.indexOf(name)),
    take: (values: readonly string[], record: number) => {
      current = values;
      try {
        const row = format.read(text);
        if (row !== undefined) totals.add(row);
      } catch (error) {
        if (!(error instanceof RowRefused)) throw error;
        totals.refuse(error.accountId, `Record ${record} of ${file.name}: ${error.message}.`);
      }
    },
  };
}

/** Exports write "no value" as nothing or as NULL. */
function cellText(value: string): string {
  return value === "NULL" || value === "null" ? "" : value;
}

function formatOf(names: readonly string[], costTagKey: string): RowFormat {
  const cells = cellReaders(costTagKey);
  const formats = [focusRows(cells), curRows(cells)];
  const found = formats.find(({ required }) => required.every((name) => names.includes(name)));
  if (found !== undefined) return found;
  const lacking = formats.map(
    ({ title, required }) =>
      `for ${title} it lacks ${required.filter((name) => !names.includes(name)).join(", ")}`,
  );
  throw new ExportRefused(lacking.join("; "));
}
