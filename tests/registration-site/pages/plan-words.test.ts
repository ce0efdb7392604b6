import { describe, expect, it } from "vitest";
import type { Charge, PerUnit } from "../../../metering/domain/charges.ts";
import { grouped } from "../../../registration-site/views/format.tsx";
import { chargeWords, planNotes, planPrice } from "../../../registration-site/views/plan-words.ts";
import { aFee, aPlan, aShare, CENTS, FEE } from "../../metering/fixtures.ts";
import { aMinimum, aMinute, aSetup } from "../../metering/rating-world.ts";

const words = (charge: Charge) => chargeWords(charge, [CENTS, FEE]);
const minutes = (over: Partial<PerUnit>) => words({ ...aMinute, ...over });

it("names the price of every kind of charge", () => {
  const plan = aPlan(aShare, aFee, aMinute, aSetup, aMinimum);

  expect(planPrice(plan, [CENTS, FEE])).toBe(
    "20 % of AWS cost + $19.00 a month + $0.15 for each unit of video minutes + $499.00 once + at least $310.00 a month",
  );
  expect(planPrice(aPlan(), [])).toBe("Free");
});

describe("a percentage of cost", () => {
  it("works one round month out", () => {
    expect(words(aShare).example).toBe(
      "If AWS charges $1,000.00 in a month: 20 % is $200.00, reported as 20,000 units of $0.01.",
    );
  });

  it("says its steps, and works a month out that has them all", () => {
    const tiers = [
      { above: "1000", percent: "15" },
      { above: "2500.5", percent: "10" },
    ];
    const { rule, example } = words({ ...aShare, tiers });

    expect(rule).toContain(
      "Above $1,000.00 in a calendar month (UTC): 15 %. Above $2,500.50 in a calendar month (UTC): 10 %.",
    );
    // 200 + 225.075 + 250.05.
    expect(example).toBe(
      "If AWS charges $5,001.00 in a month: $675.125, reported as 67,512 units of $0.01.",
    );
  });

  it("says the least and the most of a month, and keeps to them", () => {
    const least = words({ ...aShare, minimum: "310" });
    const most = words({ ...aShare, cap: "100" });

    expect(least.rule).toContain(
      "At least $310.00 a month. In a month that you don't hold the plan for whole, by the whole day.",
    );
    expect(least.example).toContain("in a month: $310.00, reported as 31,000 units");
    expect(most.rule).toContain("At most $100.00 in any month.");
    expect(most.example).toContain("in a month: $100.00, reported as 10,000 units");
  });
});

describe("a price for each unit", () => {
  it("names the meter in words", () => {
    expect(minutes({}).rule).toBe(
      "$0.15 for each unit of video minutes that you use in a calendar month (UTC).",
    );
    expect(minutes({}).example).toBe(
      "100 used in a month: $15.00, reported as 1,500 units of $0.01.",
    );
  });

  it("says what is included, and works out twice of it", () => {
    const { rule, example } = minutes({ included: "2000" });

    expect(rule).toContain("2,000 in each month are included.");
    expect(example).toBe("4,000 used in a month: $300.00, reported as 30,000 units of $0.01.");
  });

  it("says its steps", () => {
    const { rule, example } = minutes({ tiers: [{ above: "1000", unitPrice: "0.1" }] });

    expect(rule).toContain("Above 1,000: $0.10.");
    expect(example).toContain("2,000 used in a month: $250.00");
  });

  it("charges nothing that a contract includes", () => {
    const { rule, example } = minutes({ entitled: true });

    expect(rule).toContain("What your contract includes is not charged again");
    expect(example).toContain("100 beyond your contract in a month: $15.00");
  });
});

it("says when a one-time fee and a minimum are charged", () => {
  expect(words(aSetup).rule).toContain("not again if you leave the plan and come back");
  expect(words(aSetup).example).toBe("Reported as 49,900 units of $0.01.");
  expect(words(aMinimum).rule).toContain("the difference is charged when the month is over");
});

describe("notes on a plan", () => {
  it("say how long it is free, and that this is once", () => {
    expect(planNotes({ ...aPlan(aFee), trial: { days: 14, graceDays: 1 } })).toEqual([
      "The first 14 days are free, and 1 day more to decide, once for each subscription: nothing of that time is charged, also not later.",
    ]);
    expect(planNotes({ ...aPlan(aFee), trial: { days: 14 } })[0]).toContain(
      "14 days are free, once",
    );
  });

  it("say that a plan has no stack", () => {
    expect(planNotes({ ...aPlan(aFee), hosting: "seller" })).toEqual([
      "Runs in our AWS account: there is no stack to launch.",
    ]);
    expect(planNotes({ ...aPlan(aFee), hosting: "buyer" })).toEqual([]);
  });
});

it("groups the thousands in front of the point alone", () => {
  expect(["1", "1234", "1234567.1234567", "999.9999"].map(grouped)).toEqual([
    "1",
    "1,234",
    "1,234,567.1234567",
    "999.9999",
  ]);
});
