import { describe, expect, it } from "vitest";
import type { PerUnit } from "../../metering/domain/charges.ts";
import type { EntitlementPeriod } from "../../metering/domain/entitlement.ts";
import { aLicense, aPlan, at } from "./fixtures.ts";
import { aMinute, aTerm, type Given, planOf, ratedBy, usageMonths } from "./rating-world.ts";

const minute = (over: Partial<PerUnit> = {}) => [{ ...aMinute, ...over }];
const march = (charges: PerUnit[], quantity: string, over: Given = {}) =>
  ratedBy({ charges, minutes: { "2026-03-09T10": quantity }, ...over })["minutes 2026-03"] ?? "0";

describe("a price per unit", () => {
  it("counts fractions of a unit exactly", () => {
    expect(march(minute(), "0.1")).toBe("0.015");
    expect(march(minute({ unitPrice: "0.00000001" }), "0.00005")).toBe("0");
    expect(march(minute({ unitPrice: "0.00000001" }), "0.0001")).toBe("0.000000000001");
  });

  it("floors a month's units once, not each hour's", () => {
    const minutes = { "2026-03-09T10": "0.00006", "2026-03-09T11": "0.00006" };

    expect(ratedBy({ charges: minute({ unitPrice: "0.00000001" }), minutes })).toEqual({
      "minutes 2026-03": "0.000000000001",
    });
  });

  it("counts its own meter and its own month", () => {
    const usage = [
      ...usageMonths({ "2026-03-09T10": "7" }, "seats"),
      ...usageMonths({ "2026-02-28T23": "50", "2026-03-01T00": "1", "2026-03-31T23": "2" }),
    ];

    expect(ratedBy({ charges: minute(), usage })).toEqual({ "minutes 2026-03": "0.45" });
  });

  it("counts from the hour of the activation to the hour of the end", () => {
    const license = aLicense({
      activatedAt: at("2026-03-09T10:40:00Z"),
      endedAt: at("2026-03-20T15:10:00Z"),
    });
    const minutes = {
      "2026-03-09T09": "1000",
      "2026-03-09T10": "100",
      "2026-03-20T15": "10",
      "2026-03-20T16": "1",
    };

    expect(ratedBy({ charges: minute({ unitPrice: "1" }), license, minutes })).toEqual({
      "minutes 2026-03": "110",
    });
  });

  it("counts the hours of its own plan", () => {
    const minutes = { "2026-03-09T23": "1", "2026-03-10T00": "10" };
    const dearer = minute({ id: "dearer", unitPrice: "1" });
    const terms = [
      aTerm(planOf("a", ...minute()), "2026-01-01", "2026-03-10"),
      aTerm(planOf("b", ...dearer), "2026-03-10"),
    ];

    expect(ratedBy({ terms, minutes })).toEqual({
      "minutes 2026-03": "0.15",
      "dearer 2026-03": "10",
    });
  });
});

describe("included units", () => {
  it("cost nothing; what goes beyond them does", () => {
    expect(march(minute({ included: "20" }), "20")).toBe("0");
    expect(march(minute({ included: "20" }), "20.5")).toBe("0.075");
    expect(march(minute({ included: "20" }), "19.9")).toBe("0");
  });

  it("are not prorated, and begin anew with each month", () => {
    const charges = minute({ included: "20" });
    const terms = [aTerm(aPlan(...charges), "2026-03-09")];
    const minutes = { "2026-02-09T10": "25", "2026-03-09T10": "25" };

    expect(march(charges, "25", { terms })).toBe("0.75");
    expect(ratedBy({ charges, minutes, months: ["2026-02", "2026-03"] })).toEqual({
      "minutes 2026-02": "0.75",
      "minutes 2026-03": "0.75",
    });
  });

  it("are counted once for a plan that is left and taken again within the month", () => {
    const plan = aPlan(...minute({ included: "20" }));
    const terms = [aTerm(plan, "2026-01-01", "2026-03-10"), aTerm(plan, "2026-03-20")];
    const minutes = { "2026-03-09T10": "15", "2026-03-15T00": "999", "2026-03-25T10": "15" };

    expect(ratedBy({ terms, minutes })).toEqual({ "minutes 2026-03": "1.5" });
  });
});

describe("tiers of units", () => {
  const tiers = [
    { above: "100", unitPrice: "0.10" },
    { above: "1000", unitPrice: "0.01" },
  ];

  it("charge each part at its own step's price", () => {
    // 100 × 0.15 + 900 × 0.10 + 0.5 × 0.01.
    expect(march(minute({ tiers }), "1000.5")).toBe("105.005");
    expect(march(minute({ tiers }), "100")).toBe("15");
  });

  it("count the month's units, included ones too", () => {
    // 20 free, 80 × 0.15, 50 × 0.10.
    expect(march(minute({ tiers, included: "20" }), "150")).toBe("17");
  });

  it("are passed by a contract that includes more than they do", () => {
    const entitlements = [entitled("500")];

    // 500 free, 100 × 0.10.
    expect(march(minute({ tiers, entitled: true }), "600", { entitlements })).toBe("10");
    // 1500 free, 100 × 0.01.
    const more = [entitled("1500")];
    expect(march(minute({ tiers, entitled: true }), "1600", { entitlements: more })).toBe("1");
  });
});

describe("units that a contract includes", () => {
  const charges = minute({ entitled: true });

  it("are not metered; the overage is", () => {
    expect(march(charges, "501", { entitlements: [entitled("500")] })).toBe("0.15");
    expect(march(charges, "500", { entitlements: [entitled("500")] })).toBe("0");
  });

  it("are the most that was in force at any moment of the month", () => {
    const upgraded = [
      entitled("100", { until: at("2026-03-31T23:00:00Z") }),
      entitled("500", { from: at("2026-03-31T23:00:00Z") }),
    ];

    expect(march(charges, "501", { entitlements: upgraded })).toBe("0.15");
    expect(
      march(charges, "501", {
        entitlements: [upgraded[0]!, entitled("500", { from: at("2026-04-01T00:00:00Z") })],
      }),
    ).toBe("60.15");
  });

  it("are those of the charge's dimension, or of the contract dimension that it names", () => {
    const entitlements = [entitled("500", { dimension: "contract" })];

    expect(march(charges, "501", { entitlements })).toBe("75.15");
    const named = minute({ entitled: true, entitledBy: "contract" });
    expect(march(named, "501", { entitlements })).toBe("0.15");
  });

  it("leave nothing to bill while they were never read, or have no number", () => {
    expect(march(charges, "501", { entitlements: undefined })).toBe("0");
    expect(march(charges, "501", { entitlements: [entitled(undefined)] })).toBe("0");
  });

  it("leave everything to bill once the contract is known to hold none", () => {
    expect(march(charges, "501", { entitlements: [] })).toBe("75.15");
  });
});

it("keeps a price per unit within its minimum and cap", () => {
  expect(march(minute({ cap: "10" }), "1000")).toBe("10");
  expect(march(minute({ minimum: "31" }), "1")).toBe("31");
  expect(march(minute({ minimum: "31" }), "1", { now: at("2026-03-31T00:00:00Z") })).toBe("0.15");
});

function entitled(
  units: string | undefined,
  over: Partial<EntitlementPeriod> = {},
): EntitlementPeriod {
  return { dimension: "cents", units, from: at("2026-01-01T00:00:00Z"), until: Infinity, ...over };
}
