import { formatDecimal, parseDecimal, roundDecimal } from "../cost/decimal.ts";
import type { Decimal } from "../cost/decimal.ts";
import { lowercaseText, uuid } from "../random.ts";
import { emit } from "./emit-event.ts";
import type { EmitDeps } from "./emit-event.ts";
import { invoicesOf, billedMonths } from "./invoices.ts";
import type { Invoice } from "./invoices.ts";
import { billingAdjustmentEnded } from "./lifecycle-events.ts";
import type { MarketplaceState } from "./state.ts";

/** A seller's request to pay a part of an issued invoice back (protocol-facts A7, A9). */
export interface BillingAdjustment extends AdjustmentEntry {
  readonly billingAdjustmentRequestId: string;
  readonly createdAt: number;
  /** When AWS is done with it; until then it is PENDING. */
  readonly endsAt: number;
  readonly fails: boolean;
}

export interface AdjustmentEntry {
  readonly agreementId: string;
  readonly originalInvoiceId: string;
  readonly adjustmentAmount: string;
  readonly currencyCode: string;
  readonly adjustmentReasonCode: string;
  readonly description?: string;
  readonly clientToken: string;
}

export type AdjustmentOutcome =
  | { readonly kind: "created"; readonly adjustment: BillingAdjustment }
  | { readonly kind: "refused"; readonly code: AdjustmentErrorCode; readonly message: string };

export type AdjustmentErrorCode =
  "CONFLICT_EXCEPTION" | "VALIDATION_EXCEPTION" | "RESOURCE_NOT_FOUND_EXCEPTION";

export const ADJUSTMENT_REASONS: readonly string[] = [
  "INCORRECT_TERMS_ACCEPTED",
  "INCORRECT_METERING",
  "TEST_ENVIRONMENT_CHARGES",
  "ALTERNATIVE_PROCUREMENT_CHANNEL",
  "UNINTENDED_RENEWAL",
  "BUYER_DISSATISFACTION",
  "OTHER",
];

/** How long AWS takes is not said; the request is asynchronous, so it isn't done at once. */
const PROCESSING_MS = 60 * 60 * 1000;
/** Amounts are written as money is: an optional fraction of at most two digits. */
const AMOUNT = /^\d{1,15}(?:\.\d{1,2})?$/;

export type AdjustmentDeps = EmitDeps & {
  readonly state: MarketplaceState;
  readonly now: () => number;
  readonly random: () => number;
  readonly changed: () => void;
};

/** One entry of BatchCreateBillingAdjustmentRequest; the same token and content is one request. */
export function createAdjustment(deps: AdjustmentDeps, entry: AdjustmentEntry): AdjustmentOutcome {
  const { state, random } = deps;
  const known = Object.values(state.adjustments).find(
    ({ clientToken }) => clientToken === entry.clientToken,
  );
  if (known !== undefined) {
    return isSameEntry(known, entry)
      ? { kind: "created", adjustment: known }
      : refused("CONFLICT_EXCEPTION", "The client token was used for another request.");
  }
  const now = deps.now();
  const problem = problemOf(state, entry, now);
  if (problem !== undefined) return problem;
  const fault = deps.faults.fires(
    "aws-marketplace",
    "BatchCreateBillingAdjustmentRequest",
    "adjustment-fails",
  );
  const adjustment: BillingAdjustment = {
    ...entry,
    billingAdjustmentRequestId: `ba-${lowercaseText(random, 14)}`,
    createdAt: now,
    endsAt: now + PROCESSING_MS,
    fails: fault !== undefined,
  };
  state.adjustments[adjustment.billingAdjustmentRequestId] = adjustment;
  announce(deps, adjustment);
  deps.changed();
  return { kind: "created", adjustment };
}

export function adjustmentStatus(
  { endsAt, fails }: BillingAdjustment,
  now: number,
): "PENDING" | "COMPLETED" | "VALIDATION_FAILED" {
  if (now < endsAt) return "PENDING";
  return fails ? "VALIDATION_FAILED" : "COMPLETED";
}

/** What of an invoice was paid back already, or is about to be. */
export function adjustedAmount(
  { adjustments }: MarketplaceState,
  invoiceId: string,
  now: number,
): Decimal {
  return Object.values(adjustments)
    .filter((one) => one.originalInvoiceId === invoiceId)
    .filter((one) => adjustmentStatus(one, now) !== "VALIDATION_FAILED")
    .reduce((sum, one) => sum + amountOf(one), 0n);
}

/** The most that can still be paid back of an invoice. */
export const maxAdjustment = (state: MarketplaceState, invoice: Invoice, now: number): string =>
  roundDecimal(
    (parseDecimal(invoice.amountUsd) ?? 0n) - adjustedAmount(state, invoice.invoiceId, now),
    2,
  );

export const issuedInvoices = (
  state: MarketplaceState,
  agreementId: string,
  now: number,
): readonly Invoice[] =>
  billedMonths(state)
    .flatMap((month) => invoicesOf(state, month, now))
    .filter((invoice) => invoice.isIssued && invoice.agreementId === agreementId);

function problemOf(
  state: MarketplaceState,
  entry: AdjustmentEntry,
  now: number,
): AdjustmentOutcome | undefined {
  if (!ADJUSTMENT_REASONS.includes(entry.adjustmentReasonCode)) {
    return refused("VALIDATION_EXCEPTION", "The adjustment reason code is not valid.");
  }
  if (entry.currencyCode !== "USD") {
    return refused("VALIDATION_EXCEPTION", "The currency must be the offer's: USD.");
  }
  if (!AMOUNT.test(entry.adjustmentAmount) || amountOf(entry) === 0n) {
    return refused("VALIDATION_EXCEPTION", "The adjustment amount must be a positive amount.");
  }
  const invoice = issuedInvoices(state, entry.agreementId, now).find(
    ({ invoiceId }) => invoiceId === entry.originalInvoiceId,
  );
  if (invoice === undefined) {
    const message = `The agreement has no issued invoice ${entry.originalInvoiceId}.`;
    return refused("RESOURCE_NOT_FOUND_EXCEPTION", message);
  }
  const max = maxAdjustment(state, invoice, now);
  if (amountOf(entry) > (parseDecimal(max) ?? 0n)) {
    return refused(
      "VALIDATION_EXCEPTION",
      `The adjustment amount ${entry.adjustmentAmount} is above what can be refunded: ${max}.`,
    );
  }
  return undefined;
}

function announce(deps: AdjustmentDeps, adjustment: BillingAdjustment): void {
  const { state, random } = deps;
  const agreement = state.agreements[adjustment.agreementId];
  const license = agreement && state.licenses[agreement.licenseArn];
  if (license === undefined) throw new Error(`no license for ${adjustment.agreementId}`);
  const ids = { id: uuid(random), requestId: uuid(random) };
  const refund = refundText(adjustment);
  const event = billingAdjustmentEnded(license.sellerAccountId, ids, adjustment, refund);
  emit(deps, event, adjustment.endsAt);
}

const amountOf = ({ adjustmentAmount }: AdjustmentEntry): Decimal =>
  parseDecimal(adjustmentAmount) ?? 0n;

/** An amount as AWS's events write it: what the buyer gets back is negative. */
export const refundText = (entry: AdjustmentEntry): string => roundDecimal(-amountOf(entry), 2);

const isSameEntry = (known: AdjustmentEntry, entry: AdjustmentEntry): boolean =>
  known.agreementId === entry.agreementId &&
  known.originalInvoiceId === entry.originalInvoiceId &&
  formatDecimal(amountOf(known)) === formatDecimal(amountOf(entry)) &&
  known.currencyCode === entry.currencyCode &&
  known.adjustmentReasonCode === entry.adjustmentReasonCode &&
  known.description === entry.description;

const refused = (code: AdjustmentErrorCode, message: string): AdjustmentOutcome => ({
  kind: "refused",
  code,
  message,
});
