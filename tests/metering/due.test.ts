import { describe, expect, it } from "vitest";
import { dueSince, readingOffset } from "../../metering/domain/due.ts";
import type { Plan } from "../../metering/domain/charges.ts";
import { termsOf } from "../../metering/domain/terms.ts";
import { aFee, aLicense, always, aPlan, aShare, at } from "./fixtures.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = at("2026-03-15T00:00:00Z");
const LICENSE = aLicense();
const SLOT = MIDNIGHT + readingOffset(LICENSE.licenseId);

function due(
  plan: Plan,
  span: { from: number | undefined; now: number },
  over: { license?: Parameters<typeof aLicense>[0]; zeroRecords?: boolean } = {},
) {
  const license = aLicense(over.license);
  const terms = termsOf(license, always([plan]));
  return dueSince(license, terms, span, { zeroRecords: over.zeroRecords ?? false });
}

describe("a license is woken", () => {
  it("by its cost once a day, at an hour of its own", () => {
    const plan = aPlan(aShare);

    expect(due(plan, { from: SLOT - 1, now: SLOT })).toEqual({ rate: true, read: true });
    expect(due(plan, { from: SLOT, now: SLOT + DAY - 1 })).toEqual({ rate: false, read: false });
    expect(due(plan, { from: SLOT, now: SLOT + DAY })).toEqual({ rate: true, read: true });
  });

  it("by a daily fee at midnight, and by an hourly one every hour, without reading cost", () => {
    const noon = { from: MIDNIGHT + 12 * HOUR - 1, now: MIDNIGHT + 12 * HOUR };
    const midnight = { from: MIDNIGHT - 1, now: MIDNIGHT };

    expect(due(aPlan(aFee), midnight)).toEqual({ rate: true, read: false });
    expect(due(aPlan(aFee), noon).rate).toBe(false);
    expect(due(aPlan({ ...aFee, proration: "hourly" }), noon).rate).toBe(true);
    expect(due(aPlan({ ...aFee, proration: "none" }), noon).rate).toBe(true);
  });

  it("by the month's end where a percentage has a minimum", () => {
    const plan = aPlan({ ...aShare, minimum: "10" });

    expect(due(plan, { from: MIDNIGHT - 1, now: MIDNIGHT }).rate).toBe(true);
  });

  it("every hour when idle hours get a record of 0 units", () => {
    const noon = { from: MIDNIGHT + 12 * HOUR - 1, now: MIDNIGHT + 12 * HOUR };

    expect(due(aPlan(aShare), noon, { zeroRecords: true }).rate).toBe(true);
  });

  it("by every pass around its end, and by none a day after it", () => {
    const endedAt = MIDNIGHT + HOUR;
    const soon = { from: endedAt + 60_000, now: endedAt + 120_000 };
    const later = { from: endedAt + DAY, now: endedAt + DAY + HOUR };
    const outage = { from: endedAt + HOUR, now: endedAt + 40 * HOUR };

    expect(due(aPlan(aFee), soon, { license: { endedAt } })).toEqual({ rate: true, read: true });
    expect(due(aPlan(aFee), later, { license: { endedAt } }).rate).toBe(false);
    expect(due(aPlan(aFee), outage, { license: { endedAt } }).rate).toBe(true);
    expect(due(aPlan(aFee), soon, { license: { endingAt: endedAt } }).rate).toBe(true);
  });

  it("by the first pass ever, and never before AWS activated it or without a plan", () => {
    const everything = { from: undefined, now: MIDNIGHT };

    expect(due(aPlan(aFee), everything).rate).toBe(true);
    expect(due(aPlan(aFee), everything, { license: { activatedAt: undefined } }).rate).toBe(false);
    expect(due(aPlan(aFee), everything, { license: { activatedAt: MIDNIGHT + 1 } }).rate).toBe(
      false,
    );
    expect(due(aPlan(aFee), everything, { license: { plan: undefined } }).rate).toBe(false);
  });
});

it("spreads the readings of many licenses over the day", () => {
  const hours = new Set(
    Array.from({ length: 2_000 }, (_, n) =>
      Math.floor(readingOffset(`l-${n.toString(16).padStart(32, "0")}`) / HOUR),
    ),
  );

  expect(hours.size).toBe(24);
});
