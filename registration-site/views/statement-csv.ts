import type {
  Statement,
  StatementCharge,
  StatementRecord,
} from "../../metering/domain/statement.ts";
import { invoiceLines, workingLines } from "./statement-words.ts";

/**
 * The columns, in order, and what each says. Readers address them by name: a name is never
 * removed or given another meaning; new ones come at the end.
 */
export const csvColumns = {
  month: "Service month, YYYY-MM, UTC",
  license_arn: "The license of the subscription",
  row: "What the line is: total, invoice-total, term, price, charge, working, day, excluded, reading, record, invoice, forfeited, or adjustment",
  name: "total: which total; charge, working: the charge id; excluded: the AWS cost category; reading: the deployment; term: the plan; adjustment: its request",
  date: "day: the UTC day, YYYY-MM-DD",
  hour: "record: the hour it was stamped with, ISO 8601; its month is the invoice's",
  dimension: "charge, record: the dimension of the listing",
  rule: "charge: the rule in words",
  amount_usd: "total, charge: what it came to; record: units × unit price; excluded: the cost",
  cost_usd: "day, charge: the AWS cost that counts",
  estimated: "day: true while AWS still marks the figure as estimated",
  rated_cumulative_usd: "day: rated through this day since the month began",
  billed_cumulative_usd: "day: accepted by AWS by the end of this day since the month began",
  units: "record: its units that were owed for this month; total: units",
  record_units: "record: all of its units, as AWS knows them",
  unit_price_usd: "charge, record: USD for one unit",
  outcome: "record: pending, accepted, duplicate, expired, refused or in-doubt",
  metering_record_id: "record: AWS's id for it",
  service_month: "record, invoice: the month that these units were owed for, YYYY-MM",
  invoice_month: "record, invoice: the month on whose invoice they stand, YYYY-MM",
  from: "charge, term, price: the instant from which it counted, ISO 8601",
  until: "charge, term: the instant until which it counted, exclusive",
  words:
    "working, price: the sentence; record: why AWS refused it, or what was found out; adjustment: its reason",
  phase: "charge, record: trial for a Marketplace free trial, which AWS charges nothing for",
} as const;

type Line = Partial<Record<keyof typeof csvColumns, string | number | boolean>>;

/** RFC 4180: CRLF after every line, a header, UTF-8 without byte order mark. */
export function statementCsv(statement: Statement): string {
  const columns = Object.keys(csvColumns) as (keyof typeof csvColumns)[];
  const common = { month: statement.month, license_arn: statement.licenseArn };
  const rows = linesOf(statement).map((line) => {
    const cells: Line = { ...common, ...line };
    return columns.map((column) => cell(cells[column])).join(",");
  });
  return [columns.join(","), ...rows].map((row) => `${row}\r\n`).join("");
}

function linesOf(statement: Statement): Line[] {
  const {
    records: counts,
    acceptedUnits,
    zeroRecords,
    readingRequests,
    ...amounts
  } = statement.totals;
  return [
    ...Object.entries(amounts).map(([name, amount]): Line => ({
      row: "total",
      name,
      amount_usd: amount,
    })),
    { row: "total", name: "acceptedUnits", units: acceptedUnits },
    { row: "total", name: "readingRequests", units: readingRequests },
    { row: "total", name: "zeroRecords", units: zeroRecords },
    ...Object.entries(statement.invoice as unknown as Record<string, string>).map(
      ([name, amount]): Line => ({ row: "invoice-total", name, amount_usd: amount }),
    ),
    ...statement.terms.map(({ planId, from, until, days }): Line => ({
      row: "term",
      name: planId,
      from,
      until,
      units: days,
    })),
    ...statement.prices.map(({ dimension, unitPriceUsd, from, words }): Line => ({
      row: "price",
      dimension,
      unit_price_usd: unitPriceUsd,
      from,
      words,
    })),
    ...Object.entries(counts).map(([name, count]): Line => ({
      row: "total",
      name: `records.${name}`,
      units: count,
    })),
    ...statement.charges.flatMap(chargeLines),
    ...statement.days.map((day): Line => ({
      row: "day",
      date: day.date,
      cost_usd: day.costUsd,
      estimated: day.estimated,
      rated_cumulative_usd: day.ratedCumulativeUsd,
      billed_cumulative_usd: day.billedCumulativeUsd,
    })),
    ...statement.excludedCost.map(({ category, usd }): Line => ({
      row: "excluded",
      name: category,
      amount_usd: usd,
    })),
    ...statement.reading.map(({ deploymentId, requests, usd, paidBy }): Line => ({
      row: "reading",
      name: deploymentId,
      amount_usd: usd,
      units: requests,
      words: `paid by the ${paidBy}`,
    })),
    ...recordLines(statement),
    ...statement.forfeited.map(({ dimension, date, usd }): Line => ({
      row: "forfeited",
      dimension,
      date,
      amount_usd: usd,
    })),
    ...statement.adjustments.map(({ requestId, usd, reason, state, invoiceId }): Line => ({
      row: "adjustment",
      name: requestId,
      amount_usd: usd,
      outcome: state,
      words: [reason, invoiceId].filter((part) => part !== undefined).join(", "),
    })),
  ];
}

function chargeLines(charge: StatementCharge): Line[] {
  const { chargeId, dimension, rule, ratedUsd, costUsd, unitPriceUsd, periods, phase } = charge;
  return [
    {
      row: "charge",
      name: chargeId,
      dimension,
      rule,
      amount_usd: ratedUsd,
      cost_usd: costUsd,
      unit_price_usd: unitPriceUsd,
      from: periods[0]?.from,
      until: periods.at(-1)?.until,
      phase,
    },
    ...workingLines(charge).map((words): Line => ({ row: "working", name: chargeId, words })),
  ];
}

/** Those of the service month; then, of the invoice, what is for other months. */
function recordLines(statement: Statement): Line[] {
  const others = invoiceLines(statement).filter(({ label }) => label !== "");
  return [
    ...statement.records.map((record): Line => ({
      row: "record",
      hour: record.hour,
      dimension: record.dimension,
      amount_usd: record.amountUsd,
      units: record.quantity,
      record_units: record.recordQuantity,
      unit_price_usd: record.unitPriceUsd,
      outcome: record.outcome,
      metering_record_id: record.meteringRecordId,
      service_month: statement.month,
      invoice_month: record.hour.slice(0, 7),
      words: [record.reason, foundWords(record)].filter((part) => part !== undefined).join("; "),
      phase: record.phase,
    })),
    ...others.map(({ item, dimension, quantity, amountUsd, month }): Line => ({
      row: "invoice",
      hour: item.hour,
      dimension,
      amount_usd: amountUsd,
      units: quantity,
      record_units: item.quantity,
      unit_price_usd: item.unitPriceUsd,
      outcome: item.outcome,
      metering_record_id: item.meteringRecordId,
      service_month: month,
      invoice_month: item.hour.slice(0, 7),
      phase: item.phase,
    })),
  ];
}

function foundWords({ resolved }: StatementRecord): string | undefined {
  return resolved === undefined
    ? undefined
    : `${resolved.billed} units were charged: ${resolved.source}`;
}

const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;

/** What spreadsheets take for the start of a formula, full-width forms and leading blanks too. */
const FORMULA_START = /^\s*[=+\-@＝＋－＠]|^[\t\r]/;

/**
 * Text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers are left
 * alone: `-3.5` is a figure to add up, not a formula.
 */
export function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return "";
  const text = String(value);
  const safe = FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
