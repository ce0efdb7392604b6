import {
  type AgreementInvoiceLineItemGroupSummary,
  BatchCreateBillingAdjustmentRequestCommand,
  GetBillingAdjustmentRequestCommand,
  ListAgreementInvoiceLineItemsCommand,
  type MarketplaceAgreementClient,
} from "@aws-sdk/client-marketplace-agreement";
import type { BillingAdjustments } from "../plan-ports.ts";
import type { IssuedInvoice } from "../domain/adjustment.ts";

/** AWS writes a description of at most so many characters of its other requests. */
const DESCRIPTION = 500;

/**
 * Invoices and adjustments of agreements (protocol-facts A7, A9), with a client for us-east-1. One
 * entry a call: the answer is then about this entry alone, and how many a call takes isn't said.
 */
export function agreementAdjustments(client: MarketplaceAgreementClient): BillingAdjustments {
  return {
    async issuedInvoices(agreementId) {
      const invoices: IssuedInvoice[] = [];
      let nextToken: string | undefined;
      do {
        const page = await client.send(
          new ListAgreementInvoiceLineItemsCommand({
            agreementId,
            groupBy: "INVOICE_ID",
            invoiceType: "INVOICE",
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
        );
        const groups = page.agreementInvoiceLineItemGroupSummaries ?? [];
        invoices.push(...groups.flatMap((group) => toInvoice(agreementId, group)));
        ({ nextToken } = page);
      } while (nextToken !== undefined && nextToken !== "");
      return invoices;
    },

    async request({ agreementId, invoiceId, usd, because, clientToken }) {
      const { items = [], errors = [] } = await client.send(
        new BatchCreateBillingAdjustmentRequestCommand({
          billingAdjustmentRequestEntries: [
            {
              agreementId,
              originalInvoiceId: invoiceId,
              adjustmentAmount: usd,
              currencyCode: "USD",
              adjustmentReasonCode: "INCORRECT_METERING",
              description: because.slice(0, DESCRIPTION),
              clientToken,
            },
          ],
        }),
      );
      const requestId = items.find(
        (item) => item.clientToken === clientToken,
      )?.billingAdjustmentRequestId;
      if (requestId !== undefined) return { kind: "requested", requestId };
      const error = errors.find((one) => one.clientToken === clientToken);
      // No word on it, or one that says nothing: it may have been taken, so it is sent again.
      if (error === undefined || error.code === "INTERNAL_FAILURE") {
        throw new Error(`AWS gave no definite answer (${error?.message ?? "none"}).`);
      }
      return { kind: "refused", message: error.message ?? error.code ?? "refused" };
    },

    async state({ agreementId, requestId }) {
      const { status } = await client.send(
        new GetBillingAdjustmentRequestCommand({
          agreementId,
          billingAdjustmentRequestId: requestId,
        }),
      );
      if (status === "COMPLETED") return "completed";
      return status === "VALIDATION_FAILED" ? "failed" : "requested";
    },
  };
}

function toInvoice(
  agreementId: string,
  group: AgreementInvoiceLineItemGroupSummary,
): IssuedInvoice[] {
  const { invoiceId, invoiceBillingPeriod: period, pricingCurrencyAmount: money } = group;
  const isUsd = money?.currencyCode === "USD" && money.maxAdjustmentAmount !== undefined;
  if (invoiceId === undefined || period?.year === undefined || !isUsd) return [];
  const month = `${period.year}-${String(period.month).padStart(2, "0")}`;
  return [{ agreementId, invoiceId, month, maxAdjustment: money.maxAdjustmentAmount ?? "0" }];
}
