import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import { readTrailFiles } from "../../metering/adapters/cloud-trail-files.ts";
import { trailCall } from "../../metering/adapters/cloud-trail-record.ts";
import { aLicense, at } from "./fixtures.ts";

const usageRecord = {
  licenseArn: aLicense().licenseArn,
  customerAWSAccountId: "111122223333",
  dimension: "fee",
  quantity: 42,
  timestamp: "Mar 10, 2026 11:00:00 PM",
};

const event = (over: object = {}) => ({
  eventName: "BatchMeterUsage",
  eventID: "event-1",
  eventTime: "2026-03-11T00:10:00Z",
  awsRegion: "us-east-1",
  userIdentity: { arn: "arn:aws:iam::999988887777:user/meter" },
  requestParameters: { usageRecords: [usageRecord] },
  responseElements: {
    results: [{ usageRecord, status: "Success", meteringRecordId: "id" }],
    unprocessedRecords: [],
  },
  ...over,
});

it.each([
  "Mar 10, 2026 11:00:00 PM",
  "Mar 10, 2026 11:00:00\u202fPM",
  "2026-03-10T23:00:00Z",
  1_773_183_600,
  1_773_183_600_000,
])("reads a usage timestamp written as %s", (timestamp) => {
  const call = trailCall(
    event({ responseElements: null, requestParameters: { usageRecords: [{ timestamp }] } }),
  );

  expect(call?.observations[0]?.stamp).toBe(at("2026-03-10T23:00:00Z"));
});

it.each([
  ["a success", {}, ["success"], false],
  ["a throttled call", { errorCode: "ThrottlingException" }, ["not-billed"], false],
  ["a refusal", { errorCode: "InvalidLicenseException" }, ["not-billed"], false],
  ["a server error", { errorCode: "InternalServiceErrorException" }, ["unknown"], false],
  ["an omitted answer", { responseElements: { omitted: true } }, ["unknown"], false],
  ["an omitted request", { requestParameters: { omitted: true } }, ["success"], false],
  [
    "both omitted",
    { requestParameters: { omitted: true }, responseElements: { omitted: true } },
    [],
    true,
  ],
  [
    "an omitted request that was refused",
    { requestParameters: { omitted: true }, errorCode: "TimestampOutOfBoundsException" },
    [],
    false,
  ],
])("takes %s for what it says, and no more", (_, over, answers, isOmitted) => {
  const call = trailCall(event(over));

  expect(call?.observations.map(({ answer }) => answer.kind)).toEqual(answers);
  expect(call?.isOmitted).toBe(isOmitted);
});

it("reads log files in folders, zipped or not, each event once, and claims no completeness", async () => {
  const folder = mkdtempSync(join(tmpdir(), "launchmeter-trail-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const other = event({ eventID: "event-2", eventTime: "2026-03-11T05:00:00Z" });
  const lookup = { Events: [{ CloudTrailEvent: JSON.stringify(event()) }] };
  writeFileSync(join(folder, "a.json"), JSON.stringify({ Records: [event()] }));
  writeFileSync(join(folder, "b.json.gz"), gzipSync(JSON.stringify({ Records: [other] })));
  writeFileSync(join(folder, "c.json"), JSON.stringify(lookup));

  const trail = await readTrailFiles(folder, 0);

  expect(trail.observations.map(({ eventId }) => eventId)).toEqual(["event-1", "event-2"]);
  expect(trail.coverage).toMatchObject([
    {
      region: "us-east-1",
      from: at("2026-03-11T00:10:00Z"),
      through: at("2026-03-11T05:00:00Z"),
      isComplete: false,
    },
  ]);
  writeFileSync(join(folder, "d.json"), "{}");
  await expect(readTrailFiles(folder, 0)).rejects.toThrow(/d\.json is no CloudTrail log/);
});
