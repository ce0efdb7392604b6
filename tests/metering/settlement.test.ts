import { describe, expect, it } from "vitest";
import {
  type Attempt,
  type RecordAnswer,
  settleAnswer,
  settleClosed,
  settleRejection,
} from "../../metering/domain/settlement.ts";
import { anItem, at } from "./fixtures.ts";

const NOW = at("2026-03-15T12:00:00Z");
const item = anItem({ hour: at("2026-03-15T10:00:00Z") });
const sure = { item, endedAt: undefined, possiblySent: false };
const unsure = { item, endedAt: undefined, possiblySent: true };

const rejected = (code: string, serverTime?: number): Extract<Attempt, { kind: "rejected" }> => ({
  kind: "rejected",
  code,
  ...(serverTime === undefined ? {} : { serverTime }),
});

const outcomeOf = (settlement: ReturnType<typeof settleAnswer>) =>
  settlement.kind === "final" ? settlement.outcome.kind : settlement.kind;

describe("an answered record", () => {
  it.each<[RecordAnswer["kind"], string, string]>([
    ["accepted", "accepted", "accepted"],
    ["duplicate", "duplicate", "duplicate"],
    ["not-subscribed", "refused", "in-doubt"],
    ["unprocessed", "again", "again"],
    ["missing", "again", "again"],
  ])("%s: %s, and %s if an earlier attempt may have been taken", (kind, first, later) => {
    const answer = { kind, meteringRecordId: "id" } as RecordAnswer;

    expect(outcomeOf(settleAnswer(sure, answer, NOW))).toBe(first);
    expect(outcomeOf(settleAnswer(unsure, answer, NOW))).toBe(later);
  });

  it("keeps AWS's id", () => {
    expect(settleAnswer(sure, { kind: "accepted", meteringRecordId: "abc" }, NOW)).toEqual({
      kind: "final",
      outcome: { kind: "accepted", meteringRecordId: "abc", at: NOW },
    });
  });
});

describe("a record refused alone", () => {
  it.each([
    "InvalidLicenseException",
    "InvalidUsageDimensionException",
    "InvalidCustomerIdentifierException",
  ])("%s: refused, and in doubt if an earlier attempt may have been taken", (code) => {
    expect(outcomeOf(settleRejection(sure, rejected(code), NOW))).toBe("refused");
    expect(outcomeOf(settleRejection(unsure, rejected(code), NOW))).toBe("in-doubt");
  });

  it("is held when AWS's own clock shows its window open: nothing is concluded", () => {
    const rejection = rejected("TimestampOutOfBoundsException", NOW);

    expect(outcomeOf(settleRejection(sure, rejection, NOW + 90 * 3_600_000))).toBe("held");
    expect(outcomeOf(settleRejection(unsure, rejection, NOW + 90 * 3_600_000))).toBe("held");
  });

  it("is expired, or in doubt, when AWS's own clock shows it closed", () => {
    const rejection = rejected("TimestampOutOfBoundsException", NOW + 24 * 3_600_000);

    expect(outcomeOf(settleRejection(sure, rejection, NOW))).toBe("expired");
    expect(outcomeOf(settleRejection(unsure, rejection, NOW))).toBe("in-doubt");
  });

  it("goes by our own clock when the answer has no date", () => {
    const rejection = rejected("TimestampOutOfBoundsException");

    expect(outcomeOf(settleRejection(sure, rejection, NOW))).toBe("held");
    expect(outcomeOf(settleRejection(sure, rejection, NOW + 24 * 3_600_000))).toBe("expired");
  });

  it("knows that the license's end closes the window", () => {
    const ended = { ...sure, endedAt: NOW - 3_600_000 };

    expect(
      outcomeOf(settleRejection(ended, rejected("TimestampOutOfBoundsException", NOW), NOW)),
    ).toBe("expired");
  });
});

it("settles a record whose window closed as owed again only if it surely was not taken", () => {
  expect(settleClosed(sure, NOW)).toEqual({ kind: "expired", at: NOW });
  expect(settleClosed(unsure, NOW).kind).toBe("in-doubt");
});
