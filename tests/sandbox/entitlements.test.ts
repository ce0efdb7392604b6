import {
  GetEntitlementsCommand,
  MarketplaceEntitlementServiceClient,
} from "@aws-sdk/client-marketplace-entitlement-service";
import type { GetEntitlementsCommandInput } from "@aws-sdk/client-marketplace-entitlement-service";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aProduct, aSandbox, BUYER, clientOf, OTHER_ACCOUNT, START } from "./a-sandbox.ts";

const DAY_MS = 24 * 3_600_000;
const NEXT_YEAR = START + 365 * DAY_MS;
const seats = (value: number, expiresAt = NEXT_YEAR) => ({ dimension: "Seats", value, expiresAt });
const storage = (value: number) => ({ dimension: "Storage", value, expiresAt: NEXT_YEAR });

const get = (
  sandbox: Sandbox,
  input: Partial<GetEntitlementsCommandInput> = {},
  region = "us-east-1",
) =>
  new MarketplaceEntitlementServiceClient(
    clientOf(sandbox, sandbox.sellerCredentials, region),
  ).send(new GetEntitlementsCommand({ ProductCode: aProduct.productCode, ...input }));

async function found(sandbox: Sandbox, Filter: GetEntitlementsCommandInput["Filter"]) {
  const { Entitlements = [] } = await get(sandbox, { Filter });
  return Entitlements.map(({ Dimension, Value }) => [Dimension, Value?.IntegerValue]);
}

describe("filters of GetEntitlements", () => {
  it("unite the values of one key and intersect the keys", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const mine = await control.subscribe({ entitlements: [seats(1), storage(2)] });
    await control.subscribe({ entitlements: [seats(3)] });
    await control.subscribe({ accountId: OTHER_ACCOUNT, entitlements: [seats(4)] });

    expect(await found(sandbox, { LICENSE_ARN: [mine.licenseArn] })).toEqual([
      ["Seats", 1],
      ["Storage", 2],
    ]);
    expect(
      await found(sandbox, { CUSTOMER_AWS_ACCOUNT_ID: [BUYER], DIMENSION: ["Seats"] }),
    ).toEqual([
      ["Seats", 1],
      ["Seats", 3],
    ]);
    expect(await found(sandbox, { CUSTOMER_AWS_ACCOUNT_ID: [BUYER, OTHER_ACCOUNT] })).toHaveLength(
      4,
    );
    expect(
      await found(sandbox, {
        LICENSE_ARN: [mine.licenseArn],
        CUSTOMER_AWS_ACCOUNT_ID: [OTHER_ACCOUNT],
      }),
    ).toEqual([]);
  });

  it("refuse both customer keys together and a key that AWS doesn't know", async () => {
    const sandbox = await aSandbox();
    const refused = { name: "InvalidParameterException" };

    await expect(
      found(sandbox, { CUSTOMER_AWS_ACCOUNT_ID: [BUYER], CUSTOMER_IDENTIFIER: ["a"] }),
    ).rejects.toMatchObject(refused);
    await expect(
      found(sandbox, { ACCOUNT: [BUYER] } as GetEntitlementsCommandInput["Filter"]),
    ).rejects.toMatchObject(refused);
  });

  it("find a buyer of a legacy product by CustomerIdentifier", async () => {
    const sandbox = await aSandbox({ products: [{ ...aProduct, concurrentAgreements: false }] });
    await sandboxControl(sandbox.origin).subscribe({ entitlements: [seats(5)] });
    const { Entitlements } = await get(sandbox);
    const identifier = Entitlements?.[0]?.CustomerIdentifier ?? "";

    expect(identifier).not.toBe("");
    expect(await found(sandbox, { CUSTOMER_IDENTIFIER: [identifier] })).toEqual([["Seats", 5]]);
    expect(await found(sandbox, { CUSTOMER_IDENTIFIER: ["nobody"] })).toEqual([]);
  });
});

describe("pages of GetEntitlements", () => {
  it("hold at most 25, and refuse to hold more", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const many = Array.from({ length: 26 }, (_, index) => ({
      ...seats(index),
      dimension: `d${index}`,
    }));
    await control.subscribe({ entitlements: many });

    const first = await get(sandbox);
    const second = await get(sandbox, { NextToken: first.NextToken });

    expect([first.Entitlements?.length, second.Entitlements?.length]).toEqual([25, 1]);
    expect(second.NextToken).toBeUndefined();
    await expect(get(sandbox, { MaxResults: 26 })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await expect(get(sandbox, { NextToken: "nonsense" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("come empty with a NextToken when a fault says so, and lose nothing", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    await control.subscribe({ entitlements: [seats(1)] });
    await control.addFault({
      service: "aws-marketplace",
      action: "GetEntitlements",
      kind: "empty-page",
      count: 1,
    });

    const first = await get(sandbox);
    const second = await get(sandbox, { NextToken: first.NextToken });

    expect(first.Entitlements).toEqual([]);
    expect(first.NextToken).toBeDefined();
    expect(second.Entitlements).toHaveLength(1);
  });
});

describe("GetEntitlements", () => {
  it("has its only endpoint in us-east-1", async () => {
    const sandbox = await aSandbox();

    await expect(get(sandbox, {}, "eu-west-1")).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("answers nothing from the moment of expiry", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    await control.subscribe({ entitlements: [seats(1, START + 30 * DAY_MS)] });
    await control.moveClock({ advanceTo: START + 30 * DAY_MS - 60_000 });
    const before = await get(sandbox);
    await control.moveClock({ advanceBy: 60_000 });

    expect(before.Entitlements).toHaveLength(1);
    expect((await get(sandbox)).Entitlements).toEqual([]);
  });

  it("throttles the 21st call of a second once the quota is switched on", async () => {
    const sandbox = await aSandbox();
    await sandboxControl(sandbox.origin).changeSettings({ entitlementQuota: true });
    const client = new MarketplaceEntitlementServiceClient({
      ...clientOf(sandbox, sandbox.sellerCredentials),
      maxAttempts: 1,
      systemClockOffset: START - Date.now(),
    });
    const call = () =>
      client.send(new GetEntitlementsCommand({ ProductCode: aProduct.productCode })).then(
        () => "ok",
        (error: Error) => error.name,
      );

    const outcomes = await Promise.all(Array.from({ length: 21 }, call));

    expect(outcomes.filter((outcome) => outcome === "ThrottlingException")).toHaveLength(1);
  });
});

describe("changed entitlements", () => {
  it("are answered at once and announced by License Updated", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { licenseArn } = await control.subscribe({ entitlements: [seats(1)] });
    const earlier = (await control.events()).length;

    await control.setEntitlements(licenseArn, [{ ...seats(10), type: "Double" }]);
    const { Entitlements } = await get(sandbox);

    expect(Entitlements?.map(({ Value }) => Value)).toEqual([{ DoubleValue: 10 }]);
    expect((await control.events()).slice(earlier)).toMatchObject([
      { "detail-type": "License Updated - Manufacturer", detail: { license: { arn: licenseArn } } },
    ]);
  });

  it("are refused when a value is not of its type, and after the end", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { licenseArn, agreementId } = await control.subscribe();

    await expect(
      control.setEntitlements(licenseArn, [{ ...seats(1.5), type: "Integer" }]),
    ).rejects.toThrow("Seats: 1.5 is no Integer");
    await control.cancel(agreementId);
    await expect(control.setEntitlements(licenseArn, [seats(1)])).rejects.toThrow("has ended");
  });

  it("can be set on a page", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { agreementId } = await control.subscribe();
    const path = `/marketplace/agreements/${agreementId}/entitlements`;
    const post = (to: string, fields: Record<string, string>) =>
      fetch(new URL(to, sandbox.origin), {
        method: "POST",
        redirect: "manual",
        headers: { origin: sandbox.origin },
        body: new URLSearchParams(fields),
      });
    const form = { dimension: "Seats", type: "Integer", value: "25", expires: "2027-11-10" };

    const saved = await post(path, form);
    const refused = await post(path, { ...form, value: "many" });
    const html = await refused.text();
    const granted = (await get(sandbox)).Entitlements;
    const removed = await post(`${path}/remove`, { dimension: "Seats" });

    expect([saved.status, refused.status, removed.status]).toEqual([303, 422, 303]);
    expect(removed.headers.get("location")).toBe(path);
    expect(html).toContain("is no Integer");
    expect(html).toContain("2027-11-10 00:00 UTC");
    expect(granted).toMatchObject([
      { Value: { IntegerValue: 25 }, ExpirationDate: new Date("2027-11-10T00:00:00Z") },
    ]);
    expect((await get(sandbox)).Entitlements).toEqual([]);
  });
});
