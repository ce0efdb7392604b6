import { ExportRefused } from "./export-refused.ts";
import { textOfField } from "./field-text.ts";
import { BEHIND, type Fields, INCOMPLETE, noFields, REFUSED, splitRecord } from "./split-record.ts";

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Bytes: a record longer than this is a quote that is never closed, or no CSV at all. */
const LONGEST_RECORD = 4_000_000;

/** Called when the record's fields are there; the header is record 1. */
export type OnRecord = (record: number) => void;
/** Called once; the fields are those of the record that `OnRecord` is called for. */
export type OnHeader = (names: readonly string[], fields: Fields) => OnRecord;

/**
 * Reads RFC 4180 CSV from pieces of bytes, at flat memory.
 *
 * Our own, because a cost file has some fifty columns of which we need ten, and because it must be
 * whole: what a parser forgives (a quote never closed, a row too short) is a bill with a hole
 * (docs/decisions/0022: the libraries measured, and what they let pass).
 */
export async function readCsv(
  pieces: AsyncIterable<Uint8Array>,
  onHeader: OnHeader,
): Promise<void> {
  const held = heldBytes();
  const read = recordReader(onHeader);
  for await (const piece of pieces) {
    held.add(piece);
    held.drop(read(held.bytes, held.length, false));
    if (held.length > LONGEST_RECORD) {
      throw new ExportRefused(
        `a record is longer than ${LONGEST_RECORD} bytes: a quote is never closed`,
      );
    }
  }
  if (read(held.bytes, held.length, true) < held.length) {
    throw new ExportRefused("it ends inside a record: it is torn, or a quote is never closed");
  }
}

/** Reads all complete records; answers where the incomplete one begins. */
function recordReader(onHeader: OnHeader) {
  const fields = noFields();
  let columns = 0;
  let record = 0;
  let onRecord: OnRecord = () => undefined;
  return (bytes: Uint8Array, length: number, isEnd: boolean): number => {
    fields.bytes = bytes;
    let at = 0;
    if (record === 0 && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) at = 3;
    // An empty file has a header, too: one without a name.
    while (at < length || (isEnd && record === 0)) {
      const lineEnd = splitRecord(fields, at, length);
      // The line end behind the bytes is one only when nothing follows.
      if (lineEnd === INCOMPLETE || (lineEnd === length && !isEnd)) return at;
      record += 1;
      if (lineEnd === REFUSED) {
        throw new ExportRefused(`record ${record} has text after a closing quote`);
      }
      if (record === 1) {
        columns = fields.count;
        const names = Array.from({ length: columns }, (_, column) => textOfField(fields, column));
        onRecord = onHeader(
          names.map((name) => name.trim()),
          fields,
        );
      } else if (fields.count === columns) {
        onRecord(record);
      } else if (fields.count > 1 || fields.ends[0] !== at) {
        // An empty line is no record.
        throw new ExportRefused(
          `record ${record} has ${fields.count} columns where the header has ${columns}`,
        );
      }
      at = lineEnd + 1;
    }
    return Math.min(at, length);
  };
}

/** The bytes that are not read yet. */
function heldBytes() {
  let bytes = Uint8Array.from(BEHIND);
  let length = 0;
  return {
    get bytes() {
      return bytes;
    },
    get length() {
      return length;
    },
    add(piece: Uint8Array) {
      const needed = length + piece.length + BEHIND.length;
      if (needed > bytes.length) {
        const larger = new Uint8Array(needed * 2);
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(piece, length);
      length += piece.length;
      bytes.set(BEHIND, length);
    },
    drop(count: number) {
      bytes.copyWithin(0, count, length + BEHIND.length);
      length -= count;
    },
  };
}
