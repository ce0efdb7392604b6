import {
  BatchCreateBillingAdjustmentRequestCommand,
  DescribeAgreementCommand,
  GetAgreementEntitlementsCommand,
  GetAgreementTermsCommand,
  GetBillingAdjustmentRequestCommand,
  ListAgreementInvoiceLineItemsCommand,
  ListBillingAdjustmentRequestsCommand,
  MarketplaceAgreementClient,
} from "@aws-sdk/client-marketplace-agreement";
import type { BatchCreateBillingAdjustmentRequestEntry } from "@aws-sdk/client-marketplace-agreement";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aProduct, aSandbox, BUYER, clientOf, SELLER, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;
const ISSUED = Date.parse("2026-12-02T00:00:00Z");

const sellerOf = (sandbox: Sandbox, region?: string) =>
  new MarketplaceAgreementClient(clientOf(sandbox, sandbox.sellerCredentials, region));

/** An agreement whose invoice of November, 5.00 USD, is issued. */
async function anInvoice() {
  const sandbox = await aSandbox();
  const control = sandboxControl(sandbox.origin);
  const { licenseArn, agreementId } = await control.subscribe();
  await control.moveClock({ advanceTo: START + 2 * HOUR_MS });
  await new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
    new BatchMeterUsageCommand({
      UsageRecords: [
        {
          Timestamp: new Date(START + HOUR_MS),
          CustomerAWSAccountId: BUYER,
          LicenseArn: licenseArn,
          Dimension: "AwsCostShare",
          Quantity: 500,
        },
      ],
    }),
  );
  const early = await invoicesOf(sandbox, agreementId);
  await control.moveClock({ advanceTo: ISSUED });
  const [invoice] = await invoicesOf(sandbox, agreementId);
  const invoiceId = invoice?.invoiceId ?? "";
  const entry = (changes: Partial<BatchCreateBillingAdjustmentRequestEntry> = {}) => ({
    agreementId,
    originalInvoiceId: invoiceId,
    adjustmentAmount: "2.50",
    currencyCode: "USD",
    adjustmentReasonCode: "INCORRECT_METERING" as const,
    clientToken: "token-1",
    ...changes,
  });
  return { sandbox, control, agreementId, licenseArn, early, invoice, invoiceId, entry };
}

async function invoicesOf(
  sandbox: Sandbox,
  agreementId: string,
  invoiceType?: "INVOICE" | "CREDIT_MEMO",
) {
  const { agreementInvoiceLineItemGroupSummaries } = await sellerOf(sandbox).send(
    new ListAgreementInvoiceLineItemsCommand({ agreementId, groupBy: "INVOICE_ID", invoiceType }),
  );
  return agreementInvoiceLineItemGroupSummaries ?? [];
}

const adjust = (sandbox: Sandbox, ...entries: BatchCreateBillingAdjustmentRequestEntry[]) =>
  sellerOf(sandbox).send(
    new BatchCreateBillingAdjustmentRequestCommand({ billingAdjustmentRequestEntries: entries }),
  );

describe("an agreement", () => {
  it("is described to both parties, without an end while it is paid as used", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { agreementId, licenseArn } = await control.subscribe();
    const buyer = new MarketplaceAgreementClient(
      clientOf(sandbox, sandbox.buyerCredentials(BUYER)),
    );

    const seen = await sellerOf(sandbox).send(new DescribeAgreementCommand({ agreementId }));
    const alsoSeen = await buyer.send(new DescribeAgreementCommand({ agreementId }));
    const { agreementEntitlements } = await sellerOf(sandbox).send(
      new GetAgreementEntitlementsCommand({ agreementId }),
    );
    await control.cancel(agreementId);
    const ended = await sellerOf(sandbox).send(new DescribeAgreementCommand({ agreementId }));

    expect(seen).toMatchObject({
      agreementId,
      acceptor: { accountId: BUYER },
      proposer: { accountId: SELLER },
      agreementType: "PurchaseAgreement",
      status: "ACTIVE",
      proposalSummary: { resources: [{ id: aProduct.productId, type: "SaaSProduct" }] },
    });
    expect(seen.endTime).toBeUndefined();
    expect(alsoSeen.agreementId).toBe(agreementId);
    expect(agreementEntitlements).toMatchObject([{ licenseArn, status: "PROVISIONED" }]);
    expect(ended.status).toBe("CANCELLED");
    expect(ended.endTime).toBeInstanceOf(Date);
  });

  it("has its offer's rates and free trial as terms", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const unitPricesUsd = { AwsCostShare: "0.00000001" };
    const { offerId } = await control.makeOffer({ unitPricesUsd, freeTrialDays: 14 });
    const { agreementId } = await control.subscribe({ offerId });

    const { acceptedTerms } = await sellerOf(sandbox).send(
      new GetAgreementTermsCommand({ agreementId }),
    );

    const rateCard = [
      { dimensionKey: "AwsCostShare", price: "0.00000001" },
      { dimensionKey: "License", price: "0.01" },
    ];
    expect(acceptedTerms).toMatchObject([
      { usageBasedPricingTerm: { currencyCode: "USD", rateCards: [{ rateCard }] } },
      { freeTrialPricingTerm: { duration: "P14D" } },
    ]);
  });

  it("of somebody else is not found, and no region but us-east-1 knows any", async () => {
    const sandbox = await aSandbox();
    const { agreementId } = await sandboxControl(sandbox.origin).subscribe();
    const stranger = sandbox.buyerCredentials("123412341234");
    const ask = (client: MarketplaceAgreementClient, id = agreementId) =>
      client.send(new DescribeAgreementCommand({ agreementId: id }));

    await expect(
      ask(new MarketplaceAgreementClient(clientOf(sandbox, stranger))),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException", resourceType: "Agreement" });
    await expect(ask(sellerOf(sandbox), "agmt-none")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(ask(sellerOf(sandbox, "eu-west-1"))).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});

describe("invoices of an agreement", () => {
  it("are listed once they are issued, with what can be refunded", async () => {
    const { sandbox, agreementId, early, invoice, invoiceId } = await anInvoice();
    const other = await sellerOf(sandbox).send(
      new ListAgreementInvoiceLineItemsCommand({
        agreementId,
        groupBy: "INVOICE_ID",
        invoiceBillingPeriod: { year: 2026, month: 10 },
      }),
    );

    expect(early).toEqual([]);
    expect(invoice).toMatchObject({
      invoiceId,
      invoiceType: "INVOICE",
      issuedTime: new Date(ISSUED),
      invoiceBillingPeriod: { year: 2026, month: 11 },
      pricingCurrencyAmount: { amount: "5.00", maxAdjustmentAmount: "5.00", currencyCode: "USD" },
    });
    expect(other.agreementInvoiceLineItemGroupSummaries).toEqual([]);
  });
});

describe("a billing adjustment", () => {
  it("is pending, then completed, announced, and a credit memo", async () => {
    const { sandbox, control, agreementId, invoiceId, entry } = await anInvoice();
    const { items, errors } = await adjust(sandbox, entry({ description: "metered twice" }));
    const billingAdjustmentRequestId = items?.[0]?.billingAdjustmentRequestId;
    const look = () =>
      sellerOf(sandbox).send(
        new GetBillingAdjustmentRequestCommand({ agreementId, billingAdjustmentRequestId }),
      );
    const pending = await look();
    await control.moveClock({ advanceBy: HOUR_MS });
    const completed = await look();
    const list = await sellerOf(sandbox).send(
      new ListBillingAdjustmentRequestsCommand({ agreementId, status: "COMPLETED" }),
    );

    expect(errors).toEqual([]);
    expect(items).toMatchObject([{ clientToken: "token-1" }]);
    expect(billingAdjustmentRequestId).toMatch(/^ba-[a-zA-Z0-9]+$/);
    expect(pending.status).toBe("PENDING");
    expect(completed).toMatchObject({
      status: "COMPLETED",
      adjustmentAmount: "2.50",
      description: "metered twice",
      originalInvoiceId: invoiceId,
    });
    expect(list.items).toHaveLength(1);
    expect((await control.events()).at(-1)).toMatchObject({
      "detail-type": "Purchase Agreement Billing Adjustment Completed - Proposer",
      account: SELLER,
      detail: {
        agreement: { id: agreementId },
        billingAdjustmentRequest: { id: billingAdjustmentRequestId, adjustmentAmount: "-2.50" },
        invoice: { originalInvoiceId: invoiceId },
      },
    });
    expect(await invoicesOf(sandbox, agreementId)).toMatchObject([
      { pricingCurrencyAmount: { amount: "5.00", maxAdjustmentAmount: "2.50" } },
      { invoiceType: "CREDIT_MEMO", pricingCurrencyAmount: { amount: "-2.50" } },
    ]);
  });

  it("with the same client token is the same request, or a conflict when it differs", async () => {
    const { sandbox, entry } = await anInvoice();

    const first = await adjust(sandbox, entry());
    const again = await adjust(sandbox, entry({ adjustmentAmount: "2.5" }));
    const other = await adjust(sandbox, entry({ adjustmentAmount: "2.51" }));

    expect(again.items).toEqual(first.items);
    expect(other).toMatchObject({
      items: [],
      errors: [{ code: "CONFLICT_EXCEPTION", clientToken: "token-1" }],
    });
  });

  it("is refused above what is left of the invoice, entry by entry", async () => {
    const { sandbox, entry } = await anInvoice();

    const { items, errors } = await adjust(
      sandbox,
      entry({ clientToken: "a", adjustmentAmount: "5.01" }),
      entry({ clientToken: "b", adjustmentAmount: "3.00" }),
      entry({ clientToken: "c", adjustmentAmount: "2.01" }),
      entry({ clientToken: "d", adjustmentAmount: "2.00" }),
    );

    expect(items?.map(({ clientToken }) => clientToken)).toEqual(["b", "d"]);
    expect(errors?.map(({ clientToken, code }) => [clientToken, code])).toEqual([
      ["a", "VALIDATION_EXCEPTION"],
      ["c", "VALIDATION_EXCEPTION"],
    ]);
  });

  it("is refused for unknown invoices and agreements, other currencies and odd amounts", async () => {
    const { sandbox, entry } = await anInvoice();
    const codeOf = async (changes: Partial<BatchCreateBillingAdjustmentRequestEntry>) =>
      (await adjust(sandbox, entry(changes))).errors?.[0]?.code;

    expect(await codeOf({ originalInvoiceId: "inv-none" })).toBe("RESOURCE_NOT_FOUND_EXCEPTION");
    expect(await codeOf({ agreementId: "agmt-none" })).toBe("RESOURCE_NOT_FOUND_EXCEPTION");
    expect(await codeOf({ currencyCode: "EUR" })).toBe("VALIDATION_EXCEPTION");
    for (const adjustmentAmount of ["0", "-1.00", "0.001", "1e1", "many"]) {
      expect(await codeOf({ adjustmentAmount })).toBe("VALIDATION_EXCEPTION");
    }
    await expect(adjust(sandbox)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("of another seller's agreement is not found", async () => {
    const { sandbox, entry } = await anInvoice();
    const stranger = new MarketplaceAgreementClient(
      clientOf(sandbox, sandbox.buyerCredentials(BUYER)),
    );

    const { errors } = await stranger.send(
      new BatchCreateBillingAdjustmentRequestCommand({
        billingAdjustmentRequestEntries: [entry()],
      }),
    );

    expect(errors).toMatchObject([{ code: "RESOURCE_NOT_FOUND_EXCEPTION" }]);
  });

  it("fails later when a fault says so, and gives the amount free again", async () => {
    const { sandbox, control, agreementId, entry } = await anInvoice();
    await control.addFault({
      service: "aws-marketplace",
      action: "BatchCreateBillingAdjustmentRequest",
      kind: "adjustment-fails",
      count: 1,
    });
    await adjust(sandbox, entry({ adjustmentAmount: "5.00" }));
    const [pending] = await invoicesOf(sandbox, agreementId);
    await control.moveClock({ advanceBy: HOUR_MS });
    const [failed] = await invoicesOf(sandbox, agreementId);

    expect(pending?.pricingCurrencyAmount?.maxAdjustmentAmount).toBe("0.00");
    expect(failed?.pricingCurrencyAmount?.maxAdjustmentAmount).toBe("5.00");
    expect((await control.events()).at(-1)?.["detail-type"]).toBe(
      "Purchase Agreement Billing Adjustment Failed - Proposer",
    );
  });
});
