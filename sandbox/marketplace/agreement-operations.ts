import { AwsError } from "../aws-service.ts";
import { formatDecimal } from "../cost/decimal.ts";
import type { AgreementCall, Operation } from "../services/marketplace-agreement.ts";
import {
  adjustmentStatus,
  issuedInvoices,
  maxAdjustment,
  refundText,
} from "./billing-adjustments.ts";
import type { AdjustmentDeps } from "./billing-adjustments.ts";
import type { Invoice } from "./invoices.ts";
import { unitPrice } from "./offers.ts";
import { pageOf } from "./pages-of-results.ts";
import type { Agreement, MarketplaceProduct, MarketplaceState } from "./state.ts";

type Deps = Pick<AdjustmentDeps, "state" | "now">;

/** Who agreed on what, and what was invoiced (protocol-facts A4, A9). */
export function agreementOperations(deps: Deps): Readonly<Record<string, Operation>> {
  const { state } = deps;
  return {
    DescribeAgreement: (call) => describe(state, call.agreement("either")),
    GetAgreementTerms(call) {
      const agreement = call.agreement("either");
      const { items, nextToken } = pageOf(termsOf(deps, agreement), call.input, 50);
      return { acceptedTerms: items, nextToken };
    },
    GetAgreementEntitlements(call) {
      const entitlements = [entitlementOf(deps, call.agreement("either"))];
      const { items, nextToken } = pageOf(entitlements, call.input, 50);
      return { agreementEntitlements: items, nextToken };
    },
    ListAgreementInvoiceLineItems(call) {
      const { items, nextToken } = pageOf(invoiceGroups(deps, call), call.input, 50);
      return { agreementInvoiceLineItemGroupSummaries: items, nextToken };
    },
  };
}

function describe(state: MarketplaceState, agreement: Agreement): unknown {
  const { agreementId, acceptedAt, endedAt, offerId, status } = agreement;
  const product = productOf(state, agreement);
  return {
    agreementId,
    acceptor: { accountId: agreement.buyerAccountId },
    proposer: { accountId: product.sellerAccountId },
    startTime: new Date(acceptedAt),
    // Pay-as-you-go agreements have no end until they end; the API says so by leaving it out.
    endTime: endedAt === undefined ? undefined : new Date(endedAt),
    acceptanceTime: new Date(acceptedAt),
    agreementType: "PurchaseAgreement",
    proposalSummary: { resources: [{ id: product.productId, type: "SaaSProduct" }], offerId },
    status,
    initialAgreementId: agreementId,
  };
}

function termsOf({ state, now }: Deps, agreement: Agreement): readonly unknown[] {
  const { agreementId, offerId } = agreement;
  const product = productOf(state, agreement);
  const days = state.offers[offerId]?.freeTrialDays;
  const id = (name: string) => `term-${name}-${agreementId.slice(-8)}`;
  const rateCard = product.dimensions.map((dimensionKey) => ({
    dimensionKey,
    price: formatDecimal(unitPrice(state, agreement, dimensionKey, now())),
  }));
  const usage = {
    usageBasedPricingTerm: {
      ...{ type: "UsageBasedPricingTerm", id: id("usage"), currencyCode: "USD" },
      rateCards: [{ rateCard }],
    },
  };
  if (days === undefined) return [usage];
  const freeTrialPricingTerm = {
    ...{ type: "FreeTrialPricingTerm", id: id("trial"), duration: `P${days}D` },
    grants: product.dimensions.map((dimensionKey) => ({ dimensionKey })),
  };
  return [usage, { freeTrialPricingTerm }];
}

function entitlementOf({ state, now }: Deps, agreement: Agreement): unknown {
  const license = state.licenses[agreement.licenseArn];
  if (license === undefined) throw new Error(`agreement ${agreement.agreementId} lost its license`);
  const ended = license.endedAt !== undefined && license.endedAt <= now();
  const status = ended ? "DEPROVISIONED" : license.activatedAt <= now() ? "PROVISIONED" : "PENDING";
  return {
    resource: { id: productOf(state, agreement).productId, type: "SaaSProduct" },
    type: "License",
    status,
    licenseArn: license.licenseArn,
  };
}

/** Issued invoices, and a credit memo for each adjustment that went through. */
function invoiceGroups({ state, now }: Deps, { input, agreement }: AgreementCall): unknown[] {
  if (input["groupBy"] !== "INVOICE_ID") {
    throw new AwsError("ValidationException", "groupBy is required and supports only INVOICE_ID.");
  }
  const { agreementId } = agreement("proposer");
  const at = now();
  const invoices = issuedInvoices(state, agreementId, at);
  const memos = Object.values(state.adjustments)
    .filter((one) => one.agreementId === agreementId && adjustmentStatus(one, at) === "COMPLETED")
    .flatMap((one) => {
      const invoice = invoices.find(({ invoiceId }) => invoiceId === one.originalInvoiceId);
      if (invoice === undefined) return [];
      const id = `memo-${one.billingAdjustmentRequestId}`;
      return [group(invoice, id, "CREDIT_MEMO", one.endsAt, { amount: refundText(one) })];
    });
  const all = invoices.map((invoice) =>
    group(invoice, invoice.invoiceId, "INVOICE", invoice.issuedAt, {
      amount: invoice.amountUsd,
      maxAdjustmentAmount: maxAdjustment(state, invoice, at),
    }),
  );
  return [...all, ...memos].filter((one) => matches(one, input));
}

type Group = ReturnType<typeof group>;

const group = (
  { agreementId, month }: Invoice,
  invoiceId: string,
  invoiceType: "INVOICE" | "CREDIT_MEMO",
  issuedAt: number,
  amounts: { readonly amount: string; readonly maxAdjustmentAmount?: string },
) => ({
  ...{ agreementId, invoiceId, invoiceType },
  pricingCurrencyAmount: { ...amounts, currencyCode: "USD" },
  invoiceBillingPeriod: { year: Number(month.slice(0, 4)), month: Number(month.slice(5)) },
  issuedTime: new Date(issuedAt),
  invoicingEntity: { legalName: "Amazon Web Services, Inc." },
});

function matches(one: Group, input: AgreementCall["input"]): boolean {
  const { invoiceId, invoiceType, invoiceBillingPeriod, beforeIssuedTime, afterIssuedTime } = input;
  const { month, year } = (invoiceBillingPeriod ?? {}) as { month?: unknown; year?: unknown };
  const issued = one.issuedTime.getTime() / 1000;
  return (
    (invoiceId === undefined || invoiceId === one.invoiceId) &&
    (invoiceType === undefined || invoiceType === one.invoiceType) &&
    (month === undefined || month === one.invoiceBillingPeriod.month) &&
    (year === undefined || year === one.invoiceBillingPeriod.year) &&
    (typeof beforeIssuedTime !== "number" || issued < beforeIssuedTime) &&
    (typeof afterIssuedTime !== "number" || issued > afterIssuedTime)
  );
}

function productOf({ products }: MarketplaceState, agreement: Agreement): MarketplaceProduct {
  const product = products.find(({ productCode }) => productCode === agreement.productCode);
  if (product === undefined) throw new Error(`agreement ${agreement.agreementId} lost its product`);
  return product;
}
