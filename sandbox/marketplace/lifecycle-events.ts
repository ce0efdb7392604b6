import type { BillingAdjustment } from "./billing-adjustments.ts";
import type { Agreement, LicenseState, MarketplaceProduct } from "./state.ts";

/** An EventBridge envelope from AWS Marketplace, shaped as really received (protocol-facts A6). */
export interface LifecycleEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: "aws.agreement-marketplace";
  readonly account: string;
  readonly time: string;
  readonly region: "us-east-1";
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventSubject {
  readonly agreement: Agreement;
  readonly license: LicenseState;
  readonly product: MarketplaceProduct;
}

/** Ids of the envelope and of the request inside it. */
export interface EventIds {
  readonly id: string;
  readonly requestId: string;
}

/** Pay-as-you-go agreements have no end; this is how AWS writes it. */
const NO_END = "9999-01-01T00:00:00Z";

/** A seller who made and proposes the product gets the Proposer variant only. */
export function purchaseAgreementCreated(subject: EventSubject, ids: EventIds): LifecycleEvent {
  const { agreement } = subject;
  const accepted = seconds(agreement.acceptedAt);
  return envelope(subject, ids, "Purchase Agreement Created - Proposer", agreement.acceptedAt, {
    agreement: {
      id: agreement.agreementId,
      intent: "NEW",
      status: "ACTIVE",
      acceptanceTime: accepted,
      startTime: accepted,
      endTime: NO_END,
    },
    resaleAuthorization: { id: null },
    ...parties(subject),
    offer: { id: agreement.offerId },
  });
}

export function purchaseAgreementEnded(
  subject: EventSubject,
  ids: EventIds,
  at: number,
): LifecycleEvent {
  const { agreementId, status } = subject.agreement;
  return envelope(subject, ids, "Purchase Agreement Ended - Proposer", at, {
    agreement: { id: agreementId, status },
    resaleAuthorization: { id: null },
    ...parties(subject),
  });
}

export const licenseUpdated = (subject: EventSubject, ids: EventIds, at: number): LifecycleEvent =>
  envelope(subject, ids, "License Updated - Manufacturer", at, licenseDetail(subject));

export const licenseDeprovisioned = (
  subject: EventSubject,
  ids: EventIds,
  at: number,
): LifecycleEvent =>
  envelope(subject, ids, "License Deprovisioned - Manufacturer", at, licenseDetail(subject));

/**
 * The seller's variant of an event whose buyer's variant AWS documents; that it has the same shape
 * is assumed (BG:cancellation-adjustment-eventbridge).
 */
export function billingAdjustmentEnded(
  sellerAccountId: string,
  ids: EventIds,
  adjustment: BillingAdjustment,
  /** What the buyer gets back is negative. */
  adjustmentAmount: string,
): LifecycleEvent {
  const { agreementId, endsAt, fails } = adjustment;
  const result = fails ? "Failed" : "Completed";
  return {
    version: "0",
    id: ids.id,
    "detail-type": `Purchase Agreement Billing Adjustment ${result} - Proposer`,
    source: "aws.agreement-marketplace",
    account: sellerAccountId,
    time: seconds(endsAt),
    region: "us-east-1",
    resources: [],
    detail: {
      requestId: ids.requestId,
      catalog: "AWSMarketplace",
      agreement: { id: agreementId },
      billingAdjustmentRequest: {
        id: adjustment.billingAdjustmentRequestId,
        adjustmentAmount,
        currencyCode: adjustment.currencyCode,
        adjustmentReasonCode: adjustment.adjustmentReasonCode,
      },
      invoice: { originalInvoiceId: adjustment.originalInvoiceId },
    },
  };
}

function licenseDetail(subject: EventSubject): Record<string, unknown> {
  const { agreement, license, product } = subject;
  return {
    agreement: { id: agreement.agreementId },
    product: { code: product.productCode, id: product.productId },
    license: { arn: license.licenseArn },
    ...parties(subject),
    offer: { id: agreement.offerId },
  };
}

const parties = ({ agreement, product }: EventSubject) => ({
  acceptor: { accountId: agreement.buyerAccountId },
  proposer: { accountId: product.sellerAccountId },
});

function envelope(
  { agreement, product }: EventSubject,
  ids: EventIds,
  detailType: string,
  at: number,
  detail: Record<string, unknown>,
): LifecycleEvent {
  return {
    version: "0",
    id: ids.id,
    "detail-type": detailType,
    source: "aws.agreement-marketplace",
    account: product.sellerAccountId,
    time: seconds(at),
    region: "us-east-1",
    resources: [`arn:aws:aws-marketplace::aws:agreement:${agreement.agreementId}`],
    detail: { requestId: ids.requestId, catalog: "AWSMarketplace", ...detail },
  };
}

const seconds = (instant: number): string =>
  new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z");
