const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** More columns than any table has. */
const MOST_COLUMNS = 4_096;

/**
 * One record, as the places of its fields among bytes. It is reused from record to record, and so
 * are the bytes: whatever is kept of a field is copied.
 */
export interface Fields {
  bytes: Uint8Array;
  /** Columns that the record has. */
  count: number;
  /** By column: where the field begins and ends, without its quotes. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By column: 1 when a doubled quote inside stands for one quote. */
  readonly doubled: Uint8Array;
}

export function noFields(): Fields {
  return {
    bytes: new Uint8Array(0),
    count: 0,
    starts: new Int32Array(MOST_COLUMNS),
    ends: new Int32Array(MOST_COLUMNS),
    doubled: new Uint8Array(MOST_COLUMNS),
  };
}

/** What stands behind the bytes, so that every search ends without asking how many there are. */
export const BEHIND = [LF, QUOTE, 0] as const;

/** A quote is not closed within the bytes: more are needed. */
export const INCOMPLETE = -1;
/** Something stands between a closing quote and the next comma or line end. */
export const REFUSED = -2;

/**
 * Finds the fields of the RFC 4180 record that begins at `at`; answers where its line end stands,
 * which is at `length` when the bytes end first.
 *
 * Bytes instead of text, and places instead of values: making a text of each field costs more than
 * finding them all.
 */
export function splitRecord(fields: Fields, at: number, length: number): number {
  const { bytes, starts, ends, doubled } = fields;
  let i = at;
  for (let column = 0; ; column += 1) {
    let start = i;
    let end: number;
    let isDoubled = 0;
    if (bytes[i] === QUOTE) {
      start += 1;
      for (i = start; ; i += 2) {
        while (bytes[i] !== QUOTE) i += 1;
        if (i >= length) return INCOMPLETE;
        if (bytes[i + 1] !== QUOTE) break;
        isDoubled = 1;
      }
      end = i;
      i += 1;
      if (bytes[i] === CR && bytes[i + 1] === LF) i += 1;
    } else {
      // Nearly all bytes of a field are above the comma: one comparison each.
      for (;;) {
        while ((bytes[i] as number) > COMMA) i += 1;
        if (bytes[i] === COMMA || bytes[i] === LF) break;
        i += 1;
      }
      end = i > start && bytes[i] === LF && bytes[i - 1] === CR ? i - 1 : i;
    }
    // A typed array lets a write past its end fall away: such a record is refused by its count.
    starts[column] = start;
    ends[column] = end;
    doubled[column] = isDoubled;
    if (bytes[i] === COMMA) {
      i += 1;
      continue;
    }
    fields.count = column + 1;
    return bytes[i] === LF ? i : REFUSED;
  }
}
