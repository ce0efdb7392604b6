import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsv } from "../../metering/adapters/cost-exports/csv-records.ts";
import { rememberField } from "../../metering/adapters/cost-exports/remember-field.ts";

/** All fields of all records but the header, as texts. */
async function fieldsOf(pieces: Iterable<Uint8Array>): Promise<string[][]> {
  const read: string[][] = [];
  const stream = async function* () {
    yield* pieces;
  };
  await readCsv(stream(), (names, fields) => {
    const texts = names.map((_, column) => rememberField(fields, column, (text) => text));
    return () => read.push(texts.map((text) => text()));
  });
  return read;
}

function* cutAt(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (const cut of cuts) {
    yield bytes.slice(from, cut);
    from = cut;
  }
  yield bytes.slice(from);
}

const field = fc.oneof(
  fc.constantFrom("", "a", "1.5", '"', '""'),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "\r\n", " ", "a", "é", "😀") }),
);
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** CSV as writers make it: a field is quoted when it has to be, or always. */
const csv = fc
  .record({
    records: fc.integer({ min: 2, max: 5 }).chain((columns) =>
      fc.array(fc.array(field, { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 6,
      }),
    ),
    lineEnd: fc.constantFrom("\n", "\r\n"),
    quotesAll: fc.boolean(),
    endsWithLine: fc.boolean(),
  })
  .map(({ records, lineEnd, quotesAll, endsWithLine }) => {
    const written = (text: string) => (quotesAll || /[",\r\n]/.test(text) ? quoted(text) : text);
    const header = (records[0] ?? []).map((_, column) => `column ${column}`).join(",");
    const lines = records.map((record) => record.map(written).join(","));
    return [header, ...lines].join(lineEnd) + (endsWithLine ? lineEnd : "");
  });

/** csv-parse is told the line end: by itself it takes the first one that it meets. */
function byCsvParse(text: string): string[][] {
  const records: string[][] = parse(text, { record_delimiter: ["\r\n", "\n"] });
  return records.slice(1);
}

describe("splitting CSV", () => {
  it("comes to the same fields as csv-parse, wherever the pieces are cut", async () => {
    await fc.assert(
      fc.asyncProperty(csv, fc.array(fc.nat(200)), async (text, cuts) => {
        const pieces = cutAt(
          Buffer.from(text),
          cuts.sort((a, b) => a - b),
        );

        expect(await fieldsOf(pieces)).toEqual(byCsvParse(text));
      }),
      { numRuns: 500 },
    );
  });

  it("comes to the same fields for a cut at every byte, and for pieces of one byte", async () => {
    await fc.assert(
      fc.asyncProperty(csv, async (text) => {
        const bytes = Buffer.from(`\uFEFF${text}`);
        const expected = byCsvParse(text);
        for (let cut = 0; cut <= bytes.length; cut += 1) {
          expect(await fieldsOf(cutAt(bytes, [cut]))).toEqual(expected);
        }
        expect(await fieldsOf(cutAt(bytes, [...bytes.keys()]))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["a field too few", "a,b\n1,2\n3\n", "record 3 has 1 columns where the header has 2"],
    ["a field too many", "a,b\n1,2,3\n", "record 2 has 3 columns where the header has 2"],
    ["text after a quote", 'a,b\n"1"2,3\n', "record 2 has text after a closing quote"],
    ["an open quote", 'a,b\n"1,2\n', "it ends inside a record"],
    ["a quote that is open at a doubled one", 'a,b\n1,"2""', "it ends inside a record"],
    ["more columns than any table", `a\n${",".repeat(5_000)}\n`, "record 2 has 5001 columns"],
    ["an endless record", `a\n"${"x".repeat(5_000_000)}`, "is longer than 4000000 bytes"],
  ])("refuses %s, wherever it is cut", async (_, text, message) => {
    const bytes = Buffer.from(text);
    const cuts = text.length > 100 ? [[], [4], [1_000]] : [...bytes.keys()].map((cut) => [cut]);
    for (const at of cuts) await expect(fieldsOf(cutAt(bytes, at))).rejects.toThrow(message);
  });

  it("passes over empty lines, and keeps a quote that is not at a field's beginning", async () => {
    expect(await fieldsOf([Buffer.from('a,b\n\n5" disk,\r\n\r\n"",x\n\n')])).toEqual([
      ['5" disk', ""],
      ["", "x"],
    ]);
  });
});

describe("what is remembered of a column", () => {
  it("is right for each of more values than are kept, and for long ones", async () => {
    const values = Array.from({ length: 45_000 }, (_, n) => `v${n % 25_000}`);
    values.push("x".repeat(3_000), "x".repeat(3_000), "v1");
    const read = await fieldsOf([Buffer.from(`a\n${values.join("\n")}\n`)]);

    expect(read.map(([value]) => value)).toEqual(values);
  });

  it("tells a doubled quote from two quotes of a field without quotes", async () => {
    expect(await fieldsOf([Buffer.from('a,b\nx""y,1\n"x""y",2\nx""y,3\n')])).toEqual([
      ['x""y', "1"],
      ['x"y', "2"],
      ['x""y', "3"],
    ]);
  });
});
