import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { formatDecimal, parseDecimal, roundDecimal } from "../../sandbox/cost/decimal.ts";
import { aProduct, aSandbox, BUYER, clientOf, OTHER_ACCOUNT, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (iso: string): number => Date.parse(iso);

/** Moves the clock an hour past the usage and meters it. */
async function meter(sandbox: Sandbox, licenseArn: string, hour: string, quantity: number) {
  await sandboxControl(sandbox.origin).moveClock({ advanceTo: at(hour) + HOUR_MS });
  const client = new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials));
  const { Results } = await client.send(
    new BatchMeterUsageCommand({
      UsageRecords: [
        {
          Timestamp: new Date(hour),
          CustomerAWSAccountId: BUYER,
          LicenseArn: licenseArn,
          Dimension: "AwsCostShare",
          Quantity: quantity,
        },
      ],
    }),
  );
  expect(Results?.[0]?.Status).toBe("Success");
}

describe("an invoice", () => {
  it("is quantity times rate, exact in its lines and in whole cents in its amount", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const offer = await control.makeOffer({ unitPricesUsd: { AwsCostShare: "0.00000003" } });
    const { licenseArn, agreementId } = await control.subscribe({ offerId: offer.offerId });
    await meter(sandbox, licenseArn, "2026-11-11T00:00:00Z", 5_000_000);
    await meter(sandbox, licenseArn, "2026-11-11T01:00:00Z", 1);

    const [estimate, ...others] = await control.invoices("2026-11");
    await control.moveClock({ advanceTo: at("2026-12-02T00:00:00Z") });
    const [issued] = await control.invoices("2026-11");

    expect(others).toEqual([]);
    expect(estimate).toMatchObject({
      agreementId,
      licenseArn,
      offerId: offer.offerId,
      buyerAccountId: BUYER,
      isIssued: false,
      exactUsd: "0.15000003",
      amountUsd: "0.15",
      lines: [{ dimension: "AwsCostShare", quantity: 5_000_001, unitPriceUsd: "0.00000003" }],
    });
    expect(estimate?.lines[0]?.meteringRecordIds).toHaveLength(2);
    expect(issued).toEqual({ ...estimate, isIssued: true });
  });

  it("holds the usage of its own calendar month, whenever it was sent", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { licenseArn } = await control.subscribe();
    await meter(sandbox, licenseArn, "2026-11-30T23:00:00Z", 1);
    await meter(sandbox, licenseArn, "2026-12-01T00:00:00Z", 2);

    const quantity = async (month: string) =>
      (await control.invoices(month)).flatMap(({ lines }) => lines.map((line) => line.quantity));

    expect(await quantity("2026-11")).toEqual([1]);
    expect(await quantity("2026-12")).toEqual([2]);
    await expect(control.invoices("2026-13")).rejects.toThrow("YYYY-MM");
  });

  it("shows the hour that was metered twice on two lines", async () => {
    const sandbox = await aSandbox({
      products: [{ ...aProduct, concurrentAgreements: "migrating" }],
    });
    const control = sandboxControl(sandbox.origin);
    const { licenseArn } = await control.subscribe();
    await meter(sandbox, licenseArn, "2026-11-11T00:00:00Z", 10);
    await new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
      new BatchMeterUsageCommand({
        ProductCode: aProduct.productCode,
        UsageRecords: [
          {
            Timestamp: new Date("2026-11-11T00:00:00Z"),
            CustomerAWSAccountId: BUYER,
            Dimension: "AwsCostShare",
            Quantity: 10,
          },
        ],
      }),
    );

    expect(await control.invoices("2026-11")).toMatchObject([
      {
        exactUsd: "0.2",
        lines: [
          { identifiedBy: "LicenseArn", exactUsd: "0.1" },
          { identifiedBy: "ProductCode", exactUsd: "0.1" },
        ],
      },
    ]);
  });
});

describe("a free trial", () => {
  it("costs nothing for its days and the rate afterwards", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { offerId } = await control.makeOffer({ freeTrialDays: 7 });
    const { licenseArn } = await control.subscribe({ offerId });
    await meter(sandbox, licenseArn, "2026-11-17T11:00:00Z", 3);
    await meter(sandbox, licenseArn, "2026-11-17T12:00:00Z", 4);

    expect(await control.invoices("2026-11")).toMatchObject([
      {
        exactUsd: "0.04",
        lines: [
          { freeTrial: true, quantity: 3, exactUsd: "0" },
          { freeTrial: false, quantity: 4, exactUsd: "0.04" },
        ],
      },
    ]);
  });

  it("is had once by an account, and lasts 7 to 90 days", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { offerId } = await control.makeOffer({ freeTrialDays: 90 });
    await control.subscribe({ offerId });

    await expect(control.subscribe({ offerId })).rejects.toThrow("has had its free trial");
    await expect(control.subscribe({ freeTrial: true })).rejects.toThrow("has had its free trial");
    await control.subscribe({ offerId, accountId: OTHER_ACCOUNT });
    await expect(control.makeOffer({ freeTrialDays: 6 })).rejects.toThrow("7 to 90 days");
    await expect(control.makeOffer({ freeTrialDays: 91 })).rejects.toThrow("7 to 90 days");
  });
});

describe("an offer", () => {
  it("is refused to other accounts, with unknown dimensions and with nine decimals", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { offerId } = await control.makeOffer({ buyerAccountIds: [OTHER_ACCOUNT] });

    await expect(control.subscribe({ offerId })).rejects.toThrow(`is not for account ${BUYER}`);
    await expect(control.subscribe({ offerId: "offer-none" })).rejects.toThrow("no offer");
    await expect(control.makeOffer({ unitPricesUsd: { Nothing: "1" } })).rejects.toThrow(
      "has no dimension Nothing",
    );
    await expect(
      control.makeOffer({ unitPricesUsd: { AwsCostShare: "0.000000001" } }),
    ).rejects.toThrow("at most 8 decimals");
  });

  it("of the product's own is on the listing page, and gone for who can't accept it", async () => {
    const trial = { offerId: "offer-trial", freeTrialDays: 30 };
    const sandbox = await aSandbox({ products: [{ ...aProduct, offers: [trial] }] });
    const page = async (path: string) => (await fetch(new URL(path, sandbox.origin))).text();
    const listing = `/marketplace/${aProduct.productId}`;
    const before = await page(listing);
    const accepted = await fetch(new URL(`${listing}/subscribe`, sandbox.origin), {
      method: "POST",
      redirect: "manual",
      headers: { origin: sandbox.origin },
      body: new URLSearchParams({ offerId: "offer-trial" }),
    });

    expect(before).toContain("free for 30 days");
    expect(accepted.status).toBe(303);
    expect(await sandboxControl(sandbox.origin).agreements()).toMatchObject([
      { offerId: "offer-trial", freeTrial: true },
    ]);
    expect(await page(listing)).not.toContain("free for 30 days");
  });
});

describe("a change of the public price", () => {
  it.each([
    ["keep", "0.02", "0.05"],
    ["change", "0.04", "0.07"],
  ] as const)(
    "at an instant, where existing agreements %s",
    async (existingAgreements, before, after) => {
      const sandbox = await aSandbox();
      const control = sandboxControl(sandbox.origin);
      const old = await control.subscribe();
      await control.changePrice({
        dimension: "AwsCostShare",
        unitPriceUsd: "0.03",
        from: at("2026-11-11T00:00:00Z"),
        existingAgreements,
      });
      await meter(sandbox, old.licenseArn, "2026-11-10T23:00:00Z", 1);
      await meter(sandbox, old.licenseArn, "2026-11-11T00:00:00Z", 1);
      const total = async () =>
        (await control.invoices("2026-11"))
          .map(({ exactUsd }) => parseDecimal(exactUsd) ?? 0n)
          .reduce((sum, one) => sum + one, 0n);
      const existing = formatDecimal(await total());
      const young = await control.subscribe();
      await meter(sandbox, young.licenseArn, "2026-11-11T02:00:00Z", 1);

      expect(existing).toBe(before);
      expect(formatDecimal(await total())).toBe(after);
    },
  );

  it("leaves an offer's own price alone, and is never in the past", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { offerId } = await control.makeOffer({ unitPricesUsd: { AwsCostShare: "0.5" } });
    const { licenseArn } = await control.subscribe({ offerId });
    const change = {
      dimension: "AwsCostShare",
      unitPriceUsd: "9",
      existingAgreements: "change",
    } as const;
    await control.changePrice(change);
    await meter(sandbox, licenseArn, "2026-11-11T00:00:00Z", 1);

    expect(await control.invoices("2026-11")).toMatchObject([{ exactUsd: "0.5" }]);
    await expect(control.changePrice({ ...change, from: START - DAY_MS })).rejects.toThrow(
      "now or later",
    );
  });

  it("in the product's own description counts from the next start on", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "sandbox-billing-"));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const before = await aSandbox({ dataDir });
    const { licenseArn } = await sandboxControl(before.origin).subscribe();
    await meter(before, licenseArn, "2026-11-11T00:00:00Z", 1);
    await before.close();
    const [dimension, ...others] = aProduct.dimensions;
    if (dimension === undefined) throw new Error("no dimension");
    const dearer = [{ ...dimension, unitPriceUsd: "0.07" }, ...others];

    const after = await aSandbox({ dataDir, products: [{ ...aProduct, dimensions: dearer }] });
    await meter(after, licenseArn, "2026-11-11T02:00:00Z", 1);

    expect(await sandboxControl(after.origin).invoices("2026-11")).toMatchObject([
      { exactUsd: "0.08", lines: [{ unitPriceUsd: "0.01" }, { unitPriceUsd: "0.07" }] },
    ]);
  });
});

describe("rounding to cents", () => {
  it.each([
    ["0.005", "0.01"],
    ["0.00499999", "0.00"],
    ["-0.005", "-0.01"],
    ["-0.001", "0.00"],
    ["12", "12.00"],
  ])("makes %s %s", (exact, rounded) => {
    expect(roundDecimal(parseDecimal(exact) ?? 0n, 2)).toBe(rounded);
  });
});
