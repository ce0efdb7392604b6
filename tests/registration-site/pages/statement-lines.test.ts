import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import product from "../../../product.config.ts";
import type { Statement } from "../../../metering/domain/statement.ts";
import { statementCsv } from "../../../registration-site/views/statement-csv.ts";
import { statementFile } from "../../../registration-site/views/statement-file.tsx";
import { statementText } from "../../../registration-site/views/statement-text.ts";
import { arithmetic, workingLines } from "../../../registration-site/views/statement-words.ts";
import { endedTrialSale, mixedSale, troubledSale } from "../../metering/statement-cases.ts";
import { aTroubledStatement } from "./samples.ts";
import { aSite } from "./site.ts";

const pageOf = async (statement: Statement) =>
  (await aSite({ statements: [statement] }).get(`/statements/${statement.month}?exact`)).text();

/** As a reader sees it. */
const textOf = (html: string) =>
  html
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replace(/\s+/g, " ");

describe("a statement's page", () => {
  it("works out every kind of charge as a calculator would", async () => {
    const text = textOf(await pageOf(aTroubledStatement()));

    for (const line of [
      "$19 × 3 of 31 days = $1.838709677419",
      "First owed on 2026-10-25: $49.00",
      "100 units included = $0.00",
      "400 units × $0.06 = $24.00",
      "287.5 units × $0.04 = $11.50",
      "At most $60.00 in the month",
      "$250 × 7 of 31 days = $56.451612903225; the other charges came to $88.790322580645",
      "your trial until 22 October 2026 is not rated",
    ]) {
      expect(text).toContain(line);
    }
  });

  it("shows the plan of each part of a month that changed its plan", async () => {
    const text = textOf(await pageOf(mixedSale().statement("2026-03")));

    expect(text).toContain("Plan from 1 March 2026 until 12 March 2026, 11 whole days");
    expect(text).toContain("Next from 12 March 2026 until 1 April 2026, 20 whole days");
    expect(text).toContain("lies above the cap that both share");
  });

  it("labels what stands on another invoice, and what the invoice holds of other months", async () => {
    const trial = endedTrialSale();
    const [february, march] = ["2026-02", "2026-03"].map(trial.statement);
    if (february === undefined || march === undefined) throw new Error("two months");

    expect(textOf(await pageOf(february))).toContain("on the invoice of March 2026");
    expect(textOf(await pageOf(march))).toContain("for February 2026");
    expect(textOf(await pageOf(february))).toContain("Written off");
    expect(textOf(await pageOf(march))).toContain("17 March 2026");
  });

  it("tells what evidence found, where, and why AWS refused", async () => {
    const sale = troubledSale();
    const text = textOf(await pageOf(sale.statement("2026-02")));

    expect(text).toContain("Found: never charged (CloudTrail event of record 27)");
    expect(text).toContain("InvalidUsageDimension");
    expect(text).toContain("records of no units");
    expect(text).toContain("INCORRECT_METERING");
  });

  it("draws usage as bars where nothing counts cost, and marks trial and plan", async () => {
    const page = await pageOf(aTroubledStatement());

    expect(page).toContain("video_minutes per day");
    expect(page).not.toContain("AWS cost per day");
    expect(page).toContain("your trial ends");
    expect(page).toContain("plan Team");
  });
});

describe("a statement's other forms", () => {
  it("hold every record of the page, in the file for print, the CSV and the text", async () => {
    const statement = troubledSale().statement("2026-03");
    const file = await statementFile(statement, product);
    const text = statementText(statement);
    const rows = parse(statementCsv(statement), { columns: true }) as unknown as Record<
      string,
      string
    >[];

    for (const { meteringRecordId } of statement.records) {
      if (meteringRecordId === undefined) continue;
      expect(file).toContain(meteringRecordId);
      expect(text).toContain(meteringRecordId);
    }
    expect(rows.filter(({ row }) => row === "record")).toHaveLength(statement.records.length);
    const late = rows.filter(({ row }) => row === "invoice");
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late.map((line) => line.service_month))).toEqual(new Set(["2026-02"]));
    expect(text).toContain(arithmetic(statement.totals));
  });

  it("need nothing from anywhere: the file for print has neither script nor link to a site", async () => {
    const file = await statementFile(aTroubledStatement(), product);

    expect(file).not.toMatch(/<script|<link|src=|href="\//);
    expect(file).toContain("@media print");
  });

  it("says why a contract's units are not charged", () => {
    const [first] = troubledSale().statement("2026-03").charges;
    if (first?.working.kind !== "perUnit") throw new Error("a price per unit");
    const unknown = { ...first.working, includedBy: "contract-unknown" as const, steps: [] };

    expect(workingLines({ ...first, working: unknown })[0]).toMatch(/not known yet/);
  });
});
