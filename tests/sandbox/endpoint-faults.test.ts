import { CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { FaultRule } from "../../sandbox/faults.ts";
import { aSandbox, BUYER, clientOf, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;

/** A client whose clock is the sandbox's, and which doesn't retry. */
async function aWorld(fault: FaultRule) {
  const sandbox = await aSandbox();
  const control = sandboxControl(sandbox.origin);
  const { licenseArn } = await control.subscribe();
  await control.moveClock({ advanceTo: START + 2 * HOUR_MS });
  await control.addFault(fault);
  const config = (credentials = sandbox.sellerCredentials) => ({
    ...clientOf(sandbox, credentials),
    maxAttempts: 1,
    systemClockOffset: sandbox.clock.now() - Date.now(),
  });
  const meter = () =>
    new MarketplaceMeteringClient(config()).send(
      new BatchMeterUsageCommand({
        UsageRecords: [
          {
            Timestamp: new Date(START + HOUR_MS),
            CustomerAWSAccountId: BUYER,
            LicenseArn: licenseArn,
            Dimension: "AwsCostShare",
            Quantity: 1,
          },
        ],
      }),
    );
  return { sandbox, control, config, meter };
}

const metering = { service: "aws-marketplace", action: "BatchMeterUsage", count: 1 };

describe("faults of the endpoint", () => {
  it("error-after answers 500 to what was done", async () => {
    const { control, meter } = await aWorld({ ...metering, kind: "error-after" });

    await expect(meter()).rejects.toMatchObject({ name: "InternalServiceErrorException" });
    expect(await control.meteringRecords()).toHaveLength(1);
  });

  it("error answers 500 and does nothing", async () => {
    const { control, meter } = await aWorld({ ...metering, kind: "error" });

    await expect(meter()).rejects.toMatchObject({ name: "InternalServiceErrorException" });
    expect(await control.meteringRecords()).toEqual([]);
  });

  it.each([6 * 60_000, -6 * 60_000])(
    "skew refuses a request when AWS's clock is %i ms away, and dates the answer so",
    async (delayMs) => {
      const { sandbox, meter, control } = await aWorld({ ...metering, kind: "skew", delayMs });

      const refused = await meter().catch((error: unknown) => error);
      const date = Date.parse(
        (refused as { $response?: { headers: Record<string, string> } }).$response?.headers[
          "date"
        ] ?? "",
      );

      expect(refused).toMatchObject({ name: "InvalidSignatureException" });
      expect(Math.abs(date - sandbox.clock.now() - delayMs)).toBeLessThan(5000);
      expect(await control.meteringRecords()).toEqual([]);
    },
  );

  it("skew of four minutes is let pass", async () => {
    const { meter } = await aWorld({ ...metering, kind: "skew", delayMs: 4 * 60_000 });

    expect((await meter()).Results?.[0]?.Status).toBe("Success");
  });

  it("skew is the only one that may be negative", async () => {
    const { control } = await aWorld({ ...metering, kind: "error" });

    await expect(control.addFault({ ...metering, kind: "slow", delayMs: -1 })).rejects.toThrow(
      "must not be negative",
    );
  });

  it("limit-exceeded and throttle are Cost Explorer's and AWS's words for too many calls", async () => {
    const { config, control, sandbox } = await aWorld({
      service: "ce",
      action: "GetCostAndUsage",
      kind: "limit-exceeded",
      count: 1,
    });
    await control.addFault({ service: "ce", action: "*", kind: "throttle", count: 1 });
    const ask = () =>
      new CostExplorerClient(config(sandbox.buyerCredentials(BUYER))).send(
        new GetCostAndUsageCommand({
          TimePeriod: { Start: "2026-10-01", End: "2026-11-01" },
          Granularity: "MONTHLY",
          Metrics: ["UnblendedCost"],
        }),
      );

    await expect(ask()).rejects.toMatchObject({ name: "ThrottlingException" });
    await expect(ask()).rejects.toMatchObject({ name: "LimitExceededException" });
  });

  it("skew of an XML service has its protocol's word", async () => {
    const { config } = await aWorld({
      service: "sts",
      action: "*",
      kind: "skew",
      delayMs: HOUR_MS,
    });

    await expect(
      new STSClient(config()).send(new GetCallerIdentityCommand({})),
    ).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  });
});
