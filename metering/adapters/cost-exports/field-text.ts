import type { Fields } from "./split-record.ts";

/** A field's text, its doubled quotes made single. */
export function textOfField(fields: Fields, column: number): string {
  const { bytes, starts, ends, doubled } = fields;
  const start = starts[column] ?? 0;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    "utf8",
    start,
    ends[column] ?? 0,
  );
  return doubled[column] === 1 ? text.replaceAll('""', '"') : text;
}

/** Makes texts from elsewhere into the fields of a record. */
export function setFields(fields: Fields, texts: readonly string[]): void {
  const bytes = texts.map((text) => Buffer.from(text));
  fields.bytes = Buffer.concat(bytes);
  fields.count = texts.length;
  let at = 0;
  for (const [column, { length }] of bytes.entries()) {
    fields.starts[column] = at;
    fields.ends[column] = at + length;
    fields.doubled[column] = 0;
    at += length;
  }
}
