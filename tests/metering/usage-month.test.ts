import { expect, it } from "vitest";
import { decimalText } from "../../metering/domain/money.ts";
import {
  usageByDay,
  usageHourOf,
  usageHourStart,
  usageWithin,
} from "../../metering/domain/usage.ts";

const at = (iso: string) => Date.parse(iso);
const hours = {
  "2026-03-31T23": "0.1",
  "2026-03-01T00": "12.5",
  "2026-03-01T13": "0.2",
  "2026-03-02T00": "9007199254740993",
};

it("names an hour by its beginning, and finds it again", () => {
  expect(usageHourOf(at("2026-03-01T13:59:59.999Z"))).toBe("2026-03-01T13");
  expect(usageHourStart("2026-03-01T13")).toBe(at("2026-03-01T13:00Z"));
});

it("sums days exactly, in the order of the days, beyond 2^53 and without floating point", () => {
  expect(Object.entries(usageByDay({ hours }))).toEqual([
    ["2026-03-01", "12.7"],
    ["2026-03-02", "9007199254740993"],
    ["2026-03-31", "0.1"],
  ]);
});

it("gives each hour to one of two periods that meet inside it", () => {
  const meet = at("2026-03-01T13:20Z");
  const before = usageWithin({ hours }, { start: at("2026-03-01T00:00Z"), end: meet });
  const after = usageWithin({ hours }, { start: meet, end: at("2026-03-01T14:00Z") });

  expect([decimalText(before), decimalText(after)]).toEqual(["12.7", "0"]);
});
