import { createHash } from "node:crypto";
import { formatDecimal, parseDecimal, roundDecimal } from "../cost/decimal.ts";
import type { Decimal } from "../cost/decimal.ts";
import { adjustmentStatus } from "./billing-adjustments.ts";
import { billingPeriod, invoicesOf } from "./invoices.ts";
import type { Invoice } from "./invoices.ts";
import { isInFreeTrial, unitPrice } from "./offers.ts";
import type { Agreement, MarketplaceProduct, MarketplaceState, MeteringRecord } from "./state.ts";

/**
 * What a seller downloads to reconcile: the usage report by day and dimension, and the billed
 * revenue report by invoice. Columns are named and ordered as in the queries that AWS publishes
 * over its data feeds; those that the sandbox has nothing for are left out of the second, empty in
 * the first. Not verified against a download of the Management Portal.
 */
export type SellerReport = "usage" | "billed-revenue";

export const SELLER_REPORTS: readonly SellerReport[] = ["usage", "billed-revenue"];

const USAGE_COLUMNS = (
  "internal_usage_line_item_id usage_date usage_reported_date " +
  "end_user_company_name end_user_aws_account_id product_title product_id product_code " +
  "offer_id offer_name offer_visibility agreement_id agreement_acceptance_date " +
  "agreement_start_date agreement_end_date catalog dimension_key region estimated_usage_units " +
  "usage_unit_types charge_item_description usage_rate_per_unit estimated_revenue currency " +
  "subscriber_company_name subscriber_aws_account_id payer_company_name payer_aws_account_id " +
  "isv_aws_account_id"
).split(" ");

const REVENUE_COLUMNS = [
  ...["Payer AWS Account ID", "Payer Company Name", "End User AWS Account ID"],
  ...["End User Company Name", "Product ID", "Product Title", "Offer ID", "Agreement ID"],
  ...["Agreement Start Date", "Agreement End Date", "Agreement Acceptance Date", "Invoice ID"],
  ...["Invoice Date", "Usage Period Start Date", "Usage Period End Date", "Gross Revenue"],
  ...["Gross Refund", "Listing Fee", "Listing Fee Refund", "Seller Net Revenue", "Currency"],
];

/** AWS's share; what it is for a listing is in the seller's own report (assumed here). */
const LISTING_FEE_PERCENT = 3n;
const NO_END = "2999-01-01T00:00:00Z";
const DAY_MS = 24 * 3_600_000;

type Row = Readonly<Record<string, string>>;

/** Throws a RangeError, with a sentence, for a month that can't be reported yet. */
export function sellerReport(
  state: MarketplaceState,
  report: SellerReport,
  month: string,
  now: number,
): string {
  const { issuedAt } = billingPeriod(month);
  if (report === "usage") return csv(USAGE_COLUMNS, usageRows(state, month, now));
  if (now < issuedAt) {
    throw new RangeError(
      `the invoices of ${month} are issued ${seconds(issuedAt)}; nothing is billed before`,
    );
  }
  return csv(
    REVENUE_COLUMNS,
    invoicesOf(state, month, now).map((invoice) => revenueRow(state, invoice, now)),
  );
}

function revenueRow(state: MarketplaceState, invoice: Invoice, now: number): Row {
  const { agreement, product } = partiesOf(state, invoice.agreementId);
  const { start, end } = billingPeriod(invoice.month);
  const gross = amount(invoice.amountUsd);
  const refund = Object.values(state.adjustments)
    .filter((one) => one.originalInvoiceId === invoice.invoiceId)
    .filter((one) => adjustmentStatus(one, now) === "COMPLETED")
    .reduce((sum, one) => sum - amount(one.adjustmentAmount), 0n);
  const fee = amount(roundDecimal((-gross * LISTING_FEE_PERCENT) / 100n, 2));
  const feeRefund = amount(roundDecimal((-refund * LISTING_FEE_PERCENT) / 100n, 2));
  return {
    "Payer AWS Account ID": agreement.buyerAccountId,
    "End User AWS Account ID": agreement.buyerAccountId,
    "Product ID": product.productId,
    "Product Title": product.title,
    "Offer ID": agreement.offerId,
    "Agreement ID": agreement.agreementId,
    ...datesOf(agreement, [
      "Agreement Acceptance Date",
      "Agreement Start Date",
      "Agreement End Date",
    ]),
    "Invoice ID": invoice.invoiceId,
    "Invoice Date": seconds(invoice.issuedAt),
    "Usage Period Start Date": seconds(start),
    "Usage Period End Date": seconds(end),
    "Gross Revenue": roundDecimal(gross, 2),
    "Gross Refund": roundDecimal(refund, 2),
    "Listing Fee": roundDecimal(fee, 2),
    "Listing Fee Refund": roundDecimal(feeRefund, 2),
    "Seller Net Revenue": roundDecimal(gross + refund + fee + feeRefund, 2),
    Currency: "USD",
  };
}

/** One row for each day, agreement, dimension, region and rate; days that are over (UTC). */
function usageRows(state: MarketplaceState, month: string, now: number): Row[] {
  const { start, end } = billingPeriod(month);
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const sums = new Map<string, { record: MeteringRecord; units: bigint; day: number }>();
  for (const record of Object.values(state.records)) {
    const { timestamp, dimension, region, licenseArn } = record;
    if (timestamp < start || timestamp >= Math.min(end, today)) continue;
    const day = Math.floor(timestamp / DAY_MS) * DAY_MS;
    const key = JSON.stringify([day, licenseArn, dimension, region, rateOf(state, record)]);
    const units = (sums.get(key)?.units ?? 0n) + BigInt(record.quantity);
    sums.set(key, { record, units, day });
  }
  return [...sums]
    .sort(([, left], [, right]) => left.day - right.day)
    .map(([key, { record, units, day }]) => usageRow(state, record, key, units, day, today));
}

function usageRow(
  state: MarketplaceState,
  record: MeteringRecord,
  key: string,
  units: bigint,
  day: number,
  today: number,
): Row {
  const { agreement, product } = partiesOf(state, agreementIdOf(state, record));
  const rate = rateOf(state, record);
  const buyer = agreement.buyerAccountId;
  return {
    internal_usage_line_item_id: createHash("sha256").update(key).digest("hex"),
    usage_date: seconds(day),
    usage_reported_date: seconds(today),
    end_user_aws_account_id: buyer,
    product_title: product.title,
    product_id: product.productId,
    product_code: product.productCode,
    offer_id: agreement.offerId,
    offer_visibility: state.offers[agreement.offerId]?.buyerAccountIds ? "Private" : "Public",
    agreement_id: agreement.agreementId,
    ...datesOf(agreement, [
      "agreement_acceptance_date",
      "agreement_start_date",
      "agreement_end_date",
    ]),
    catalog: "AWSMarketplace",
    dimension_key: record.dimension,
    region: record.region,
    estimated_usage_units: units.toString(),
    usage_unit_types: "Units",
    usage_rate_per_unit: rate,
    estimated_revenue: formatDecimal(amount(rate) * units),
    currency: "USD",
    subscriber_aws_account_id: buyer,
    payer_aws_account_id: buyer,
    isv_aws_account_id: product.sellerAccountId,
  };
}

/** A free trial's usage has a revenue of zero until the trial is over. */
function rateOf(state: MarketplaceState, record: MeteringRecord): string {
  const { agreement } = partiesOf(state, agreementIdOf(state, record));
  if (isInFreeTrial(state, agreement, record.timestamp)) return "0";
  return formatDecimal(unitPrice(state, agreement, record.dimension, record.timestamp));
}

const agreementIdOf = ({ licenses }: MarketplaceState, { licenseArn }: MeteringRecord): string =>
  licenses[licenseArn]?.agreementId ?? "";

function partiesOf(
  { agreements, products }: MarketplaceState,
  agreementId: string,
): { agreement: Agreement; product: MarketplaceProduct } {
  const agreement = agreements[agreementId];
  const product = products.find(({ productCode }) => productCode === agreement?.productCode);
  if (agreement === undefined || product === undefined) {
    throw new Error(`agreement ${agreementId} is gone`);
  }
  return { agreement, product };
}

const datesOf = (
  { acceptedAt, endedAt }: Agreement,
  [acceptance, start, end]: readonly [string, string, string],
): Row => ({
  [acceptance]: seconds(acceptedAt),
  [start]: seconds(acceptedAt),
  [end]: endedAt === undefined ? NO_END : seconds(endedAt),
});

const amount = (text: string): Decimal => parseDecimal(text) ?? 0n;

const seconds = (instant: number): string =>
  new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z");

function csv(columns: readonly string[], rows: readonly Row[]): string {
  const cell = (text: string): string =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}
