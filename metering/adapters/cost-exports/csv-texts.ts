import { readCsv } from "./csv-records.ts";
import { textOfField } from "./field-text.ts";

/** Which columns that the header offers, by index, are wanted; and what to do with each record. */
export interface WantedTexts {
  readonly columns: readonly number[];
  /** The wanted columns' texts, in the order they were wanted; the header is record 1. */
  readonly onRecord: (values: readonly string[], record: number) => void;
}

/** Reads a small CSV as texts, by the same rules as a cost file. */
export async function readCsvTexts(
  pieces: AsyncIterable<string>,
  onHeader: (names: readonly string[]) => WantedTexts,
): Promise<void> {
  const bytes = async function* () {
    for await (const piece of pieces) yield Buffer.from(piece);
  };
  await readCsv(bytes(), (names, fields) => {
    const { columns, onRecord } = onHeader(names);
    return (record) =>
      onRecord(
        columns.map((column) => textOfField(fields, column)),
        record,
      );
  });
}
