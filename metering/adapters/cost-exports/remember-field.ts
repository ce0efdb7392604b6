import { textOfField } from "./field-text.ts";
import type { Fields } from "./split-record.ts";

/** Values kept, and the bytes that may name one: what is rarer or longer is computed each time. */
const MOST = 20_000;
const LONGEST = 2_000;

/**
 * What a column's field means, computed once for each different one, in bounded memory.
 *
 * Fields repeat: an account, a day, a set of tags stand in thousands of rows. They are known by
 * their bytes, so that no text is made to look one up.
 */
export function rememberField<Value>(
  fields: Fields,
  column: number,
  compute: (text: string) => Value,
): () => Value {
  const { starts, ends, doubled } = fields;
  const known = knownBytes();
  const values: Value[] = [];
  return () => {
    const start = starts[column] as number;
    const length = (ends[column] as number) - start;
    if (length > LONGEST) return compute(textOfField(fields, column));
    const mark = doubled[column] as number;
    const index = known.indexOf(fields.bytes, start, length, mark);
    if (index < values.length) return values[index] as Value;
    const value = compute(textOfField(fields, column));
    if (index >= MOST) {
      known.clear();
      values.length = 0;
    } else {
      values.push(value);
    }
    return value;
  };
}

/** Numbers different byte strings in the order in which they come. */
function knownBytes() {
  let slots = new Int32Array(64);
  /** All byte strings one behind the other. */
  let store = new Uint8Array(1_024);
  const offsets: number[] = [0];
  const marks: number[] = [];
  const hashes: number[] = [];
  let newest = 0;

  const isAt = (index: number, bytes: Uint8Array, start: number, length: number, mark: number) => {
    const offset = offsets[index] as number;
    if ((offsets[index + 1] as number) - offset !== length || marks[index] !== mark) return false;
    for (let i = 0; i < length; i += 1) if (store[offset + i] !== bytes[start + i]) return false;
    return true;
  };
  const place = (hash: number, index: number) => {
    let slot = hash & (slots.length - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = index + 1;
  };
  const append = (bytes: Uint8Array, start: number, length: number) => {
    const offset = offsets.at(-1) ?? 0;
    if (offset + length > store.length) {
      const larger = new Uint8Array((offset + length) * 2);
      larger.set(store);
      store = larger;
    }
    store.set(bytes.subarray(start, start + length), offset);
    offsets.push(offset + length);
  };
  return {
    /** A string not known yet gets the next number. */
    indexOf(bytes: Uint8Array, start: number, length: number, mark: number): number {
      const count = marks.length;
      // The row before often says the same.
      if (newest < count && isAt(newest, bytes, start, length, mark)) return newest;
      const hash = hashOf(bytes, start, length);
      for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
        const index = (slots[slot] as number) - 1;
        if (index === -1) break;
        if (hashes[index] === hash && isAt(index, bytes, start, length, mark)) {
          newest = index;
          return index;
        }
      }
      append(bytes, start, length);
      marks.push(mark);
      hashes.push(hash);
      newest = count;
      if (marks.length * 2 > slots.length) {
        slots = new Int32Array(slots.length * 2);
        for (const [index, each] of hashes.entries()) place(each, index);
      } else {
        place(hash, count);
      }
      return count;
    },
    clear() {
      slots = new Int32Array(64);
      store = new Uint8Array(1_024);
      offsets.length = 1;
      marks.length = 0;
      hashes.length = 0;
    },
  };
}

/** Four bytes at a time: a multiplication for each would take longer than finding the field. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = length;
  let i = start;
  const end = start + length;
  for (; i + 4 <= end; i += 4) {
    const four =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    hash = Math.imul(hash ^ four, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash ^ (hash >>> 13);
}
