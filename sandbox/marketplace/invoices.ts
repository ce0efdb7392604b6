import { formatDecimal, roundDecimal } from "../cost/decimal.ts";
import type { Decimal } from "../cost/decimal.ts";
import { INVOICE_DAY } from "./limits.ts";
import type { Identification } from "./metering-targets.ts";
import { isInFreeTrial, unitPrice } from "./offers.ts";
import type { Agreement, MarketplaceState, MeteringRecord } from "./state.ts";

/** What AWS bills a buyer for an agreement's usage of one calendar month (UTC). */
export interface Invoice {
  readonly invoiceId: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly agreementId: string;
  readonly offerId: string;
  readonly licenseArn: string;
  readonly productCode: string;
  readonly buyerAccountId: string;
  /** The 2nd of the next month; until then the figures are an estimate (protocol-facts A7). */
  readonly issuedAt: number;
  readonly isIssued: boolean;
  readonly lines: readonly InvoiceLine[];
  /** Exact sum of the lines. */
  readonly exactUsd: string;
  /** What is invoiced: whole cents, half a cent rounded up. */
  readonly amountUsd: string;
}

export interface InvoiceLine {
  readonly dimension: string;
  readonly identifiedBy: Identification;
  readonly freeTrial: boolean;
  readonly unitPriceUsd: string;
  readonly quantity: number;
  readonly exactUsd: string;
  readonly meteringRecordIds: readonly string[];
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

export function invoicesOf(state: MarketplaceState, month: string, now: number): Invoice[] {
  const { start, end, issuedAt } = billingPeriod(month);
  const byAgreement = new Map<string, MeteringRecord[]>();
  for (const record of Object.values(state.records)) {
    if (record.timestamp < start || record.timestamp >= end) continue;
    const agreementId = state.licenses[record.licenseArn]?.agreementId ?? "";
    const known = byAgreement.get(agreementId);
    if (known === undefined) byAgreement.set(agreementId, [record]);
    else known.push(record);
  }
  return [...byAgreement].map(([agreementId, records]) => {
    const agreement = state.agreements[agreementId];
    if (agreement === undefined) throw new Error(`no agreement ${agreementId}`);
    const lines = linesOf(state, agreement, records);
    const sum = lines.reduce((total, line) => total + line.amount, 0n);
    const { offerId, licenseArn, productCode, buyerAccountId } = agreement;
    return {
      invoiceId: `inv-${month.replace("-", "")}-${agreementId.slice(-12)}`,
      month,
      ...{ agreementId, offerId, licenseArn, productCode, buyerAccountId },
      issuedAt,
      isIssued: now >= issuedAt,
      lines: lines.map(({ amount, ...line }) => ({ ...line, exactUsd: formatDecimal(amount) })),
      exactUsd: formatDecimal(sum),
      amountUsd: roundDecimal(sum, 2),
    };
  });
}

/** Throws a RangeError for what isn't a month. */
export function billingPeriod(month: string): { start: number; end: number; issuedAt: number } {
  const [, year, number] = MONTH.exec(month) ?? [];
  if (year === undefined || number === undefined) {
    throw new RangeError(`a month is written YYYY-MM, not ${JSON.stringify(month)}`);
  }
  const at = (months: number, day: number) =>
    Date.UTC(Number(year), Number(number) - 1 + months, day);
  return { start: at(0, 1), end: at(1, 1), issuedAt: at(1, INVOICE_DAY) };
}

/** Months with usage, oldest first. */
export function billedMonths(state: MarketplaceState): string[] {
  const months = Object.values(state.records).map(({ timestamp }) =>
    new Date(timestamp).toISOString().slice(0, 7),
  );
  return [...new Set(months)].sort();
}

type Line = Omit<InvoiceLine, "exactUsd"> & { readonly amount: Decimal };

/** One line for each dimension, price, trial and way of identification: doubles stay visible. */
function linesOf(
  state: MarketplaceState,
  agreement: Agreement,
  records: readonly MeteringRecord[],
): Line[] {
  const lines = new Map<string, Line>();
  for (const { dimension, identifiedBy, timestamp, quantity, meteringRecordId } of records) {
    const price = unitPrice(state, agreement, dimension, timestamp);
    const freeTrial = isInFreeTrial(state, agreement, timestamp);
    const unitPriceUsd = formatDecimal(price);
    const key = JSON.stringify([dimension, identifiedBy, freeTrial, unitPriceUsd]);
    const known = lines.get(key);
    lines.set(key, {
      ...{ dimension, identifiedBy, freeTrial, unitPriceUsd },
      quantity: (known?.quantity ?? 0) + quantity,
      amount: (known?.amount ?? 0n) + (freeTrial ? 0n : price * BigInt(quantity)),
      meteringRecordIds: [...(known?.meteringRecordIds ?? []), meteringRecordId],
    });
  }
  return [...lines.values()];
}
