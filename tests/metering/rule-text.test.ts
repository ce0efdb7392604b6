import { expect, it } from "vitest";
import type { Charge } from "../../metering/domain/charges.ts";
import { ruleText } from "../../metering/domain/rule-text.ts";
import { aDeployment, aFee, aShare, BUYER } from "./fixtures.ts";
import { aMinimum, aMinute, aSetup } from "./rating-world.ts";

const text = (charge: Charge) => ruleText(charge, [aDeployment()]);

it("says every part of a percentage's rule", () => {
  const tiers = [
    { above: "1000", percent: "15" },
    { above: "5000", percent: "10" },
  ];

  expect(text(aShare)).toBe(
    `20 % of the billed cost (BilledCost) of AWS account ${BUYER}, leaving out tax, credits, refunds, and AWS Marketplace charges`,
  );
  expect(text({ ...aShare, exclude: [], tiers, minimum: "31", cap: "900" })).toBe(
    `20 % of the billed cost (BilledCost) of AWS account ${BUYER}; 15 % of what the month has above $1000 and 10 % of what the month has above $5000; at least $31 a month (by the whole UTC day in which the plan runs) when the month is over; at most $900 a month`,
  );
});

it("says every part of a unit price's rule", () => {
  expect(text(aMinute)).toBe("$0.15 for each unit of video_minutes");
  expect(
    text({ ...aMinute, included: "20", tiers: [{ above: "100", unitPrice: "0.1" }], cap: "50" }),
  ).toBe(
    "$0.15 for each unit of video_minutes beyond 20 in the month; $0.1 for each one above 100 in the month; at most $50 a month",
  );
  expect(text({ ...aMinute, entitled: true })).toBe(
    "$0.15 for each unit of video_minutes beyond what the contract includes (cents)",
  );
  expect(text({ ...aMinute, entitled: true, entitledBy: "seats" })).toContain("includes (seats)");
});

it("says the rules of fees", () => {
  expect(text({ ...aFee, proration: "none" })).toBe(
    "$19 a month, for every month in which the plan runs",
  );
  expect(text(aSetup)).toBe("$499, once in the life of the license");
  expect(text(aMinimum)).toBe(
    "the plan's other charges, topped up to $310 a month (by the whole UTC day in which the plan runs) when the month is over",
  );
});
