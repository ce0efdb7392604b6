import type { Statement } from "../../metering/domain/statement.ts";

/**
 * The columns, in order, and what each says. Readers address them by name: a name is never
 * removed or given another meaning; new ones come at the end.
 */
export const csvColumns = {
  month: "Service month, YYYY-MM, UTC",
  license_arn: "The license of the subscription",
  row: "What the line is: total, charge, day, excluded, or record",
  name: "total: which total; charge: the charge id; excluded: the AWS cost category",
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
  const { records: counts, acceptedUnits, ...amounts } = statement.totals;
  return [
    ...Object.entries(amounts).map(([name, amount]): Line => ({
      row: "total",
      name,
      amount_usd: amount,
    })),
    { row: "total", name: "acceptedUnits", units: acceptedUnits },
    ...Object.entries(counts).map(([name, count]): Line => ({
      row: "total",
      name: `records.${name}`,
      units: count,
    })),
    ...statement.charges.map((charge): Line => ({
      row: "charge",
      name: charge.chargeId,
      dimension: charge.dimension,
      rule: charge.rule,
      amount_usd: charge.ratedUsd,
      cost_usd: charge.costUsd,
      unit_price_usd: charge.unitPriceUsd,
    })),
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
    })),
  ];
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
