import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { parse } from "csv-parse";
import { parseDecimal } from "./decimal.ts";
import type { Decimal } from "./decimal.ts";

/** One row of a bill, in Cost Explorer's words. */
export interface CostRow {
  /** Start of the UTC day in which the charge period began. */
  readonly day: number;
  readonly billed: Decimal;
  readonly effective: Decimal;
  readonly recordType: string;
  readonly billingEntity: string;
  readonly service: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Appears a day after the others of its day. */
  readonly late: boolean;
}

type Fields = Readonly<Record<string, string | undefined>>;

const REQUIRED = [
  "BilledCost",
  "EffectiveCost",
  "BillingCurrency",
  "ChargeCategory",
  "ChargePeriodStart",
  "ProviderName",
  "PublisherName",
  "ServiceName",
  "SubAccountId",
];
const AWS_PROVIDERS = /^(aws|amazon(\.com)?|amazon web services.*)$/i;
const AMAZON_PUBLISHER = /^(aws|amazon)/i;
const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(?:Z|[+]00:?00)?$/;
const LATE_ROWS_IN = 10;

/**
 * Reads what AWS charged one account (or, without one, everybody) from a FOCUS 1.x CSV. Rows of
 * other providers and accounts are left alone, whatever they hold; a counted row that can't be
 * understood refuses the file, because a bill with a hole is worse than none.
 */
export async function readFocusFile(
  file: string,
  sourceAccountId: string | undefined,
): Promise<readonly CostRow[]> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) throw new Error(`The cost file ${file} can't be read. Check that it exists.`);
  const rows: CostRow[] = [];
  let columns: readonly string[] = [];
  const source = createReadStream(file);
  const parser = source.pipe(
    parse({
      bom: true,
      skip_empty_lines: true,
      columns: (header: string[]) => (columns = header.map((name) => name.trim())),
    }),
  );
  // `pipe` hands on data, not errors.
  source.on("error", (error) => parser.destroy(error));
  let number = 1;
  try {
    for await (const record of parser as AsyncIterable<Fields>) {
      number += 1;
      if (number === 2) checkColumns(file, columns);
      const row = costRow(file, record, number, sourceAccountId);
      if (row !== undefined) rows.push(row);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("CSV_")) {
      throw new Error(`The cost file ${file} is not a CSV file: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
  checkColumns(file, columns);
  if (rows.length === 0) throw nothingCounted(file, sourceAccountId);
  return rows;
}

function checkColumns(file: string, columns: readonly string[]): void {
  const missing = REQUIRED.filter((name) => !columns.includes(name));
  if (missing.length === 0) return;
  throw new Error(
    `The cost file ${file} is not a FOCUS 1.x export: it lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}.`,
  );
}

const nothingCounted = (file: string, sourceAccountId: string | undefined): Error =>
  new Error(
    sourceAccountId === undefined
      ? `The cost file ${file} has no row whose ProviderName is AWS.`
      : `The cost file ${file} has no AWS row of account ${sourceAccountId} (column SubAccountId).`,
  );

function costRow(
  file: string,
  fields: Fields,
  number: number,
  sourceAccountId: string | undefined,
): CostRow | undefined {
  const text = (name: string): string => {
    const value = fields[name]?.trim() ?? "";
    return value === "NULL" || value === "null" ? "" : value;
  };
  if (!AWS_PROVIDERS.test(text("ProviderName"))) return undefined;
  if (sourceAccountId !== undefined && text("SubAccountId") !== sourceAccountId) return undefined;

  const refuse = (column: string, rule: string): Error =>
    new Error(
      `Row ${number} of the cost file ${file}: ${column} is ${JSON.stringify(fields[column] ?? "")}, ${rule}.`,
    );
  const amount = (column: string): Decimal => {
    const value = parseDecimal(text(column));
    if (value === undefined) throw refuse(column, "which is not a number");
    return value;
  };
  if (text("BillingCurrency") !== "USD") {
    throw refuse("BillingCurrency", "but AWS Marketplace bills in USD only");
  }
  const day = dayOf(text("ChargePeriodStart"));
  if (day === undefined) throw refuse("ChargePeriodStart", "which is not a date");
  const billed = amount("BilledCost");
  const category = text("ChargeCategory");
  return {
    day,
    billed,
    effective: amount("EffectiveCost"),
    recordType: recordTypeOf(category, billed),
    billingEntity: AMAZON_PUBLISHER.test(text("PublisherName")) ? "AWS" : "AWS Marketplace",
    service: text("ServiceName"),
    region: text("RegionId") || "NoRegion",
    tags: tagsOf(text("Tags")),
    late: category === "Usage" && billed > 0n && isLate(number, text("ChargePeriodStart")),
  };
}

/** FOCUS's charge categories in Cost Explorer's RECORD_TYPE (protocol-facts E1, E4). */
function recordTypeOf(category: string, billed: Decimal): string {
  switch (category) {
    case "Usage":
    case "Tax":
    case "Credit":
      return category;
    case "Purchase":
      return "Fee";
    case "Adjustment":
      return billed < 0n ? "Refund" : "Other";
    default:
      return "Other";
  }
}

function dayOf(text: string): number | undefined {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return undefined;
  const instant = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // 31 February would roll over into March.
  return new Date(instant).toISOString().startsWith(`${year}-${month}-${day}`)
    ? instant
    : undefined;
}

/** JSON, sometimes with stray spaces in keys; anything else counts as no tags. */
function tagsOf(text: string): Record<string, string> {
  if (text === "") return {};
  try {
    const tags = JSON.parse(text) as unknown;
    if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return {};
    return Object.fromEntries(
      Object.entries(tags).map(([key, value]) => [
        key.trim(),
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
  } catch {
    return {};
  }
}

/** About one usage row in ten: always the same ones, whenever the file is read. */
function isLate(number: number, period: string): boolean {
  const digest = createHash("sha256").update(`${number} ${period}`).digest();
  return digest.readUInt32BE(0) % LATE_ROWS_IN === 0;
}
