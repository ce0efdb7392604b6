import { describe, expect, it } from "vitest";
import { aFee, aLicense, aPlan, aShare, at } from "./fixtures.ts";
import { aMinimum, aMinute, aSetup, aTerm, type Given, ratedBy } from "./rating-world.ts";

/** AWS bills nothing of what is stamped before it: 10:00 on the 10th. */
const freeTrialEndsAt = at("2026-03-10T10:00:00Z");
const inTrial = (given: Given) => ratedBy({ freeTrialEndsAt, ...given });

describe("a Marketplace free trial", () => {
  it("is rated normally, and apart from what follows it", () => {
    const charges = [{ ...aFee, perMonth: "31" }, aShare, aMinute];
    const cost = { "2026-03-09": "1000", "2026-03-11": "100" };
    const minutes = { "2026-03-09T10": "100", "2026-03-11T10": "10" };

    expect(inTrial({ charges, cost, minutes })).toEqual({
      "monthly 2026-03 trial": "10",
      "share 2026-03 trial": "200",
      "minutes 2026-03 trial": "15",
      "monthly 2026-03": "21",
      "share 2026-03": "20",
      "minutes 2026-03": "1.5",
    });
  });

  it("has the whole day within which it ends, by every charge", () => {
    const charges = [aShare, aMinute, { ...aFee, proration: "hourly", perMonth: "744" } as const];
    const cost = { "2026-03-10": "1000" };
    const minutes = { "2026-03-10T23": "100" };

    expect(inTrial({ charges, cost, minutes })).toEqual({
      "share 2026-03 trial": "200",
      "minutes 2026-03 trial": "15",
      "monthly 2026-03 trial": "240",
      "monthly 2026-03": "504",
    });
  });

  it("that ends at a midnight has nothing of the next day", () => {
    const midnight = at("2026-03-10T00:00:00Z");

    expect(inTrial({ cost: { "2026-03-10": "1000" }, freeTrialEndsAt: midnight })).toEqual({
      "share 2026-03": "200",
    });
  });

  it("uses up no tier, no cap and no included unit of what follows it", () => {
    const charges = [
      { ...aShare, tiers: [{ above: "500", percent: "1" }], cap: "100" },
      { ...aMinute, included: "20" },
    ];
    const cost = { "2026-03-09": "1000", "2026-03-11": "1000" };
    const minutes = { "2026-03-09T10": "30", "2026-03-11T10": "30" };

    expect(inTrial({ charges, cost, minutes })).toEqual({
      "share 2026-03 trial": "100",
      "share 2026-03": "100",
      "minutes 2026-03 trial": "1.5",
      "minutes 2026-03": "1.5",
    });
  });

  it("owes no minimum for its days", () => {
    const charges = [
      { ...aShare, minimum: "31" },
      { ...aMinimum, perMonth: "62" },
    ];

    // 21 of 31 days, and the same again to reach 42.
    expect(inTrial({ charges })).toEqual({ "share 2026-03": "21", "least 2026-03": "21" });
    expect(inTrial({ charges, freeTrialEndsAt: at("2026-04-20T00:00:00Z") })).toEqual({});
  });

  it("puts off a one-time fee until it is over", () => {
    const plan = aPlan(aSetup);
    const months = ["2026-03", "2026-04"];
    const until = { freeTrialEndsAt: at("2026-04-05T10:00:00Z"), plan, months };

    expect(inTrial({ ...until, now: at("2026-04-05T23:59:59Z") })).toEqual({});
    expect(inTrial({ ...until, now: at("2026-04-06T00:00:00Z") })).toEqual({
      "setup 2026-04": "499",
    });
    const left = aLicense({
      activatedAt: at("2026-03-06T10:00:00Z"),
      endedAt: at("2026-04-05T12:00:00Z"),
    });
    expect(inTrial({ ...until, license: left, now: at("2026-05-01T00:00:00Z") })).toEqual({});
  });

  it("begins with days of the seller's own trial, which come to nothing in it", () => {
    const plan = { ...aPlan({ ...aFee, perMonth: "31" }), trial: { days: 4 } };

    expect(inTrial({ terms: [aTerm(plan, "2026-03-01")] })).toEqual({
      "monthly 2026-03 trial": "6",
      "monthly 2026-03": "21",
    });
  });

  it("is over for a license that was never in one", () => {
    expect(ratedBy({ cost: { "2026-03-09": "1000" } })).toEqual({ "share 2026-03": "200" });
  });
});
