import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { sellerReport } from "../../sandbox/marketplace/seller-reports.ts";
import { addAgreement, addProduct, emptyMarketplace } from "../../sandbox/marketplace/state.ts";
import { aProduct, aSandbox, BUYER, clientOf, SELLER } from "./a-sandbox.ts";

const rowsOf = (csv: string): Record<string, string>[] =>
  parse<Record<string, string>>(csv, { columns: true });

async function metered() {
  const sandbox = await aSandbox();
  const control = sandboxControl(sandbox.origin);
  const { licenseArn, agreementId } = await control.subscribe();
  const client = new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials));
  const meter = async (hour: string, Quantity: number) => {
    await control.moveClock({ advanceTo: Date.parse(hour) + 3_600_000 });
    const usage = {
      Timestamp: new Date(hour),
      CustomerAWSAccountId: BUYER,
      LicenseArn: licenseArn,
    };
    await client.send(
      new BatchMeterUsageCommand({
        UsageRecords: [{ ...usage, Dimension: "AwsCostShare", Quantity }],
      }),
    );
  };
  await meter("2026-11-11T00:00:00Z", 300);
  await meter("2026-11-11T01:00:00Z", 4);
  await meter("2026-11-12T00:00:00Z", 7);
  return { control, agreementId };
}

describe("the usage report", () => {
  it("sums the units of a day and dimension, for days that are over", async () => {
    const { control, agreementId } = await metered();

    const [day, ...others] = rowsOf(await control.sellerReport("usage", "2026-11"));
    await control.moveClock({ advanceTo: Date.parse("2026-11-13T00:00:00Z") });
    const later = rowsOf(await control.sellerReport("usage", "2026-11"));

    expect(others).toEqual([]);
    expect(day).toMatchObject({
      usage_date: "2026-11-11T00:00:00Z",
      agreement_id: agreementId,
      product_code: aProduct.productCode,
      dimension_key: "AwsCostShare",
      region: "us-east-1",
      estimated_usage_units: "304",
      usage_rate_per_unit: "0.01",
      estimated_revenue: "3.04",
      subscriber_aws_account_id: BUYER,
      isv_aws_account_id: SELLER,
    });
    expect(later.map((row) => row["estimated_usage_units"])).toEqual(["304", "7"]);
    expect(rowsOf(await control.sellerReport("usage", "2026-10"))).toEqual([]);
  });
});

describe("the billed revenue report", () => {
  it("is there once the invoices are issued, with refunds and AWS's share", async () => {
    const { control, agreementId } = await metered();
    await expect(control.sellerReport("billed-revenue", "2026-11")).rejects.toThrow(
      "issued 2026-12-02T00:00:00Z",
    );
    await control.moveClock({ advanceTo: Date.parse("2026-12-02T00:00:00Z") });
    const [invoice] = await control.invoices("2026-11");

    expect(rowsOf(await control.sellerReport("billed-revenue", "2026-11"))).toMatchObject([
      {
        "Agreement ID": agreementId,
        "Invoice ID": invoice?.invoiceId,
        "Invoice Date": "2026-12-02T00:00:00Z",
        "Usage Period Start Date": "2026-11-01T00:00:00Z",
        "Usage Period End Date": "2026-12-01T00:00:00Z",
        "Gross Revenue": "3.11",
        "Gross Refund": "0.00",
        "Listing Fee": "-0.09",
        "Seller Net Revenue": "3.02",
        Currency: "USD",
      },
    ]);
  });

  it("is refused for a month that is none, and for a report that AWS doesn't have", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);

    await expect(control.sellerReport("usage", "November")).rejects.toThrow("YYYY-MM");
    await expect(control.sellerReport("other" as "usage", "2026-11")).rejects.toThrow("no report");
  });
});

it("quotes a title that holds commas and quotes", () => {
  const state = emptyMarketplace();
  const title = 'Video, "live"';
  addProduct(state, {
    productCode: "code",
    productId: "prod-1",
    title,
    sellerAccountId: SELLER,
    dimensions: ["units"],
    unitPricesUsd: { units: "1" },
  });
  const at = Date.parse("2026-11-10T00:00:00Z");
  addAgreement(state, {
    agreementId: "agmt-1",
    offerId: "offer-1",
    licenseArn: "arn",
    productCode: "code",
    buyerAccountId: BUYER,
    acceptedAt: at,
    activatedAt: at,
  });
  state.records["key"] = {
    meteringRecordId: "id",
    region: "us-east-1",
    licenseArn: "arn",
    identifiedBy: "LicenseArn",
    productCode: "code",
    customerAwsAccountId: BUYER,
    dimension: "units",
    hour: at,
    timestamp: at,
    quantity: 1,
    receivedAt: at,
  };

  const [row] = rowsOf(sellerReport(state, "usage", "2026-11", Date.parse("2026-12-02T00:00:00Z")));

  expect(row?.["product_title"]).toBe(title);
});
