import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cell, csvColumns, statementCsv } from "../../../registration-site/views/statement-csv.ts";
import { statementDocument } from "../../../registration-site/views/statement-schema.ts";
import { aStatement, totals } from "./samples.ts";
import { aSite, ORIGIN } from "./site.ts";

const aSiteWith = (statement = aStatement()) => aSite({ statements: [statement] });

const pageOf = async (statement = aStatement(), query = "") =>
  (await aSiteWith(statement).get(`/statements/${statement.month}${query}`)).text();

describe("the statement page", () => {
  it("puts what was charged first, then how it adds up", async () => {
    const page = await pageOf();

    expect(page.indexOf("$113.98")).toBeGreaterThan(0);
    expect(page.indexOf("$113.98")).toBeLessThan(page.indexOf("How it adds up"));
    expect(page).toContain("56,988 units in 20 metering records");
  });

  it("keeps every exact amount beside the rounded one", async () => {
    const { totals: sums, days } = aStatement();

    const page = await pageOf();

    for (const exact of [sums.billedUsd, sums.ratedUsd, sums.carriedUsd, days[0]?.costUsd]) {
      expect(page).toContain(`value="${exact}"`);
    }
    expect(page).toContain(">$113.98</data>");
    expect(page).not.toContain(">$113.976542962466</data>");
  });

  it("shows every digit on request", async () => {
    const page = await pageOf(aStatement(), "?exact");

    expect(page).toContain(`>$${aStatement().totals.carriedUsd}</data>`);
    expect(page).toContain("Round to cents");
  });

  it("names each kind of money that is there, and none that is not", async () => {
    const all = await pageOf(
      aStatement({
        totals: totals({
          ratedUsd: "10",
          carriedInUsd: "1",
          creditUsd: "2",
          billedUsd: "5",
          pendingUsd: "3",
          inDoubtUsd: "2",
          carriedUsd: "1",
          forfeitedUsd: "2",
          records: { accepted: 1, duplicate: 1, expired: 2, refused: 0, inDoubt: 3 },
        }),
      }),
    );
    const nothing = totals({ ratedUsd: "1", billedUsd: "1" });
    const plain = await pageOf(aStatement({ totals: nothing, invoice: nothing }));

    for (const label of ["Carried in", "Credit", "On its way", "In doubt", "Carried over"]) {
      expect(all).toMatch(new RegExp(`<b>${label}</b>`));
      expect(plain).not.toMatch(new RegExp(`<b>${label}</b>`));
    }
    expect(all).toContain("2 records that came too late");
    expect(all).toContain("3 records in doubt");
  });

  it("lists every day and every record with AWS's id", async () => {
    const statement = aStatement();

    const page = await pageOf(statement);

    for (const { date } of statement.days) expect(page).toContain(`datetime="${date}"`);
    for (const { meteringRecordId } of statement.records) {
      expect(page).toContain(meteringRecordId ?? "none");
    }
  });

  it("draws a chart that has a title, a description and one bar a day", async () => {
    const page = await pageOf();

    expect(page).toContain('role="img" aria-labelledby="chart-title chart-description"');
    expect(page).toContain("Cost and charges in November 2026, by day");
    const chart = page.slice(page.indexOf("<svg"), page.indexOf("</svg>"));
    expect(chart.match(/<rect class="bar[^>]*y="/g)).toHaveLength(21 + 1);
    expect(chart.match(/fill="url\(#hatch\)"/g)).toHaveLength(3 + 1);
    expect(chart).not.toContain("NaN");
  });

  it("draws refunds below the line, and a month without any figure at all", async () => {
    const [first] = aStatement().days;
    if (first === undefined) throw new Error("the sample has days");
    const refunded = await pageOf(aStatement({ days: [{ ...first, costUsd: "-4.5" }] }));
    const empty = await pageOf(aStatement({ days: [], records: [], totals: totals() }));

    expect(refunded).toContain("−$");
    expect(refunded + empty).not.toMatch(/NaN|undefined|Infinity/);
    expect(empty).toContain("AWS has reported no day of this month yet.");
  });

  it("escapes what the rule and the plan say", async () => {
    const [charge] = aStatement().charges;
    if (charge === undefined) throw new Error("the sample has a charge");
    const page = await pageOf(
      aStatement({
        plan: { id: "share", title: "<img src=x>" },
        charges: [{ ...charge, rule: "<img src=y>" }],
      }),
    );

    expect(page).not.toContain("<img");
  });

  it.each(["2025-01", "2026-13", "2026-11.xml", "..%2F..%2Fetc", "2026-11.csv.json"])(
    "answers 404 for %s",
    async (name) => expect((await aSiteWith().get(`/statements/${name}`)).status).toBe(404),
  );
});

describe("the CSV file", () => {
  const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true });

  it("is offered as a download and never cached", async () => {
    const { headers } = await aSiteWith().get("/statements/2026-11.csv");

    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(headers.get("content-disposition")).toBe('attachment; filename="statement-2026-11.csv"');
    expect(headers.get("cache-control")).toBe("private, no-store");
  });

  it("holds every total, day and record to the last digit", () => {
    const statement = aStatement();

    const rows = rowsOf(statementCsv(statement));

    const of = (row: string) => rows.filter((each) => each.row === row);
    expect(of("total").find(({ name }) => name === "ratedUsd")?.amount_usd).toBe(
      statement.totals.ratedUsd,
    );
    expect(of("day").map(({ cost_usd }) => cost_usd)).toEqual(
      statement.days.map(({ costUsd }) => costUsd),
    );
    expect(of("record").map((each) => each.metering_record_id)).toEqual(
      statement.records.map(({ meteringRecordId }) => meteringRecordId),
    );
    expect(of("excluded").map(({ amount_usd }) => amount_usd)).toEqual(["22", "-5"]);
    expect(new Set(rows.map(({ month }) => month))).toEqual(new Set(["2026-11"]));
  });

  it("keeps its columns: other people's programs read them", () => {
    expect(statementCsv(aStatement()).split("\r\n")[0]).toBe(
      "month,license_arn,row,name,date,hour,dimension,rule,amount_usd,cost_usd,estimated,rated_cumulative_usd,billed_cumulative_usd,units,record_units,unit_price_usd,outcome,metering_record_id,service_month,invoice_month,from,until,words,phase",
    );
    expect(Object.values(csvColumns).every((words) => words.length > 10)).toBe(true);
  });

  it.each([
    "=1+1",
    '=HYPERLINK("http://evil.example")',
    "+1-800",
    "@SUM(A1)",
    "-2+3",
    "\t=1",
    " =1",
    "＝1+1",
    "--1",
    "-",
  ])("disarms the formula %j", (text) => {
    const [[read] = []] = parse(cell(text));

    expect(read).toBe(`'${text}`);
  });

  it.each(["-50", "-0.000000000001", "1234.5", "0"])("leaves the number %s alone", (text) =>
    expect(cell(text)).toBe(text),
  );

  it("gives back any text as it was, apart from the apostrophe before a formula", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const [[read] = []] = parse(`${cell(text)}\r\n`, { relax_column_count: true, bom: false });
        expect([text, `'${text}`]).toContain(read);
      }),
    );
  });
});

describe("the JSON file", () => {
  it("is the statement itself, with its schema's address and a format version", async () => {
    const statement = aStatement();

    const response = await aSiteWith(statement).get("/statements/2026-11.json");
    const json = (await response.json()) as Record<string, unknown>;

    const { $schema, schemaVersion, ...rest } = json;
    expect($schema).toBe(`${ORIGIN}/schemas/statement-v1.json`);
    expect(schemaVersion).toBe(1);
    expect(rest).toEqual(JSON.parse(JSON.stringify(statement)));
    expect(statementDocument.safeParse(json).success).toBe(true);
  });

  it("obeys the schema that is published for it, without a session", async () => {
    const site = aSiteWith();
    const response = await site.app.request("/schemas/statement-v1.json");
    const schema = z.fromJSONSchema((await response.json()) as z.core.JSONSchema.JSONSchema);

    const json = (await (await site.get("/statements/2026-11.json")).json()) as object;

    expect(response.headers.get("content-type")).toBe("application/schema+json");
    expect(schema.safeParse(json).error).toBeUndefined();
    expect(schema.safeParse({ ...json, month: "November" }).success).toBe(false);
    expect(schema.safeParse({ ...json, addedLater: 1 }).success).toBe(true);
  });
});
