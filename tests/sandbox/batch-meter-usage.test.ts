import { describe, expect, it } from "vitest";
import { meteringService } from "../../sandbox/marketplace/batch-meter-usage.ts";
import { endAgreement, setSuspended } from "../../sandbox/marketplace/state.ts";
import type { MarketplaceState } from "../../sandbox/marketplace/state.ts";
import {
  ACTIVATED,
  aMarketplace,
  aRecord,
  at,
  FOREIGN_LICENSE,
  LICENSE,
  meter,
  OTHER_LICENSE,
  refusal,
  refusalOf,
  SELLER,
  statuses,
} from "./a-marketplace.ts";

describe("what refuses the whole request", () => {
  it("takes 25 records and refuses 26", () => {
    const records = Array.from({ length: 26 }, (_, index) =>
      aRecord({ Timestamp: at("2026-03-15T11:00:00Z") / 1000 - index * 600 }),
    );

    expect(statuses(records.slice(0, 25))).toHaveLength(25);
    expect(refusal(() => meter(records))).toBe("ValidationException");
  });

  it("refuses a body of 1 MB and takes one byte less", () => {
    expect(statuses([aRecord()], { bytes: 999_999 })).toEqual(["Success"]);
    expect(refusal(() => meter([aRecord()], { bytes: 1_000_000 }))).toBe("ValidationException");
  });

  it("refuses a ProductCode beside LicenseArn", () => {
    expect(refusalOf({}, { request: { ProductCode: "code-a" } })).toBe(
      "InvalidProductCodeException",
    );
  });

  it("refuses CustomerIdentifier, which new products must not use", () => {
    expect(refusalOf({ CustomerIdentifier: "abc" })).toBe("InvalidCustomerIdentifierException");
  });

  it("refuses a missing, unknown or other seller's license", () => {
    expect(refusalOf({ LicenseArn: undefined })).toBe("InvalidLicenseException");
    expect(refusalOf({ LicenseArn: LICENSE.replace("aaaa", "dddd") })).toBe(
      "InvalidLicenseException",
    );
    expect(refusalOf({}, { caller: "123412341234" })).toBe("InvalidLicenseException");
    expect(refusalOf({ LicenseArn: "l-123" })).toBe("ValidationException");
  });

  it("refuses a license that belongs to another account", () => {
    expect(refusalOf({ CustomerAWSAccountId: "444455556666" })).toBe("InvalidLicenseException");
    expect(refusalOf({ CustomerAWSAccountId: "not-digits" })).toBe("ValidationException");
  });

  it("refuses licenses of two products in one request", () => {
    const records = [aRecord(), aRecord({ LicenseArn: FOREIGN_LICENSE })];

    expect(refusal(() => meter(records))).toBe("InvalidLicenseException");
  });

  it.each(["units", "Nothing"])("refuses the undefined dimension %s (case counts)", (Dimension) => {
    expect(refusalOf({ Dimension })).toBe("InvalidUsageDimensionException");
  });

  it("refuses dimensions of no and of 256 characters", () => {
    expect(refusalOf({ Dimension: "" })).toBe("ValidationException");
    expect(refusalOf({ Dimension: "x".repeat(256) })).toBe("ValidationException");
  });

  it("refuses quantities that are not whole or not within 0 and 2,147,483,647", () => {
    expect(refusalOf({ Quantity: 1.7 })).toBe("SerializationException");
    expect(refusalOf({ Quantity: -1 })).toBe("ValidationException");
    expect(refusalOf({ Quantity: 2_147_483_648 })).toBe("ValidationException");
    expect(statuses([aRecord({ Quantity: 2_147_483_647 })])).toEqual(["Success"]);
  });

  it("is disabled outside the metering regions", () => {
    expect(refusalOf({}, { region: "us-gov-west-1" })).toBe("DisabledApiException");
    expect(statuses([aRecord()], { region: "cn-northwest-1" })).toEqual(["Success"]);
  });

  it("lets one bad record take the 24 good ones with it, and records none", () => {
    const state = aMarketplace();
    const good = Array.from({ length: 24 }, (_, index) =>
      aRecord({ Timestamp: at("2026-03-15T11:00:00Z") / 1000 - index * 3600 + 3600 }),
    );

    const code = refusal(() =>
      meter([...good, aRecord({ Timestamp: at("2026-03-14T12:00:00Z") / 1000 })], { state }),
    );

    expect(code).toBe("TimestampOutOfBoundsException");
    expect(state.records).toEqual({});
  });
});

describe("time", () => {
  const timestamp = (iso: string) => ({ Timestamp: at(iso) / 1000 });

  it("refuses usage that is 24 hours old and takes it a second younger", () => {
    expect(refusalOf(timestamp("2026-03-14T12:00:00Z"))).toBe("TimestampOutOfBoundsException");
    expect(statuses([aRecord(timestamp("2026-03-14T12:00:01Z"))])).toEqual(["Success"]);
  });

  it("refuses usage of the future", () => {
    expect(refusalOf(timestamp("2026-03-15T12:00:01Z"))).toBe("TimestampOutOfBoundsException");
    expect(statuses([aRecord(timestamp("2026-03-15T12:00:00Z"))])).toEqual(["Success"]);
  });

  it("closes March at 06:00 UTC on April 1st, however recent the usage", () => {
    const lastHour = timestamp("2026-03-31T23:00:00Z");

    expect(statuses([aRecord(lastHour)], { now: "2026-04-01T05:59:59Z" })).toEqual(["Success"]);
    expect(refusalOf(lastHour, { now: "2026-04-01T06:00:00Z" })).toBe(
      "TimestampOutOfBoundsException",
    );
    expect(
      statuses([aRecord(timestamp("2026-04-01T00:00:00Z"))], { now: "2026-04-01T06:00:00Z" }),
    ).toEqual(["Success"]);
  });

  it("refuses usage before the license was activated", () => {
    const call = { now: "2026-03-10T10:30:00Z" };

    expect(refusalOf(timestamp("2026-03-10T09:59:59Z"), call)).toBe("InvalidLicenseException");
    expect(statuses([aRecord(timestamp("2026-03-10T10:00:00Z"))], call)).toEqual(["Success"]);
  });

  it("refuses everything for a license whose License Updated is still to come", () => {
    const call = { now: "2026-03-10T09:30:00Z" };

    expect(refusalOf(timestamp("2026-03-10T09:30:00Z"), call)).toBe("InvalidLicenseException");
  });
});

describe("the end of a license", () => {
  const ended = (): MarketplaceState => {
    const state = aMarketplace();
    const end = at("2026-03-15T11:20:00Z");
    endAgreement(state, "agmt-a", { status: "CANCELLED", at: end, deprovisionedAt: end });
    return state;
  };

  it("leaves one hour for the last records", () => {
    const call = { state: ended(), now: "2026-03-15T12:19:59Z" };

    expect(statuses([aRecord()], call)).toEqual(["Success"]);
    expect(
      statuses([aRecord({ Dimension: "Seats" })], { ...call, now: "2026-03-15T12:20:00Z" }),
    ).toEqual(["CustomerNotSubscribed"]);
  });

  it("answers CustomerNotSubscribed even for a record that was accepted before", () => {
    const state = ended();
    meter([aRecord()], { state });

    expect(statuses([aRecord()], { state, now: "2026-03-15T13:00:00Z" })).toEqual([
      "CustomerNotSubscribed",
    ]);
    expect(Object.values(state.records)).toHaveLength(1);
  });

  it("refuses usage stamped after the end", () => {
    expect(refusalOf({ Timestamp: at("2026-03-15T11:20:01Z") / 1000 }, { state: ended() })).toBe(
      "InvalidLicenseException",
    );
  });

  it("ends one agreement and leaves the account's other one alone", () => {
    const records = [aRecord(), aRecord({ LicenseArn: OTHER_LICENSE })];

    expect(statuses(records, { state: ended(), now: "2026-03-15T13:00:00Z" })).toEqual([
      "CustomerNotSubscribed",
      "Success",
    ]);
  });

  it("treats a suspended buyer as not subscribed until resumed", () => {
    const state = aMarketplace();
    setSuspended(state, LICENSE, true);
    expect(statuses([aRecord()], { state })).toEqual(["CustomerNotSubscribed"]);

    setSuspended(state, LICENSE, false);
    expect(statuses([aRecord()], { state })).toEqual(["Success"]);
  });
});

describe("de-duplication", () => {
  it("answers an identical resend with the same id and bills once", () => {
    const state = aMarketplace();
    const first = meter([aRecord()], { state }).Results[0];
    const again = meter([aRecord()], { state, now: "2026-03-15T13:00:00Z" }).Results[0];

    expect(first?.MeteringRecordId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(again).toMatchObject({ Status: "Success", MeteringRecordId: first?.MeteringRecordId });
    expect(Object.values(state.records)).toHaveLength(1);
  });

  it("keeps the first write when another quantity comes for the same hour", () => {
    const state = aMarketplace();
    meter([aRecord()], { state });
    const later = aRecord({ Quantity: 8, Timestamp: at("2026-03-15T11:45:00Z") / 1000 });

    expect(meter([later], { state }).Results).toMatchObject([{ Status: "DuplicateRecord" }]);
    expect(Object.values(state.records)).toMatchObject([{ quantity: 7 }]);
  });

  it("counts a quantity left out as 0, which can't be amended either", () => {
    const state = aMarketplace();

    expect(statuses([aRecord({ Quantity: undefined })], { state })).toEqual(["Success"]);
    expect(statuses([aRecord({ Quantity: 1 })], { state })).toEqual(["DuplicateRecord"]);
  });

  it("tells apart hours, dimensions, licenses and regions", () => {
    const state = aMarketplace();
    const others = [
      aRecord({ Timestamp: at("2026-03-15T10:59:59Z") / 1000 }),
      aRecord({ Dimension: "Seats" }),
      aRecord({ LicenseArn: OTHER_LICENSE }),
    ];
    meter([aRecord(), ...others], { state });
    meter([aRecord({ Quantity: 8 })], { state, region: "eu-west-1" });

    const records = Object.values(state.records);
    expect(records).toHaveLength(5);
    expect(new Set(records.map(({ meteringRecordId }) => meteringRecordId)).size).toBe(5);
  });

  it("applies within one request, too", () => {
    expect(statuses([aRecord(), aRecord(), aRecord({ Quantity: 9 })])).toEqual([
      "Success",
      "Success",
      "DuplicateRecord",
    ]);
  });
});

describe("unprocessed records", () => {
  it("come back as they were sent and are not recorded", () => {
    const state = aMarketplace();
    const answer = meter([aRecord()], { state, unprocessed: true });

    expect(answer.Results).toEqual([]);
    expect(answer.UnprocessedRecords).toMatchObject([{ Quantity: 7, LicenseArn: LICENSE }]);
    expect(state.records).toEqual({});
  });
});

describe("metering record ids", () => {
  it("differ for ten thousand hours", () => {
    const state = aMarketplace();
    const metering = meteringService(state);
    const start = at(ACTIVATED);
    for (let hour = 0; hour < 10_000; hour += 1) {
      const now = start + hour * 3_600_000;
      const UsageRecords = [aRecord({ Timestamp: now / 1000 })];
      metering.batchMeterUsage(SELLER, "us-east-1", { UsageRecords }, now, 500);
    }

    const ids = Object.values(state.records).map(({ meteringRecordId }) => meteringRecordId);
    expect(new Set(ids).size).toBe(10_000);
  });
});
