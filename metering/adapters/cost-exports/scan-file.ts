import { createGunzip, type ZlibOptions } from "node:zlib";
import { finished, type Readable, type TransformOptions } from "node:stream";
import { type CostTotals } from "./cost-totals.ts";
import { curRows } from "./cur-rows.ts";
import { cellsOf } from "./cells.ts";
import { type OnRecord, readCsv } from "./csv-records.ts";
import { ExportRefused } from "./export-refused.ts";
import { focusRows } from "./focus-rows.ts";
import { type RandomAccess, readParquet } from "./parquet-records.ts";
import { type RowFormat, RowRefused } from "./row-format.ts";
import type { Fields } from "./split-record.ts";

/** One data file of an export, wherever it lies. */
export interface DataFile {
  readonly name: string;
  readonly bytes: number;
  /** Its bytes from the first to the last. */
  stream(): Promise<Readable>;
  /** Some of its bytes: a Parquet file is read from its end. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
}

/** Bytes: what the processor's cache holds, and more than Node's, which are a handful of rows. */
const PIECE = 64 * 1024;

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
  await readCsv(await bytesOf(file), (names, fields) =>
    rowSink({ names, fields, file, totals, costTagKey }),
  );
}

async function scanParquet(file: DataFile, totals: CostTotals, costTagKey: string): Promise<void> {
  const source: RandomAccess = {
    byteLength: file.bytes,
    slice: (start, end = file.bytes) => file.slice(start, end),
  };
  await readParquet(
    source,
    (names) => wantedOf(formatOf(names), names),
    (names, fields) => rowSink({ names, fields, file, totals, costTagKey }),
  );
}

async function bytesOf(file: DataFile): Promise<AsyncIterable<Uint8Array>> {
  const bytes = await file.stream();
  if (!/\.gz$/i.test(file.name)) return bytes;
  // Unzipping goes on in another thread, some pieces ahead of the rows.
  const options: ZlibOptions & TransformOptions = {
    chunkSize: PIECE,
    readableHighWaterMark: 4 * PIECE,
  };
  const unzipped = createGunzip(options);
  // `pipe` hands on data, not errors.
  finished(bytes, (error) => error && unzipped.destroy(error));
  return bytes.pipe(unzipped);
}

function rowSink(of: {
  names: readonly string[];
  fields: Fields;
  file: DataFile;
  totals: CostTotals;
  costTagKey: string;
}): OnRecord {
  const { names, fields, file, totals, costTagKey } = of;
  const format = formatOf(names);
  if (!format.tags.some((name) => names.includes(name))) totals.lacksTags = true;
  const read = format.reader(cellsOf(names, fields, costTagKey));
  return (record) => {
    try {
      const row = read();
      if (row !== undefined) totals.add(row);
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      totals.refuse(error.accountId, `Record ${record} of ${file.name}: ${error.message}.`);
    }
  };
}

function wantedOf({ required, optional, tags }: RowFormat, names: readonly string[]) {
  return [...required, ...optional, ...tags].filter((name) => names.includes(name));
}

function formatOf(names: readonly string[]): RowFormat {
  const formats = [focusRows, curRows];
  const found = formats.find(({ required }) => required.every((name) => names.includes(name)));
  if (found !== undefined) return found;
  const lacking = formats.map(
    ({ title, required }) =>
      `for ${title} it lacks ${required.filter((name) => !names.includes(name)).join(", ")}`,
  );
  throw new ExportRefused(lacking.join("; "));
}
