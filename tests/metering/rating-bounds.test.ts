import { describe, expect, it } from "vitest";
import type { PercentageOfCost } from "../../metering/domain/charges.ts";
import { aDeployment, aLicense, aPlan, aShare, at } from "./fixtures.ts";
import {
  aMinimum,
  aMinute,
  aSetup,
  aTerm,
  costMonths,
  type Given,
  planOf,
  ratedBy,
} from "./rating-world.ts";

const share = (over: Partial<PercentageOfCost>) => ({ ...aShare, ...over });
const march = (given: Given) => ratedBy(given)["share 2026-03"] ?? "0";
const COST = { "2026-03-05": "700", "2026-03-20": "800.5" };

describe("tiers of a percentage", () => {
  const charges = [
    share({
      tiers: [
        { above: "1000", percent: "15" },
        { above: "1500", percent: "1" },
      ],
    }),
  ];

  it("charge each part of the month's cost at its own step's rate", () => {
    // 20 % of 1000, 15 % of 500, 1 % of 0.5.
    expect(march({ charges, cost: COST })).toBe("275.005");
  });

  it("leave what lies below a step as it was", () => {
    expect(march({ charges, cost: { "2026-03-05": "1000" } })).toBe("200");
    expect(march({ charges, cost: { "2026-03-05": "1000.000000000001" } })).toBe("200");
    expect(march({ charges, cost: { "2026-03-05": "1000.00000000001" } })).toBe("200.000000000001");
    expect(march({ charges, cost: { "2026-03-05": "1500" } })).toBe("275");
  });

  it("begin anew with each calendar month", () => {
    const cost = { "2026-02-28": "1000", "2026-03-01": "1000" };

    expect(ratedBy({ charges, cost, months: ["2026-02", "2026-03"] })).toEqual({
      "share 2026-02": "200",
      "share 2026-03": "200",
    });
  });

  it("give back at the first rate when AWS restates a month below zero", () => {
    expect(march({ charges, cost: { "2026-03-05": "-3000" } })).toBe("-600");
  });

  it("count all deployments of the license together", () => {
    const registeredAt = at("2026-01-01T00:00:00Z");
    const [first] = costMonths({ "2026-03-05": "700" });
    const costs = [first!, { ...first!, deploymentId: "d-2" }];
    const other = { deploymentId: "d-2", accountId: "444455556666" };
    const deployments = [aDeployment({ registeredAt }), aDeployment({ registeredAt, ...other })];

    expect(march({ charges, deployments, costs })).toBe("260");
  });
});

describe("a cap", () => {
  it("is not exceeded, and not prorated in a month that was begun late", () => {
    const charges = [share({ cap: "100" })];
    const terms = [aTerm(aPlan(...charges), "2026-03-15")];

    expect(march({ charges, cost: COST })).toBe("100");
    expect(march({ terms, cost: COST })).toBe("100");
    expect(march({ charges, cost: { "2026-03-05": "499.99" } })).toBe("99.998");
  });

  it("holds each month by itself", () => {
    const cost = { "2026-02-10": "9999", "2026-03-10": "9999" };

    expect(
      ratedBy({ charges: [share({ cap: "100" })], cost, months: ["2026-02", "2026-03"] }),
    ).toEqual({ "share 2026-02": "100", "share 2026-03": "100" });
  });

  it("does not touch a credit", () => {
    expect(march({ charges: [share({ cap: "100" })], cost: { "2026-03-05": "-3000" } })).toBe(
      "-600",
    );
  });

  it("stays a promise in a month in which it is raised", () => {
    const terms = [
      aTerm(aPlan(share({ cap: "100" })), "2026-01-01", "2026-03-10"),
      aTerm(aPlan(share({ cap: "150" })), "2026-03-10"),
    ];

    expect(march({ terms, cost: { "2026-03-05": "9999", "2026-03-20": "9999" } })).toBe("150");
  });
});

describe("a minimum", () => {
  const charges = [share({ minimum: "31" })];
  const license = aLicense({ activatedAt: at("2026-03-10T12:00:00Z") });
  const terms = [aTerm(aPlan(...charges), "2026-03-10T12:00:00Z")];

  it("is owed at 00:00 on the 1st of the next month, not a moment sooner", () => {
    const cost = { "2026-03-05": "5" };

    expect(march({ charges, cost, now: at("2026-03-31T23:59:59.999Z") })).toBe("1");
    expect(march({ charges, cost, now: at("2026-04-01T00:00:00Z") })).toBe("31");
  });

  it("counts the whole UTC days on which the plan ran", () => {
    // From the 11th on: 21 of 31 days.
    expect(march({ license, terms })).toBe("21");
  });

  it("is owed when the license ends, for its days", () => {
    const ended = { ...license, endedAt: at("2026-03-12T06:00:00Z") };

    expect(march({ license: ended, terms, now: at("2026-03-12T05:59:59Z") })).toBe("0");
    expect(march({ license: ended, terms, now: at("2026-03-12T06:00:00Z") })).toBe("1");
  });

  it("is owed when the agreement has ended, because the final hour may run from there", () => {
    const ending = { ...license, endingAt: at("2026-03-12T06:00:00Z") };

    expect(march({ license: ending, terms, now: at("2026-03-12T06:00:00Z") })).toBe("1");
  });

  it("adds nothing to what is above it, and lifts a negative month to itself", () => {
    expect(march({ charges, cost: { "2026-03-05": "155.05" } })).toBe("31.01");
    expect(march({ charges, cost: { "2026-03-05": "-1000" } })).toBe("31");
    expect(
      march({ charges, cost: { "2026-03-05": "-1000" }, now: at("2026-03-20T00:00:00Z") }),
    ).toBe("-200");
  });

  it("is kept below the cap by nothing but the config, and never above what it says", () => {
    const both = [share({ minimum: "31", cap: "31" })];

    expect(march({ charges: both, cost: COST })).toBe("31");
  });

  it("counts the days of a plan that is left and taken again together", () => {
    const plan = aPlan(...charges);
    const away = [aTerm(plan, "2026-03-01", "2026-03-06"), aTerm(plan, "2026-03-21", "2026-03-25")];

    expect(march({ terms: away })).toBe("9");
  });
});

describe("a plan's minimum spend", () => {
  const charges = [aShare, aMinute, aSetup, aMinimum];
  const terms = [aTerm(aPlan(...charges), "2026-02-01")];
  const least = (given: Given) =>
    ratedBy({ charges, terms, ...given })["least 2026-03"] ?? "nothing";

  it("is what is missing when the month is over, and nothing before", () => {
    const given = { cost: { "2026-03-05": "100" }, minutes: { "2026-03-07T05": "100" } };

    // 310 − 20 − 15; the setup fee was February's.
    expect(least(given)).toBe("275");
    expect(least({ ...given, now: at("2026-03-31T23:59:59.999Z") })).toBe("nothing");
  });

  it("is nothing once the plan's other charges come to it", () => {
    expect(least({ cost: { "2026-03-05": "1549.99" } })).toBe("0.002");
    expect(least({ cost: { "2026-03-05": "1550" } })).toBe("nothing");
  });

  it("is neither filled nor raised by a negative month of the others", () => {
    const given = { charges, terms, cost: { "2026-03-05": "-100" } };

    expect(ratedBy(given)).toEqual({ "share 2026-03": "-20", "least 2026-03": "310" });
  });

  it("counts the plan's own charges only, and its own days", () => {
    const other = planOf("other", { ...aShare, id: "dear", percent: "1000" });
    const terms = [
      aTerm(other, "2026-01-01", "2026-03-22"),
      aTerm(aPlan(aShare, aMinimum), "2026-03-22"),
    ];

    expect(ratedBy({ terms, cost: { "2026-03-05": "1000" } })).toEqual({
      "dear 2026-03": "10000",
      "least 2026-03": "100",
    });
  });

  it("counts a setup fee like any other charge of the plan", () => {
    expect(least({ terms: [aTerm(aPlan(...charges), "2026-03-01")] })).toBe("nothing");
  });
});
