import { ExportRefused } from "./export-refused.ts";
import { remember } from "./remember.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = "\uFEFF";

/** A record longer than this is a quote that is never closed, or no CSV at all. */
const LONGEST_RECORD = 4_000_000;

/** Called with the wanted columns' texts, in the order they were wanted; the array is reused. */
export type OnRecord = (values: readonly string[], record: number) => void;

/** Which columns a file's header offers, by index, are wanted; and what to do with each record. */
export interface Wanted {
  readonly columns: readonly number[];
  readonly onRecord: OnRecord;
}

/**
 * Reads RFC 4180 CSV in chunks of text, keeping only the wanted columns, at flat memory.
 *
 * Our own, because a cost file has some fifty columns of which we need ten, and because it must be
 * whole: what a parser forgives (a quote never closed, a row too short) is a bill with a hole
 * (docs/decisions/0022: the libraries measured, and what they let pass).
 */
export async function readCsv(
  chunks: AsyncIterable<string>,
  onHeader: (names: readonly string[]) => Wanted,
): Promise<void> {
  let rest = "";
  let fields: FieldReader | undefined;
  /** Reads what is complete from `at` on; answers where the incomplete record begins. */
  const take = (text: string, at: number, isEnd: boolean): number => {
    if (fields === undefined) {
      const header = readHeader(text, text.startsWith(BYTE_ORDER_MARK) ? 1 : 0, isEnd);
      if (header === undefined) return at;
      at = header.end;
      fields = fieldReader(header.names, onHeader(header.names.map((name) => name.trim())));
    }
    while (at < text.length) {
      const end = fields(text, at, isEnd);
      if (end === INCOMPLETE) break;
      at = end;
    }
    return at;
  };
  for await (const chunk of chunks) {
    let from = 0;
    // Only the record across the border is put together: joining whole chunks copies the file.
    while (rest !== "" && from < chunk.length) {
      const lineEnd = chunk.indexOf("\n", from);
      const upTo = lineEnd === -1 ? chunk.length : lineEnd + 1;
      rest += chunk.slice(from, upTo);
      rest = rest.slice(take(rest, 0, false));
      from = upTo;
      if (rest.length > LONGEST_RECORD) {
        throw new ExportRefused(
          `a record is longer than ${LONGEST_RECORD} characters: a quote is never closed`,
        );
      }
    }
    if (from < chunk.length) rest = chunk.slice(take(chunk, from, false));
  }
  if (take(rest, 0, true) < rest.length || fields === undefined) {
    throw new ExportRefused("it ends inside a record: it is torn, or a quote is never closed");
  }
}

const INCOMPLETE = -1;

/** Reads one record that begins at `at`; answers where the next one begins. */
type FieldReader = (text: string, at: number, isEnd: boolean) => number;

function fieldReader(names: readonly string[], { columns, onRecord }: Wanted): FieldReader {
  const slots = names.map((_, column) => columns.indexOf(column));
  const last = names.length - 1;
  const values = columns.map(() => "");
  // Tags repeat from row to row: each text is unescaped once.
  const unquoted = remember(withoutDoubling);
  let record = 1;

  return (text, at, isEnd) => {
    if (at >= text.length) return isEnd ? text.length : INCOMPLETE;
    let lineEnd = endOfLine(text, at, isEnd);
    if (lineEnd === INCOMPLETE) return INCOMPLETE;
    let i = at;
    for (let column = 0; ; column += 1) {
      const slot = slots[column] ?? -1;
      let end: number;
      if (text.charCodeAt(i) === QUOTE) {
        end = closingQuote(text, i + 1, isEnd);
        if (end === INCOMPLETE) return INCOMPLETE;
        if (slot >= 0) values[slot] = unquoted(text.slice(i + 1, end));
        end += 1;
        if (end > lineEnd) lineEnd = endOfLine(text, end, isEnd);
        if (lineEnd === INCOMPLETE) return INCOMPLETE;
        if (text.charCodeAt(end) !== COMMA && end !== withoutCr(text, i, lineEnd)) {
          throw new ExportRefused(`record ${record + 1} has text after a closing quote`);
        }
      } else {
        // Searching is many times faster than looking at each character.
        const comma = text.indexOf(",", i);
        end = comma === -1 || comma > lineEnd ? withoutCr(text, i, lineEnd) : comma;
        if (slot >= 0) values[slot] = text.slice(i, end);
      }
      if (end < lineEnd && text.charCodeAt(end) === COMMA) {
        i = end + 1;
        continue;
      }
      record += 1;
      const next = lineEnd + 1;
      // An empty line is no record.
      if (column === 0 && last > 0 && end === at) return next;
      if (column !== last) {
        throw new ExportRefused(
          `record ${record} has ${column + 1} columns where the header has ${names.length}`,
        );
      }
      onRecord(values, record);
      return next;
    }
  };
}

/** Where the line's feed stands, or the end of the file. */
function endOfLine(text: string, from: number, isEnd: boolean): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? (isEnd ? text.length : INCOMPLETE) : end;
}

function withoutCr(text: string, start: number, lineEnd: number): number {
  return lineEnd > start && text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
}

const REFUSED = -2;

function endOfRecord(text: string, i: number, isEnd: boolean): number {
  if (i >= text.length) return isEnd ? text.length : INCOMPLETE;
  const code = text.charCodeAt(i);
  if (code === LF) return i + 1;
  if (code !== CR) return REFUSED;
  if (i + 1 >= text.length) return isEnd ? text.length : INCOMPLETE;
  return text.charCodeAt(i + 1) === LF ? i + 2 : REFUSED;
}

/** Where the quoted text ends; a doubled quote is a quote inside it. */
function closingQuote(text: string, from: number, isEnd: boolean): number {
  for (let end = from; ; end += 2) {
    end = text.indexOf('"', end);
    if (end === -1) return INCOMPLETE;
    if (end + 1 === text.length) return isEnd ? end : INCOMPLETE;
    if (text.charCodeAt(end + 1) !== QUOTE) return end;
  }
}

const withoutDoubling = (inside: string) =>
  inside.includes('"') ? inside.replaceAll('""', '"') : inside;

function readHeader(text: string, start: number, isEnd: boolean) {
  const names: string[] = [];
  let i = start;
  for (;;) {
    let name: string;
    if (text.charCodeAt(i) === QUOTE) {
      const end = closingQuote(text, i + 1, isEnd);
      if (end === INCOMPLETE) return undefined;
      name = withoutDoubling(text.slice(i + 1, end));
      i = end + 1;
    } else {
      const from = i;
      while (i < text.length && !",\r\n".includes(text.charAt(i))) i += 1;
      name = text.slice(from, i);
    }
    names.push(name);
    if (text.charCodeAt(i) === COMMA) {
      i += 1;
      continue;
    }
    const end = endOfRecord(text, i, isEnd);
    if (end === REFUSED) throw new ExportRefused("its first line is not a CSV header");
    return end === INCOMPLETE ? undefined : { names, end };
  }
}
