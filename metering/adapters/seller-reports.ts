import { basename } from "node:path";
import { DAY, dayOf, monthOf, monthPeriod } from "../domain/calendar.ts";
import { parseDecimal } from "../domain/money.ts";
import type {
  RevenueLine,
  RevenueReport,
  UsageLine,
  UsageReport,
} from "../domain/report-comparison.ts";
import { readCsvTexts } from "./cost-exports/csv-texts.ts";

export type SellerReport =
  | { readonly kind: "usage"; readonly report: UsageReport }
  | { readonly kind: "revenue"; readonly report: RevenueReport };

/** As in AWS's published queries over the seller's data feeds; not checked against a download. */
const USAGE = [
  "usage_date",
  "agreement_id",
  "product_code",
  "dimension_key",
  "estimated_usage_units",
] as const;
const REPORTED = "usage_reported_date";
const REVENUE = [
  "Agreement ID",
  "Invoice ID",
  "Usage Period Start Date",
  "Gross Revenue",
  "Currency",
] as const;

/**
 * A report as the seller downloads it: which one it is, its columns say. What can't be read is
 * refused with its row, as a report with a hole would prove what isn't so.
 */
export async function readSellerReport(
  path: string,
  chunks: AsyncIterable<string>,
): Promise<SellerReport> {
  const file = basename(path);
  const usage: UsageLine[] = [];
  const revenue: RevenueLine[] = [];
  const reported: number[] = [];
  let kind: SellerReport["kind"] | undefined;
  await readCsvTexts(chunks, (names) => {
    const has = (wanted: readonly string[]) => wanted.every((name) => names.includes(name));
    if (has(USAGE)) {
      kind = "usage";
      const wanted = names.includes(REPORTED) ? [...USAGE, REPORTED] : [...USAGE];
      return {
        columns: wanted.map((name) => names.indexOf(name)),
        onRecord: (values, row) => {
          usage.push(usageLine(values, `${file}, row ${row}`));
          const at = values[USAGE.length] ?? "";
          if (at !== "") reported.push(instantOf(at, `${file}, row ${row}`));
        },
      };
    }
    if (has(REVENUE)) {
      kind = "revenue";
      return {
        columns: REVENUE.map((name) => names.indexOf(name)),
        onRecord: (values, row) => revenue.push(revenueLine(values, `${file}, row ${row}`)),
      };
    }
    throw new Error(
      `${file} is no report that can be compared: a usage report has the columns ${USAGE.join(", ")}; a billed-revenue report ${REVENUE.join(", ")}.`,
    );
  });
  if (kind === "revenue") return { kind, report: { file, lines: revenue } };
  return { kind: "usage", report: { file, lines: usage, ...spanOf(usage, reported) } };
}

/**
 * Whole days that the report can show: from the beginning of the first day's month until the day it
 * was made, and not beyond the last day's month: of a month without a line, nothing tells whether
 * it was asked for. Without any line, it covers nothing.
 */
function spanOf(lines: readonly UsageLine[], reported: readonly number[]) {
  const days = lines.map(({ day }) => Date.parse(`${day}T00:00:00Z`));
  if (days.length === 0) return { covers: { start: 0, end: 0 }, madeOn: 0 };
  const newest = (instants: readonly number[]) =>
    instants.reduce((max, each) => (each > max ? each : max), 0);
  const first = days.reduce((min, each) => (each < min ? each : min), Infinity);
  const last = newest(days);
  const madeOn = Math.max(last + DAY, Math.floor(newest(reported) / DAY) * DAY);
  const end = Math.min(madeOn, monthPeriod(monthOf(last)).end);
  return { covers: { start: monthPeriod(monthOf(first)).start, end }, madeOn };
}

function usageLine(values: readonly string[], place: string): UsageLine {
  const [date = "", agreementId = "", productCode = "", dimension = "", units = ""] = values;
  // Written as a decimal by some feeds: 12.0.
  if (!/^\d+(?:\.0*)?$/.test(units)) {
    throw new Error(
      `${place}: estimated_usage_units is ${JSON.stringify(units)}, not whole units.`,
    );
  }
  const day = dayOf(instantOf(date, place));
  const whole = units.split(".")[0] ?? "";
  return { agreementId, productCode, dimension, day, units: BigInt(whole) };
}

function revenueLine(values: readonly string[], place: string): RevenueLine {
  const [agreementId = "", invoiceId = "", start = "", gross = "", currency = ""] = values;
  if (currency !== "USD") {
    throw new Error(`${place}: the currency is ${JSON.stringify(currency)}; the ledger is in USD.`);
  }
  const month = monthOf(instantOf(start, place));
  return { agreementId, invoiceId, month, gross: parseDecimal(gross) };
}

/** ISO 8601, or as Athena writes it: `2026-11-11 00:00:00.000`; UTC when it names no zone. */
function instantOf(text: string, place: string): number {
  const iso = text.trim().replace(/ UTC$/, "Z").replace(" ", "T");
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(iso) || !iso.includes("T") ? iso : `${iso}Z`;
  const at = Date.parse(zoned);
  if (Number.isNaN(at)) throw new Error(`${place}: ${JSON.stringify(text)} is no date.`);
  return at;
}
