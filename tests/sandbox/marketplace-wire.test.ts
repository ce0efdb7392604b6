import {
  GetEntitlementsCommand,
  MarketplaceEntitlementServiceClient,
} from "@aws-sdk/client-marketplace-entitlement-service";
import type { GetEntitlementsCommandOutput } from "@aws-sdk/client-marketplace-entitlement-service";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
} from "@aws-sdk/client-marketplace-metering";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";
import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { aProduct, aSandbox, BUYER, clientOf, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;

const meteringOf = (sandbox: Sandbox, region?: string) =>
  new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials, region));

describe("ResolveCustomer", () => {
  it("tells account, product and license, the same each time, and no CustomerIdentifier", async () => {
    const sandbox = await aSandbox();
    const { registrationToken, licenseArn } = await sandboxControl(sandbox.origin).subscribe();
    const resolve = () =>
      meteringOf(sandbox).send(
        new ResolveCustomerCommand({ RegistrationToken: registrationToken }),
      );

    const [first, second] = [await resolve(), await resolve()];

    expect(first).toMatchObject({
      CustomerAWSAccountId: BUYER,
      ProductCode: aProduct.productCode,
      LicenseArn: licenseArn,
    });
    expect(first.CustomerIdentifier).toBeUndefined();
    expect(first.LicenseArn).toMatch(
      /^arn:aws:license-manager::294406891311:license:l-[0-9a-f]{32}$/,
    );
    expect(second.LicenseArn).toBe(first.LicenseArn);
  });

  it("refuses a token that is four hours old, an unknown one, and one of another seller", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { registrationToken } = await control.subscribe();
    const resolve = (client: MarketplaceMeteringClient, token: string) =>
      client.send(new ResolveCustomerCommand({ RegistrationToken: token }));
    const buyer = new MarketplaceMeteringClient(clientOf(sandbox, sandbox.buyerCredentials(BUYER)));

    await expect(resolve(meteringOf(sandbox), "nonsense")).rejects.toMatchObject({
      name: "InvalidTokenException",
    });
    await expect(resolve(buyer, registrationToken)).rejects.toMatchObject({
      name: "InvalidTokenException",
    });
    await control.moveClock({ advanceBy: 4 * HOUR_MS });
    await expect(resolve(meteringOf(sandbox), registrationToken)).rejects.toMatchObject({
      name: "ExpiredTokenException",
    });
  });
});

describe("BatchMeterUsage over the wire", () => {
  it("records what the SDK sent and echoes it", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { licenseArn } = await control.subscribe();
    await control.moveClock({ advanceTo: START + 2 * HOUR_MS });
    const record = {
      Timestamp: new Date(START + HOUR_MS),
      CustomerAWSAccountId: BUYER,
      LicenseArn: licenseArn,
      Dimension: "AwsCostShare",
      Quantity: 42,
    };

    const answer = await meteringOf(sandbox).send(
      new BatchMeterUsageCommand({ UsageRecords: [record] }),
    );

    const [result] = answer.Results ?? [];
    expect(result).toMatchObject({ Status: "Success", UsageRecord: record });
    expect(answer.UnprocessedRecords).toEqual([]);
    expect(await control.meteringRecords(licenseArn)).toMatchObject([
      { quantity: 42, meteringRecordId: result?.MeteringRecordId, region: "us-east-1" },
    ]);
    expect(await control.meteringCalls()).toMatchObject([{ records: 1, outcome: { Success: 1 } }]);
  });

  it("answers AWS's exceptions as typed errors", async () => {
    const sandbox = await aSandbox();
    const { licenseArn } = await sandboxControl(sandbox.origin).subscribe();
    const send = (timestamp: number, region?: string) =>
      meteringOf(sandbox, region).send(
        new BatchMeterUsageCommand({
          UsageRecords: [
            {
              Timestamp: new Date(timestamp),
              CustomerAWSAccountId: BUYER,
              LicenseArn: licenseArn,
              Dimension: "AwsCostShare",
            },
          ],
        }),
      );

    await expect(send(START + HOUR_MS)).rejects.toMatchObject({
      name: "TimestampOutOfBoundsException",
    });
    await expect(send(START, "us-gov-west-1")).rejects.toMatchObject({
      name: "DisabledApiException",
    });
  });

  it("enforces ten calls a second and region once the quota is switched on", async () => {
    const sandbox = await aSandbox();
    await sandboxControl(sandbox.origin).changeSettings({ meteringQuota: true });
    const clients = ["us-east-1", "eu-west-1"].map(
      (region) =>
        new MarketplaceMeteringClient({
          ...clientOf(sandbox, sandbox.sellerCredentials, region),
          maxAttempts: 1,
          systemClockOffset: START - Date.now(),
        }),
    );
    const outcomes = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 11 }, () =>
          client.send(new BatchMeterUsageCommand({ UsageRecords: [] })).then(
            () => "ok",
            (error: Error) => error.name,
          ),
        ),
      ),
    );

    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === "ThrottlingException")).toHaveLength(2);
  });
});

describe.each([
  ["JSON, as the SDK sends today", {}],
  ["Smithy RPC v2 CBOR", { protocol: SmithyRpcV2CborProtocol }],
])("GetEntitlements in %s", (_name, protocol) => {
  const clientFor = (sandbox: Sandbox) =>
    new MarketplaceEntitlementServiceClient({
      ...clientOf(sandbox, sandbox.sellerCredentials),
      ...protocol,
    });
  const entitled = async (sandbox: Sandbox) => {
    const expiresAt = START + 365 * 24 * HOUR_MS + 250;
    return sandboxControl(sandbox.origin).subscribe({
      entitlements: [
        { dimension: "Seats", value: 25, expiresAt },
        { dimension: "Share", value: 0.5, expiresAt },
        { dimension: "Support", value: true, expiresAt },
      ],
    });
  };

  it("answers values of every type and an expiry with fractions of a second", async () => {
    const sandbox = await aSandbox();
    const { licenseArn } = await entitled(sandbox);

    const { Entitlements } = await clientFor(sandbox).send(
      new GetEntitlementsCommand({
        ProductCode: aProduct.productCode,
        Filter: { LICENSE_ARN: [licenseArn] },
      }),
    );

    expect(Entitlements?.map(({ Dimension, Value }) => [Dimension, Value])).toEqual([
      ["Seats", { IntegerValue: 25 }],
      ["Share", { DoubleValue: 0.5 }],
      ["Support", { BooleanValue: true }],
    ]);
    expect(Entitlements?.[0]).toMatchObject({
      LicenseArn: licenseArn,
      CustomerAWSAccountId: BUYER,
      ExpirationDate: new Date(START + 365 * 24 * HOUR_MS + 250),
    });
  });

  it("gives empty pages that still carry a NextToken", async () => {
    const sandbox = await aSandbox();
    await entitled(sandbox);
    await entitled(sandbox);
    const pages: GetEntitlementsCommandOutput[] = [];
    let token: string | undefined;
    do {
      const page = await clientFor(sandbox).send(
        new GetEntitlementsCommand({
          ProductCode: aProduct.productCode,
          Filter: { DIMENSION: ["Support"] },
          MaxResults: 2,
          NextToken: token,
        }),
      );
      pages.push(page);
      token = page.NextToken;
    } while (token !== undefined);

    expect(pages.map(({ Entitlements }) => Entitlements?.length)).toEqual([0, 1, 1]);
    expect(pages.map(({ NextToken }) => NextToken !== undefined)).toEqual([true, true, false]);
  });

  it("refuses the product of another seller in the protocol of the request", async () => {
    const sandbox = await aSandbox();

    await expect(
      clientFor(sandbox).send(new GetEntitlementsCommand({ ProductCode: "somebodyelses" })),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("answers nothing once the agreement has ended", async () => {
    const sandbox = await aSandbox();
    const { agreementId } = await entitled(sandbox);
    await sandboxControl(sandbox.origin).cancel(agreementId);

    const answer = await clientFor(sandbox).send(
      new GetEntitlementsCommand({ ProductCode: aProduct.productCode }),
    );

    expect(answer.Entitlements).toEqual([]);
  });
});
