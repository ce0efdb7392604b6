import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
} from "@aws-sdk/client-marketplace-metering";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { duplicateBilling } from "../../sandbox/marketplace/duplicate-billing.ts";
import { addAgreement, addProduct, endAgreement } from "../../sandbox/marketplace/state.ts";
import type { MarketplaceState } from "../../sandbox/marketplace/state.ts";
import {
  aMarketplace,
  aRecord,
  at,
  LICENSE,
  meter,
  refusal,
  SELLER,
  statuses,
} from "./a-marketplace.ts";
import { aProduct, aSandbox, BUYER, clientOf, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;
const byProduct = { ProductCode: "code-a" };
const withoutLicense = (changes: Record<string, unknown> = {}) =>
  aRecord({ LicenseArn: undefined, ...changes });

/** `code-a` was sold before Concurrent Agreements; its buyer's identifier is `customer-1`. */
function aLegacyMarketplace(concurrentAgreements: boolean | "migrating"): MarketplaceState {
  const state = aMarketplace();
  const [product] = state.products;
  if (product === undefined) throw new Error("no product");
  addProduct(state, { ...product, concurrentAgreements });
  addAgreement(state, {
    agreementId: "agmt-legacy",
    offerId: "offer-legacy",
    licenseArn: LICENSE,
    productCode: "code-a",
    buyerAccountId: BUYER,
    customerIdentifier: "customer-1",
    acceptedAt: at("2026-03-10T10:00:00Z"),
    activatedAt: at("2026-03-10T10:00:00Z"),
  });
  return state;
}

describe("a product with Concurrent Agreements", () => {
  it("has no other identification than LicenseArn", () => {
    expect(refusal(() => meter([withoutLicense()], { request: byProduct }))).toBe(
      "InvalidProductCodeException",
    );
    expect(refusal(() => meter([withoutLicense()]))).toBe("InvalidLicenseException");
  });
});

describe("a product from before Concurrent Agreements", () => {
  it("is metered by ProductCode, for an account or a CustomerIdentifier", () => {
    const state = aLegacyMarketplace(false);
    const call = { state, request: byProduct };
    const identified = withoutLicense({
      CustomerAWSAccountId: undefined,
      CustomerIdentifier: "customer-1",
    });

    const [first] = meter([withoutLicense()], call).Results;
    const [again] = meter([identified], call).Results;

    expect(first?.Status).toBe("Success");
    expect(again).toMatchObject({ Status: "Success", MeteringRecordId: first?.MeteringRecordId });
    expect(Object.values(state.records)).toMatchObject([
      { identifiedBy: "ProductCode", licenseArn: LICENSE, customerAwsAccountId: BUYER },
    ]);
    expect(statuses([{ ...identified, Quantity: 8 }], call)).toEqual(["DuplicateRecord"]);
  });

  it("is not metered by license", () => {
    const state = aLegacyMarketplace(false);

    expect(refusal(() => meter([aRecord()], { state }))).toBe("InvalidLicenseException");
  });

  it("refuses an unknown code, another seller's, and an unknown or doubled customer", () => {
    const state = aLegacyMarketplace(false);
    const identifier = (CustomerIdentifier: string, CustomerAWSAccountId?: string) =>
      withoutLicense({ CustomerAWSAccountId, CustomerIdentifier });
    const refused = (record: Record<string, unknown>, request = byProduct, caller = SELLER) =>
      refusal(() => meter([record], { state, request, caller }));

    expect(refused(withoutLicense(), { ProductCode: "code-x" })).toBe(
      "InvalidProductCodeException",
    );
    expect(refused(withoutLicense(), byProduct, "123412341234")).toBe(
      "InvalidProductCodeException",
    );
    expect(refused(identifier("nobody"))).toBe("InvalidCustomerIdentifierException");
    expect(refused(identifier("customer-1", BUYER))).toBe("InvalidCustomerIdentifierException");
  });

  it("answers CustomerNotSubscribed for a buyer without an agreement in that hour", () => {
    const state = aLegacyMarketplace(false);
    const call = { state, request: byProduct };
    const stranger = withoutLicense({ CustomerAWSAccountId: "123412341234" });
    endAgreement(state, "agmt-legacy", {
      status: "CANCELLED",
      at: at("2026-03-15T10:00:00Z"),
      deprovisionedAt: at("2026-03-15T10:00:00Z"),
    });
    endAgreement(state, "agmt-b", {
      status: "CANCELLED",
      at: at("2026-03-15T10:00:00Z"),
      deprovisionedAt: at("2026-03-15T10:00:00Z"),
    });

    expect(statuses([stranger], call)).toEqual(["CustomerNotSubscribed"]);
    expect(statuses([withoutLicense()], call)).toEqual(["CustomerNotSubscribed"]);
  });
});

describe("a product that is migrating to LicenseArn", () => {
  const hour = (iso: string) => ({ Timestamp: at(iso) / 1000 });

  it("bills an hour twice that is metered both ways, and the sandbox tells it", () => {
    const state = aLegacyMarketplace("migrating");

    const [legacy] = meter([withoutLicense()], { state, request: byProduct }).Results;
    const [licensed] = meter([aRecord()], { state }).Results;

    expect([legacy?.Status, licensed?.Status]).toEqual(["Success", "Success"]);
    expect(licensed?.MeteringRecordId).not.toBe(legacy?.MeteringRecordId);
    expect(duplicateBilling(state)).toMatchObject([
      {
        productCode: "code-a",
        customerAwsAccountId: BUYER,
        hour: at("2026-03-15T11:00:00Z"),
        records: [
          { identifiedBy: "ProductCode", quantity: 7 },
          { identifiedBy: "LicenseArn", quantity: 7 },
        ],
      },
    ]);
  });

  it("bills a record twice that carries both", () => {
    const state = aLegacyMarketplace("migrating");

    expect(statuses([aRecord()], { state, request: byProduct })).toEqual(["Success"]);
    expect(duplicateBilling(state)).toHaveLength(1);
  });

  it("bills once where the hour before the change is by code and the hour after by license", () => {
    const state = aLegacyMarketplace("migrating");
    const before = withoutLicense(hour("2026-03-15T10:00:00Z"));

    meter([before], { state, request: byProduct });
    meter([aRecord(hour("2026-03-15T11:00:00Z"))], { state });

    expect(Object.values(state.records)).toHaveLength(2);
    expect(duplicateBilling(state)).toEqual([]);
  });
});

describe("over the wire", () => {
  it("ResolveCustomer names the customer of a migrating product, and both ways are told", async () => {
    const sandbox = await aSandbox({
      products: [{ ...aProduct, concurrentAgreements: "migrating" }],
    });
    const control = sandboxControl(sandbox.origin);
    const { registrationToken, licenseArn } = await control.subscribe();
    await control.moveClock({ advanceTo: START + 3 * HOUR_MS });
    const client = new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials));
    const { CustomerIdentifier } = await client.send(
      new ResolveCustomerCommand({ RegistrationToken: registrationToken }),
    );
    const usage = {
      Timestamp: new Date(START + HOUR_MS),
      Dimension: "AwsCostShare",
      Quantity: 5,
    };
    await client.send(
      new BatchMeterUsageCommand({
        ProductCode: aProduct.productCode,
        UsageRecords: [{ ...usage, CustomerIdentifier }],
      }),
    );
    const before = await control.duplicateBilling();
    await client.send(
      new BatchMeterUsageCommand({
        UsageRecords: [{ ...usage, CustomerAWSAccountId: BUYER, LicenseArn: licenseArn }],
      }),
    );

    expect(CustomerIdentifier).toMatch(/^[A-Za-z0-9]{11}$/);
    expect(before).toEqual([]);
    expect(await control.duplicateBilling()).toMatchObject([
      { hour: START + HOUR_MS, records: [{ licenseArn }, { licenseArn }] },
    ]);
  });
});
