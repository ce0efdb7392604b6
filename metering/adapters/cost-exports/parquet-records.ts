import { gunzipSync } from "node:zlib";
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import type { OnHeader } from "./csv-records.ts";
import { ExportRefused } from "./export-refused.ts";
import { setFields } from "./field-text.ts";
import { noFields } from "./split-record.ts";

/** A file that can be read anywhere, as hyparquet asks for it. */
export interface RandomAccess {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/**
 * Reads a Parquet file's wanted columns as texts, one row group at a time.
 *
 * AWS writes cost as DOUBLE (protocol-facts E4): a value becomes the shortest decimal text that is
 * that double, which is what AWS had before it for every figure of up to 15 digits; CSV and CUR
 * print the same. hyparquet turns DECIMAL into a double, too, so nothing better is lost.
 */
export async function readParquet(
  file: RandomAccess,
  wanted: (names: readonly string[]) => readonly string[],
  onHeader: OnHeader,
): Promise<void> {
  const metadata = await parquetMetadataAsync(file).catch((error: Error) => {
    throw new ExportRefused(`it is no Parquet file (${error.message})`, { cause: error });
  });
  const schema = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = wanted(schema);
  const fields = noFields();
  const onRecord = onHeader(columns, fields);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const rows = await parquetReadObjects({
      file,
      metadata,
      columns: [...columns],
      rowStart,
      rowEnd,
      compressors: { GZIP: (input) => gunzipSync(input) },
    });
    for (const [index, row] of rows.entries()) {
      setFields(
        fields,
        columns.map((column) => cellText(row[column])),
      );
      onRecord(rowStart + index + 1);
    }
    rowStart = rowEnd;
  }
}

function cellText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value);
}
