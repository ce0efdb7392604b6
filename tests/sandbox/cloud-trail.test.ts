import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import type { LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aSandbox, BUYER, clientOf, SELLER, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const METERING = {
  AttributeKey: "EventSource",
  AttributeValue: "metering-marketplace.amazonaws.com",
} as const;

interface Recorded {
  readonly eventTime: string;
  readonly errorCode?: string;
  readonly userIdentity: Record<string, unknown>;
  readonly requestParameters:
    { usageRecords: Record<string, unknown>[] } | { omitted: true } | null;
  readonly responseElements: {
    results: { meteringRecordId?: string; status: string; usageRecord: unknown }[];
    unprocessedRecords: Record<string, unknown>[];
  } | null;
}

/** A sandbox two hours into a license, with nothing metered yet. */
async function aSubscription() {
  const sandbox = await aSandbox();
  const control = sandboxControl(sandbox.origin);
  const { licenseArn } = await control.subscribe();
  await control.moveClock({ advanceTo: START + 3 * HOUR_MS });
  return { sandbox, control, licenseArn };
}

function meter(
  sandbox: Sandbox,
  licenseArn: string,
  hour = 1,
  region = "us-east-1",
  quantity = 42,
) {
  const record = {
    Timestamp: new Date(START + hour * HOUR_MS),
    CustomerAWSAccountId: BUYER,
    LicenseArn: licenseArn,
    Dimension: "AwsCostShare",
    Quantity: quantity,
  };
  return new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials, region)).send(
    new BatchMeterUsageCommand({ UsageRecords: [record] }),
  );
}

async function lookUp(
  sandbox: Sandbox,
  input: LookupEventsCommandInput = {},
  region = "us-east-1",
) {
  const client = new CloudTrailClient(clientOf(sandbox, sandbox.sellerCredentials, region));
  return client.send(new LookupEventsCommand(input));
}

async function recorded(sandbox: Sandbox, input?: LookupEventsCommandInput): Promise<Recorded[]> {
  const { Events = [] } = await lookUp(sandbox, input);
  return Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent ?? "") as Recorded);
}

describe("the event history", () => {
  it("shows a call fifteen minutes later, with request and answer, in its region only", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    const { Results } = await meter(sandbox, licenseArn);
    const early = await lookUp(sandbox);
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });

    const { Events } = await lookUp(sandbox, { LookupAttributes: [METERING] });
    const [event] = await recorded(sandbox);
    const elsewhere = await lookUp(sandbox, {}, "eu-west-1");

    expect(early.Events).toEqual([]);
    expect(elsewhere.Events).toEqual([]);
    expect(Events).toMatchObject([
      {
        EventName: "BatchMeterUsage",
        EventSource: "metering-marketplace.amazonaws.com",
        ReadOnly: "false",
        AccessKeyId: sandbox.sellerCredentials.accessKeyId,
      },
    ]);
    const usageRecord = {
      customerAWSAccountId: BUYER,
      licenseArn,
      dimension: "AwsCostShare",
      quantity: 42,
      timestamp: "Nov 10, 2026 1:00:00 PM",
    };
    expect(event).toMatchObject({
      eventSource: "metering-marketplace.amazonaws.com",
      eventName: "BatchMeterUsage",
      awsRegion: "us-east-1",
      recipientAccountId: SELLER,
      requestParameters: { usageRecords: [usageRecord] },
      responseElements: {
        results: [
          { usageRecord, meteringRecordId: Results?.[0]?.MeteringRecordId, status: "Success" },
        ],
        unprocessedRecords: [],
      },
    });
    expect(event).not.toHaveProperty("errorCode");
  });

  it("tells refusals, answers that were lost, and unprocessed records apart", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    const fault = (kind: "lose-request" | "lose-answer" | "unprocessed" | "throttle") =>
      control.setFaults([{ service: "aws-marketplace", action: "*", kind, count: 1 }]);
    await expect(meter(sandbox, licenseArn, 30)).rejects.toThrow();
    await fault("lose-request");
    await expect(meter(sandbox, licenseArn)).rejects.toThrow();
    await fault("lose-answer");
    await expect(meter(sandbox, licenseArn)).rejects.toThrow();
    await fault("unprocessed");
    await meter(sandbox, licenseArn);
    await fault("throttle");
    await expect(meter(sandbox, licenseArn)).rejects.toThrow("Rate exceeded");
    await meter(sandbox, licenseArn);
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });

    const events = (await recorded(sandbox)).reverse();

    expect(
      events.map(({ errorCode, responseElements: answer }) => [
        errorCode,
        answer?.results.map(({ status }) => status),
        answer?.unprocessedRecords.length,
      ]),
    ).toEqual([
      ["TimestampOutOfBoundsException", undefined, undefined],
      [undefined, ["Success"], 0],
      [undefined, [], 1],
      ["ThrottlingException", undefined, undefined],
      [undefined, ["Success"], 0],
    ]);
    expect(events[0]?.requestParameters).toMatchObject({ usageRecords: [{ licenseArn }] });
  });

  it("names the role and its session when one called", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    const trustPolicy = {
      Statement: [{ Effect: "Allow", Principal: { AWS: SELLER }, Action: "sts:AssumeRole" }],
    };
    const allow = { Effect: "Allow", Action: "aws-marketplace:BatchMeterUsage", Resource: "*" };
    const roleArn = await control.createRole({
      accountId: SELLER,
      name: "metering",
      trustPolicy,
      policies: { meter: { Statement: [allow] } },
    });
    const { Credentials } = await new STSClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "worker-1" }),
    );
    await meter(
      {
        ...sandbox,
        sellerCredentials: {
          accessKeyId: Credentials?.AccessKeyId ?? "",
          secretAccessKey: Credentials?.SecretAccessKey ?? "",
          ...{ sessionToken: Credentials?.SessionToken },
        },
      },
      licenseArn,
    );
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });

    const { Events } = await lookUp(sandbox, {
      LookupAttributes: [{ AttributeKey: "Username", AttributeValue: "worker-1" }],
    });
    const [event] = await recorded(sandbox);

    expect(Events).toHaveLength(1);
    expect(event?.userIdentity).toMatchObject({
      type: "AssumedRole",
      sessionContext: { sessionIssuer: { type: "Role", arn: roleArn, userName: "metering" } },
    });
  });

  it("forgets what is 90 days old", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    await meter(sandbox, licenseArn);
    await control.moveClock({ advanceTo: START + 90 * DAY_MS });
    const before = await lookUp(sandbox);
    await control.moveClock({ advanceBy: 4 * HOUR_MS });

    expect(before.Events).toHaveLength(1);
    expect((await lookUp(sandbox)).Events).toEqual([]);
  });

  it("leaves out a field of more than 100 KB", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    const allocations = Array.from({ length: 2000 }, (_, index) => ({
      AllocatedUsageQuantity: 1,
      Tags: [{ Key: "StackId", Value: `stack-${index}` }],
    }));
    await new MarketplaceMeteringClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
      new BatchMeterUsageCommand({
        UsageRecords: [
          {
            Timestamp: new Date(START + HOUR_MS),
            CustomerAWSAccountId: BUYER,
            LicenseArn: licenseArn,
            Dimension: "AwsCostShare",
            Quantity: 2000,
            UsageAllocations: allocations,
          },
        ],
      }),
    );
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });

    expect(await recorded(sandbox)).toMatchObject([
      { requestParameters: { omitted: true }, responseElements: { omitted: true } },
    ]);
  });
});

describe("LookupEvents", () => {
  it("pages newest first without losing or repeating what appears meanwhile", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    for (let quantity = 0; quantity < 5; quantity += 1) {
      await meter(sandbox, licenseArn, 1, "us-east-1", quantity);
    }
    await control.moveClock({ advanceBy: 10 * MINUTE_MS });
    await meter(sandbox, licenseArn, 2);
    await control.moveClock({ advanceBy: 6 * MINUTE_MS });

    const quantities: unknown[] = [];
    let token: string | undefined;
    do {
      const { Events = [], NextToken } = await lookUp(sandbox, { MaxResults: 2, NextToken: token });
      for (const { CloudTrailEvent } of Events) {
        const { requestParameters } = JSON.parse(CloudTrailEvent ?? "") as {
          requestParameters: { usageRecords: { quantity: number }[] };
        };
        quantities.push(requestParameters.usageRecords[0]?.quantity);
      }
      token = NextToken;
      await control.moveClock({ advanceBy: 10 * MINUTE_MS });
    } while (token !== undefined);

    expect(quantities).toEqual([4, 3, 2, 1, 0]);
  });

  it("keeps to StartTime and EndTime, both inclusive", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    await meter(sandbox, licenseArn);
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });
    const at = (await lookUp(sandbox)).Events?.[0]?.EventTime ?? new Date(0);
    const second = (difference: number) => new Date(at.getTime() + difference * 1000);
    const found = async (StartTime: Date, EndTime: Date) =>
      (await lookUp(sandbox, { StartTime, EndTime })).Events?.length;

    expect(await found(at, at)).toBe(1);
    expect(await found(second(1), second(9))).toBe(0);
    expect(await found(second(-9), second(-1))).toBe(0);
    await expect(found(second(1), at)).rejects.toMatchObject({ name: "InvalidTimeRangeException" });
  });

  it("refuses two attributes, more than 50 results, and a token of another request", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    await meter(sandbox, licenseArn);
    await meter(sandbox, licenseArn);
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });
    const { NextToken } = await lookUp(sandbox, { MaxResults: 1 });

    await expect(lookUp(sandbox, { LookupAttributes: [METERING, METERING] })).rejects.toMatchObject(
      { name: "InvalidLookupAttributesException" },
    );
    await expect(lookUp(sandbox, { MaxResults: 51 })).rejects.toMatchObject({
      name: "InvalidMaxResultsException",
    });
    await expect(
      lookUp(sandbox, { MaxResults: 1, NextToken, LookupAttributes: [METERING] }),
    ).rejects.toMatchObject({ name: "InvalidNextTokenException" });
  });

  it("shows an account its own calls only", async () => {
    const { sandbox, control, licenseArn } = await aSubscription();
    await meter(sandbox, licenseArn);
    await control.moveClock({ advanceBy: 16 * MINUTE_MS });
    const buyer = new CloudTrailClient(clientOf(sandbox, sandbox.buyerCredentials(BUYER)));

    expect((await buyer.send(new LookupEventsCommand({}))).Events).toEqual([]);
  });

  it("throttles the third call of a second once the quota is switched on", async () => {
    const { sandbox, control } = await aSubscription();
    await control.changeSettings({ cloudTrailQuota: true });
    const client = new CloudTrailClient({
      ...clientOf(sandbox, sandbox.sellerCredentials),
      maxAttempts: 1,
      systemClockOffset: sandbox.clock.now() - Date.now(),
    });
    const outcomes = await Promise.all(
      [1, 2, 3].map(() =>
        client.send(new LookupEventsCommand({})).then(
          () => "ok",
          (error: Error) => error.name,
        ),
      ),
    );

    expect(outcomes.sort()).toEqual(["ThrottlingException", "ok", "ok"]);
  });
});
