import { describe, expect, it } from "vitest";
import type { LicenseFee, Plan, Trial } from "../../metering/domain/charges.ts";
import { aFee, aLicense, aPlan, aShare, at } from "./fixtures.ts";
import { aMinute, aSetup, aTerm, type Given, planOf, ratedBy } from "./rating-world.ts";

const fee = (over: Partial<LicenseFee> = {}): LicenseFee => ({ ...aFee, perMonth: "31", ...over });
const withTrial = (plan: Plan, days: number, graceDays?: number): Plan => ({
  ...plan,
  trial: { days, ...(graceDays === undefined ? {} : { graceDays }) } satisfies Trial,
});
const from = (start: string, given: Given = {}): Given => ({
  license: aLicense({ activatedAt: at(start) }),
  ...given,
});

describe("a plan change within a month", () => {
  const small = planOf("small", fee({ id: "small", perMonth: "31" }));
  const large = planOf("large", fee({ id: "large", perMonth: "310" }));
  const terms = [aTerm(small, "2026-01-01", "2026-03-11"), aTerm(large, "2026-03-11")];

  it("counts each plan's own whole days", () => {
    expect(ratedBy({ terms })).toEqual({ "small 2026-03": "10", "large 2026-03": "210" });
  });

  it("leaves what the ended plan came to as it was", () => {
    expect(ratedBy({ terms, months: ["2026-02", "2026-03"] })).toMatchObject({
      "small 2026-02": "31",
      "small 2026-03": "10",
    });
  });

  it("counts a day's cost for the plan of that day", () => {
    const shares = [
      aTerm(planOf("a", aShare), "2026-01-01", "2026-03-11"),
      aTerm(planOf("b", { ...aShare, id: "other", percent: "1" }), "2026-03-11"),
    ];

    expect(ratedBy({ terms: shares, cost: { "2026-03-10": "100", "2026-03-11": "100" } })).toEqual({
      "share 2026-03": "20",
      "other 2026-03": "1",
    });
  });

  it("counts no day that isn't over", () => {
    const cost = { "2026-03-10": "100", "2026-03-11": "100" };
    const now = at("2026-03-11T23:59:59.999Z");

    expect(ratedBy({ cost, now })).toEqual({ "share 2026-03": "20" });
  });

  it("to a new version of the same charge rates each version's own days", () => {
    const versions = [
      aTerm(aPlan(fee({ perMonth: "31" })), "2026-01-01", "2026-03-11"),
      aTerm(aPlan(fee({ perMonth: "62" })), "2026-03-11"),
    ];

    expect(ratedBy({ terms: versions })).toEqual({ "monthly 2026-03": "52" });
  });

  it("to a version with the same charge changes nothing", () => {
    const unchanged = [
      aTerm(aPlan(fee({ proration: "hourly", perMonth: "19" })), "2026-01-01", "2026-03-11"),
      aTerm(
        { ...aPlan(fee({ proration: "hourly", perMonth: "19" })), summary: "Reworded" },
        "2026-03-11",
      ),
    ];

    expect(ratedBy({ terms: unchanged })).toEqual({ "monthly 2026-03": "19" });
  });
});

describe("a fee without proration", () => {
  const plan = aPlan(fee({ proration: "none" }));
  const nothing = planOf("nothing");

  it("is owed once for a month in which its plan is left and taken again", () => {
    const terms = [
      aTerm(plan, "2026-03-01", "2026-03-05"),
      aTerm(nothing, "2026-03-05", "2026-03-20"),
      aTerm(plan, "2026-03-20"),
    ];

    expect(ratedBy({ terms })).toEqual({ "monthly 2026-03": "31" });
  });

  it("is owed once for a month in which its price changes, at the price that came first", () => {
    const dearer = aPlan(fee({ proration: "none", perMonth: "62" }));
    const terms = [
      aTerm(plan, "2026-01-01", "2026-03-05"),
      aTerm(dearer, "2026-03-05", "2026-04-10"),
      aTerm(plan, "2026-04-10"),
    ];
    const months = ["2026-03", "2026-04"];

    expect(ratedBy({ terms, months, now: at("2026-05-01T00:00:00Z") })).toEqual({
      "monthly 2026-03": "31",
      "monthly 2026-04": "62",
    });
  });

  it("is not owed for a month of which no whole hour was touched", () => {
    const license = aLicense({ activatedAt: at("2026-03-31T23:00:01Z") });

    expect(ratedBy({ license, plan })).toEqual({});
  });
});

describe("a one-time fee", () => {
  const plan = aPlan(aSetup);
  const months = ["2026-01", "2026-02", "2026-03"];

  it("is owed once, in the month in which its plan begins", () => {
    expect(ratedBy({ plan, months })).toEqual({ "setup 2026-01": "499" });
    expect(ratedBy({ plan, months: ["2026-02"] })).toEqual({});
  });

  it("is not owed again by a buyer who leaves and returns", () => {
    const terms = [
      aTerm(plan, "2026-01-20", "2026-02-01"),
      aTerm(planOf("other"), "2026-02-01", "2026-03-01"),
      aTerm(plan, "2026-03-01"),
    ];

    expect(ratedBy({ terms, months })).toEqual({ "setup 2026-01": "499" });
  });

  it.each(["2026-01-25", "2026-02-10"])("is not owed again at another amount from %s", (day) => {
    const dearer = aPlan({ ...aSetup, amount: "999" });
    const terms = [aTerm(plan, "2026-01-20", day), aTerm(dearer, day)];

    expect(ratedBy({ terms, months })).toEqual({ "setup 2026-01": "499" });
  });

  it("is not owed before its plan has begun", () => {
    const terms = [aTerm(plan, "2026-03-20")];

    expect(ratedBy({ terms, now: at("2026-03-19T23:59:59.999Z") })).toEqual({});
    expect(ratedBy({ terms, now: at("2026-03-20T00:00:00Z") })).toEqual({ "setup 2026-03": "499" });
  });

  it("is owed when the trial ends, and never by a buyer who leaves within it", () => {
    const terms = [aTerm(withTrial(plan, 14), "2026-01-20T12:00:00Z", "2026-03-25")];

    expect(ratedBy({ terms, months })).toEqual({ "setup 2026-02": "499" });
    const left = aLicense({
      activatedAt: at("2026-01-20T12:00:00Z"),
      endedAt: at("2026-02-03T23:00:00Z"),
    });
    expect(ratedBy({ terms, months, license: left })).toEqual({});
  });
});

describe("the seller's own trial", () => {
  const plan = withTrial(aPlan(fee(), aShare, aMinute), 7, 3);
  const start = "2026-03-01T15:00:00Z";

  it("rates no day, no hour and no usage until its days and grace days are over", () => {
    const terms = [aTerm(plan, start)];
    const cost = { "2026-03-11": "1000", "2026-03-12": "100" };
    const minutes = { "2026-03-11T23": "1000", "2026-03-12T00": "100" };

    // Ten days from the 1st at 15:00, to the next midnight: rated from the 12th on, 20 days.
    expect(ratedBy(from(start, { terms, cost, minutes }))).toEqual({
      "monthly 2026-03": "20",
      "share 2026-03": "20",
      "minutes 2026-03": "15",
    });
  });

  it("that ends at a midnight ends at that midnight", () => {
    const midnight = "2026-03-01T00:00:00Z";
    const terms = [aTerm(withTrial(aPlan(fee()), 10), midnight)];

    expect(ratedBy(from(midnight, { terms }))).toEqual({ "monthly 2026-03": "21" });
  });

  it("is not given again to a buyer who leaves and returns", () => {
    const terms = [
      aTerm(plan, "2026-01-01", "2026-02-01"),
      aTerm(planOf("other"), "2026-02-01", "2026-03-01"),
      aTerm(plan, "2026-03-01"),
    ];

    expect(ratedBy({ terms })).toEqual({ "monthly 2026-03": "31" });
  });

  it("is not given again by another plan", () => {
    const other = withTrial(planOf("other", fee({ id: "other" })), 30);
    const terms = [aTerm(plan, "2026-02-01", "2026-03-01"), aTerm(other, "2026-03-01")];

    // Thirty days from the 1st of February: until the 3rd of March.
    expect(ratedBy({ terms })).toEqual({ "other 2026-03": "29" });
  });

  it("is not carried into a plan that has none", () => {
    const terms = [
      aTerm(withTrial(planOf("a", fee({ id: "a" })), 30), "2026-03-01", "2026-03-02"),
      aTerm(planOf("b", fee({ id: "b" })), "2026-03-02"),
    ];

    expect(ratedBy({ terms })).toEqual({ "b 2026-03": "30" });
  });

  it("is still to come for a buyer whose plans were free so far", () => {
    const terms = [aTerm(planOf("free"), "2026-01-01", "2026-03-01"), aTerm(plan, "2026-03-01")];

    expect(ratedBy({ terms })).toEqual({ "monthly 2026-03": "21" });
  });

  it("takes its days from a minimum, and none from a cap or included units", () => {
    const charges = [
      { ...aShare, minimum: "31" },
      { ...aMinute, included: "20" },
    ];
    const terms = [aTerm(withTrial(aPlan(...charges), 10), "2026-03-01")];

    expect(ratedBy({ terms, minutes: { "2026-03-20T10": "30" } })).toEqual({
      "share 2026-03": "21",
      "minutes 2026-03": "1.5",
    });
  });
});

it("rates nothing of a free plan", () => {
  expect(ratedBy({ plan: planOf("free"), cost: { "2026-03-05": "1000" } })).toEqual({});
});

it("rates a plan that the seller hosts like any other", () => {
  const plan: Plan = { ...aPlan(fee(), aMinute), hosting: "seller" };

  expect(ratedBy({ plan, deployments: [], minutes: { "2026-03-05T10": "60" } })).toEqual({
    "monthly 2026-03": "31",
    "minutes 2026-03": "9",
  });
});
