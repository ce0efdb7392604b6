import type { Day } from "../../domain/calendar.ts";
import { curTagKey } from "./tag-keys.ts";

/** One of AWS's tables in Athena, as the export's integration or a crawler made it. */
export interface AthenaTable {
  readonly database: string;
  readonly table: string;
  readonly format: "focus-1.0" | "focus-1.2" | "cur-2.0";
}

/**
 * What one machine can't hold, Athena adds up: one row for each tag value, day, category, currency
 * and finality of one account, so that a month of an account is some hundred rows.
 *
 * The same rules as in focus-rows.ts and cur-rows.ts, in SQL (Athena's engine is Trino).
 */
export function costSql(
  table: AthenaTable,
  of: {
    readonly accountId: string;
    readonly costTagKey: string;
    readonly from: Day;
    readonly to: Day;
  },
): string {
  const columns = table.format === "cur-2.0" ? curColumns(of) : focusColumns(of, table.format);
  const name = [table.database, table.table].map(identifier).join(".");
  // DECIMAL, or the sum of doubles would depend on the order in which Athena adds them. It keeps
  // 16 decimals; a double of a dollar has no more.
  return `SELECT day, tag, category, currency, is_final,
  CAST(SUM(CAST(billed AS DECIMAL(38, 16))) AS VARCHAR) AS billed,
  CAST(SUM(CAST(effective AS DECIMAL(38, 16))) AS VARCHAR) AS effective
FROM (
  SELECT ${columns.day} AS day,
    COALESCE(${columns.tag}, '') AS tag,
    ${columns.category} AS category,
    ${columns.currency} AS currency,
    ${columns.isFinal} AS is_final,
    ${columns.billed} AS billed,
    ${columns.effective} AS effective
  FROM ${name}
  WHERE ${columns.account} = ${literal(of.accountId)}
    AND ${columns.start} >= TIMESTAMP ${literal(`${day(of.from)} 00:00:00`)}
    AND ${columns.start} < TIMESTAMP ${literal(`${day(of.to)} 00:00:00`)}
    AND billing_period >= ${literal(of.from.slice(0, 7))}${columns.only}
)
GROUP BY day, tag, category, currency, is_final`;
}

/** The newest day of any account, or a row for no cost is taken for a day that isn't there yet. */
export function newestDaySql(table: AthenaTable, from: Day): string {
  const start = table.format === "cur-2.0" ? "line_item_usage_start_date" : "ChargePeriodStart";
  const name = [table.database, table.table].map(identifier).join(".");
  return `SELECT billing_period, CAST(date(MAX(${start})) AS VARCHAR) AS newest
FROM ${name}
WHERE billing_period >= ${literal(day(from).slice(0, 7))}
GROUP BY billing_period`;
}

interface Columns {
  readonly account: string;
  readonly start: string;
  readonly day: string;
  readonly tag: string;
  readonly category: string;
  readonly currency: string;
  readonly isFinal: string;
  readonly billed: string;
  readonly effective: string;
  /** A further condition. */
  readonly only: string;
}

function focusColumns(
  { costTagKey }: { readonly costTagKey: string },
  format: AthenaTable["format"],
): Columns {
  return {
    account: "SubAccountId",
    start: "ChargePeriodStart",
    day: "CAST(date(ChargePeriodStart) AS VARCHAR)",
    tag: tagOf("Tags", [costTagKey, `user:${costTagKey}`]),
    category: `CASE
      WHEN PublisherName <> '' AND NOT regexp_like(lower(PublisherName), '^(aws|amazon)\\b') THEN 'Marketplace'
      WHEN ChargeCategory IN ('Tax', 'Credit') THEN ChargeCategory
      WHEN ChargeCategory = 'Adjustment' AND BilledCost < 0 THEN 'Refund'
      ELSE 'Usage' END`,
    currency: "BillingCurrency",
    // FOCUS 1.0 has no such column: its figures stay estimated.
    isFinal: format === "focus-1.2" ? "COALESCE(InvoiceId, '') <> ''" : "false",
    billed: "BilledCost",
    effective: "EffectiveCost",
    only: "\n    AND regexp_like(lower(ProviderName), '^(aws|amazon(\\.com)?|amazon web services.*)$')",
  };
}

function curColumns({ costTagKey }: { readonly costTagKey: string }): Columns {
  const net = "COALESCE(line_item_net_unblended_cost, line_item_unblended_cost)";
  const netOr = (net: string, gross: string) => `COALESCE(${net}, ${gross})`;
  return {
    account: "line_item_usage_account_id",
    start: "line_item_usage_start_date",
    day: "CAST(date(line_item_usage_start_date) AS VARCHAR)",
    // CUR 2.0 always has this map; its keys are column names.
    tag: tagOf("resource_tags", [curTagKey(costTagKey)]),
    category: `CASE
      WHEN bill_billing_entity <> '' AND bill_billing_entity <> 'AWS' THEN 'Marketplace'
      WHEN line_item_line_item_type IN ('Tax', 'Credit', 'Refund') THEN line_item_line_item_type
      ELSE 'Usage' END`,
    currency: "line_item_currency_code",
    isFinal: "COALESCE(bill_invoice_id, '') <> ''",
    billed: "line_item_unblended_cost",
    effective: `CASE line_item_line_item_type
      WHEN 'SavingsPlanCoveredUsage' THEN ${netOr("savings_plan_net_savings_plan_effective_cost", "savings_plan_savings_plan_effective_cost")}
      WHEN 'SavingsPlanRecurringFee' THEN savings_plan_total_commitment_to_date - savings_plan_used_commitment
      WHEN 'SavingsPlanNegation' THEN 0
      WHEN 'SavingsPlanUpfrontFee' THEN 0
      WHEN 'DiscountedUsage' THEN ${netOr("reservation_net_effective_cost", "reservation_effective_cost")}
      WHEN 'RIFee' THEN ${netOr("reservation_net_unused_amortized_upfront_fee_for_billing_period", "reservation_unused_amortized_upfront_fee_for_billing_period")}
        + ${netOr("reservation_net_unused_recurring_fee", "reservation_unused_recurring_fee")}
      WHEN 'Fee' THEN CASE WHEN COALESCE(reservation_reservation_a_r_n, '') = '' THEN ${net} ELSE 0 END
      ELSE ${net} END`,
    only: "",
  };
}

/** A map answers NULL for a key that it doesn't have when it is asked by element_at. */
function tagOf(column: string, keys: readonly string[]): string {
  return `COALESCE(${keys.map((key) => `element_at(${column}, ${literal(key)})`).join(", ")})`;
}

/** SQL text: a quote inside is doubled, and nothing else is special in it. */
function literal(text: string): string {
  if (text.includes("\0")) throw new RangeError("a text for SQL can't hold a zero character");
  return `'${text.replaceAll("'", "''")}'`;
}

/** Glue's names; whatever else stands in a configuration is refused rather than quoted. */
function identifier(name: string): string {
  if (!/^[A-Za-z0-9_]{1,255}$/.test(name)) {
    throw new RangeError(`not a database or table of Athena: ${JSON.stringify(name)}`);
  }
  return `"${name}"`;
}

function day(text: Day): Day {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new RangeError(`not a day: ${JSON.stringify(text)}`);
  return text;
}
