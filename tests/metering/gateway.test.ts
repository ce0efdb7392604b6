import type { BatchMeterUsageCommandInput } from "@aws-sdk/client-marketplace-metering";
import { describe, expect, it } from "vitest";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import type { BatchMeterUsage } from "../../metering/adapters/aws-metering-gateway.ts";
import type { MeteringBatchRecord } from "../../metering/ports.ts";
import { aLicense, anItem, at, LICENSE_ID } from "./fixtures.ts";

const HOUR = 3_600_000;
const NOON = at("2026-03-15T12:00:00Z");

const batch = (count: number) => ({
  region: "us-east-1",
  records: Array.from({ length: count }, (_, n) => ({
    license: aLicense(),
    key: { licenseId: LICENSE_ID, dimension: "cents" },
    item: anItem({ n, hour: NOON - n * HOUR, quantity: n + 1 }),
  })),
});

const sendTo = (batchMeterUsage: BatchMeterUsage, count = 1) =>
  awsMeteringGateway(batchMeterUsage).send(batch(count));

const failing = (error: Error) => sendTo(() => Promise.reject(error));

function awsError(name: string, status: number, date?: string): Error {
  return Object.assign(new Error(`${name}!`), {
    name,
    $metadata: { httpStatusCode: status },
    $response: { headers: date === undefined ? {} : { date } },
  });
}

describe("what is sent", () => {
  it("names license, account, dimension, stamp and quantity, and no product beside the license", async () => {
    const sent: unknown[] = [];
    await sendTo(async (region, input) => {
      sent.push([region, input]);
      return { Results: [], UnprocessedRecords: [] };
    });

    expect(sent).toEqual([
      [
        "us-east-1",
        {
          UsageRecords: [
            {
              Timestamp: new Date(NOON),
              CustomerAWSAccountId: "111122223333",
              LicenseArn: aLicense().licenseArn,
              Dimension: "cents",
              Quantity: 1,
            },
          ],
        },
      ],
    ]);
  });
});

describe("how the buyer is named", () => {
  const legacyRecord = (customerIdentifier?: string) => ({
    license: aLicense({ legacy: { customerIdentifier } }),
    key: { licenseId: LICENSE_ID, dimension: "cents" },
    item: anItem({ hour: NOON, identifiedBy: "product-code" }),
  });
  const inputFor = async (...records: MeteringBatchRecord[]) => {
    const sent: BatchMeterUsageCommandInput[] = [];
    const gateway = awsMeteringGateway(async (_, input) => {
      sent.push(input);
      return {
        Results: (input.UsageRecords ?? []).map((UsageRecord) => ({
          // AWS may echo more than it was sent.
          UsageRecord: { ...UsageRecord, CustomerAWSAccountId: "111122223333" },
          Status: "Success",
          MeteringRecordId: "id",
        })),
      };
    });
    const attempt = await gateway.send({ region: "us-east-1", records });
    return { input: sent[0], attempt };
  };

  it("before Concurrent Agreements: a ProductCode for the call, no LicenseArn, an identifier", async () => {
    const { input, attempt } = await inputFor(legacyRecord("customer-1"));

    expect(input).toEqual({
      ProductCode: "code",
      UsageRecords: [
        {
          Timestamp: new Date(NOON),
          CustomerIdentifier: "customer-1",
          Dimension: "cents",
          Quantity: 7,
        },
      ],
    });
    expect(attempt).toMatchObject({ answers: [{ kind: "accepted" }] });
  });

  it("or the account, when no identifier was ever given", async () => {
    const { input } = await inputFor(legacyRecord());

    expect(input?.UsageRecords).toEqual([
      {
        Timestamp: new Date(NOON),
        CustomerAWSAccountId: "111122223333",
        Dimension: "cents",
        Quantity: 7,
      },
    ]);
  });

  it("as it was sealed, whatever became of the license since", async () => {
    const sealed = legacyRecord();
    const { input } = await inputFor({
      ...sealed,
      license: aLicense({ legacy: { until: NOON } }),
    });

    expect(input?.ProductCode).toBe("code");
    expect(input?.UsageRecords?.[0]).not.toHaveProperty("LicenseArn");
  });

  it("never both ways in a call: that is a mistake of ours, not a question for AWS", async () => {
    const [byLicense] = batch(1).records;
    if (byLicense === undefined) throw new Error("no record");

    await expect(inputFor(byLicense, legacyRecord())).rejects.toThrow(RangeError);
    await expect(inputFor()).rejects.toThrow(RangeError);
  });
});

it("sends usage allocations as they were sealed, the same bytes each time", async () => {
  const allocations = [
    { quantity: 4, tags: [{ key: "Region", value: "eu-west-1" }] },
    { quantity: 3, tags: [] },
  ];
  const sent: string[] = [];
  const gateway = awsMeteringGateway(async (_, input) => {
    sent.push(JSON.stringify(input.UsageRecords?.[0]?.UsageAllocations));
    return {};
  });
  const records = batch(1).records.map((record) => ({ ...record, allocations }));
  for (let time = 0; time < 2; time++) await gateway.send({ region: "us-east-1", records });

  expect(sent).toEqual(
    Array(2).fill(
      '[{"AllocatedUsageQuantity":4,"Tags":[{"Key":"Region","Value":"eu-west-1"}]},{"AllocatedUsageQuantity":3}]',
    ),
  );
});

describe("an answer", () => {
  it("that says two things of one record says nothing; the same thing twice is said once", async () => {
    const twice = (first: string, second: string) =>
      sendTo(async (_, { UsageRecords = [] }) => ({
        Results: [first, second].flatMap((Status) =>
          UsageRecords.map((UsageRecord) => ({
            UsageRecord,
            Status: Status as "Success",
            MeteringRecordId: "id",
          })),
        ),
      }));

    expect(await twice("Success", "DuplicateRecord")).toMatchObject({
      answers: [{ kind: "missing" }],
    });
    expect(await twice("Success", "Success")).toMatchObject({ answers: [{ kind: "accepted" }] });
  });

  it("both in the results and among the unprocessed says nothing", async () => {
    const attempt = await sendTo(async (_, { UsageRecords = [] }) => ({
      Results: UsageRecords.map((UsageRecord) => ({ UsageRecord, Status: "Success" })),
      UnprocessedRecords: UsageRecords,
    }));

    expect(attempt).toMatchObject({ answers: [{ kind: "missing" }] });
  });

  it("about another quantity is no answer about ours", async () => {
    const attempt = await sendTo(async (_, { UsageRecords = [] }) => ({
      Results: UsageRecords.map((record) => ({
        UsageRecord: { ...record, Quantity: 99 },
        Status: "Success",
      })),
    }));

    expect(attempt).toMatchObject({ answers: [{ kind: "missing" }] });
  });

  it("is matched by what it names, not by its place", async () => {
    const attempt = await sendTo(async (_, { UsageRecords = [] }) => {
      const [first, second, third, fourth, fifth, sixth] = UsageRecords;
      return {
        Results: [
          { UsageRecord: fourth, Status: "DuplicateRecord" },
          { UsageRecord: second, Status: "CustomerNotSubscribed" },
          { UsageRecord: fifth, Status: "StatusOfTheFuture" as "Success" },
          { UsageRecord: first, Status: "Success", MeteringRecordId: "id-1" },
        ],
        UnprocessedRecords: [sixth, third].filter((record) => record !== undefined),
      };
    }, 7);

    expect(attempt).toEqual({
      kind: "answered",
      answers: [
        { kind: "accepted", meteringRecordId: "id-1" },
        { kind: "not-subscribed" },
        { kind: "unprocessed" },
        { kind: "duplicate" },
        // A status that we don't know, and no word at all: neither success nor refusal.
        { kind: "missing" },
        { kind: "unprocessed" },
        { kind: "missing" },
      ],
    });
  });

  it("without lists says nothing of any record", async () => {
    expect(await sendTo(async () => ({}), 2)).toEqual({
      kind: "answered",
      answers: [{ kind: "missing" }, { kind: "missing" }],
    });
  });

  it("about another record of the same hour is no answer about ours", async () => {
    const attempt = await sendTo(async (_, { UsageRecords = [] }) => ({
      Results: UsageRecords.map((record) => ({
        UsageRecord: { ...record, LicenseArn: `${record.LicenseArn}0` },
        Status: "Success",
      })),
      UnprocessedRecords: [],
    }));

    expect(attempt).toEqual({ kind: "answered", answers: [{ kind: "missing" }] });
  });
});

describe("an exception", () => {
  it.each([
    "InvalidUsageDimensionException",
    "InvalidLicenseException",
    "TimestampOutOfBoundsException",
    "InvalidTagException",
    "InvalidUsageAllocationsException",
    "InvalidCustomerIdentifierException",
    "ValidationException",
  ])("%s can be one record's fault: rejected, with AWS's own time", async (name) => {
    const date = "Sun, 15 Mar 2026 12:34:56 GMT";

    expect(await failing(awsError(name, 400, date))).toEqual({
      kind: "rejected",
      code: name,
      serverTime: at("2026-03-15T12:34:56Z"),
    });
    expect(await failing(awsError(name, 400))).toEqual({ kind: "rejected", code: name });
    expect(await failing(awsError(name, 400, "soon"))).toEqual({ kind: "rejected", code: name });
  });

  it.each([
    ["ThrottlingException", 400],
    ["TooManyRequestsException", 429],
    ["AnyOtherName", 429],
    ["RequestTimeTooSkewed", 403],
    ["InvalidSignatureException", 403],
  ])("%s (%i) took nothing and may go through later: busy", async (name, status) => {
    expect(await failing(awsError(name, status))).toEqual({ kind: "busy", code: name });
  });

  it.each([
    ["AccessDeniedException", 403],
    ["InvalidProductCodeException", 400],
    ["DisabledApiException", 400],
    ["UnrecognizedClientException", 400],
  ])("%s (%i) took nothing and won't: barred", async (name, status) => {
    expect(await failing(awsError(name, status))).toEqual({
      kind: "barred",
      code: name,
      message: `${name}!`,
    });
  });

  it.each([500, 502, 503, 504])("with status %i is no answer: all may be taken", async (status) => {
    expect(await failing(awsError("InternalServiceErrorException", status))).toEqual({
      kind: "unanswered",
      cause: "InternalServiceErrorException",
    });
  });

  it("for an answer that could not be read is no answer either", async () => {
    expect((await failing(awsError("SyntaxError", 200))).kind).toBe("unanswered");
  });
});

describe("a broken connection", () => {
  const broken = (code: string) => Object.assign(new Error(code), { code });

  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"])("%s never sent anything", async (code) => {
    expect(await failing(broken(code))).toEqual({ kind: "busy", code });
  });

  it.each(["ECONNRESET", "EPIPE", "ETIMEDOUT"])("%s may have", async (code) => {
    expect(await failing(broken(code))).toEqual({ kind: "unanswered", cause: code });
  });

  it("by a timeout may have, too", async () => {
    const timeout = Object.assign(new Error("late"), { name: "TimeoutError" });

    expect(await failing(timeout)).toEqual({ kind: "unanswered", cause: "TimeoutError" });
  });

  it("without credentials never sent anything", async () => {
    const none = Object.assign(new Error("none"), { name: "CredentialsProviderError" });

    expect((await failing(none)).kind).toBe("busy");
  });
});
