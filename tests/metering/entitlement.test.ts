import { describe, expect, it } from "vitest";
import { monthPeriod } from "../../metering/domain/calendar.ts";
import { entitledUnits, type EntitlementPeriod } from "../../metering/domain/entitlement.ts";
import { decimalText } from "../../metering/domain/money.ts";
import { at } from "./fixtures.ts";

const MARCH = monthPeriod("2026-03");

function period(units: string | undefined, from: string, until?: string): EntitlementPeriod {
  return {
    dimension: "seats",
    units,
    from: at(`${from}T00:00:00Z`),
    until: until === undefined ? Infinity : at(`${until}T00:00:00Z`),
  };
}

function inMarch(...periods: EntitlementPeriod[]): string {
  const entitled = entitledUnits(periods, "seats", MARCH);
  return entitled.kind === "units" ? decimalText(entitled.units) : entitled.kind;
}

describe("The units included in a month", () => {
  it("are unknown while entitlements were never read, and zero when there are none", () => {
    expect(entitledUnits(undefined, "seats", MARCH).kind).toBe("unknown");
    expect(inMarch()).toBe("0");
    expect(inMarch({ ...period("500", "2026-01-01"), dimension: "other" })).toBe("0");
  });

  it("are those in force in it, to the instant", () => {
    expect(inMarch(period("500", "2026-01-01"))).toBe("500");
    expect(inMarch(period("500", "2026-01-01", "2026-03-01"))).toBe("0");
    expect(inMarch(period("500", "2026-04-01"))).toBe("0");
  });

  it("are the most of the month when the contract changes within it", () => {
    const fell = [period("800", "2026-01-01", "2026-03-20"), period("500", "2026-03-20")];
    const rose = [period("500", "2026-01-01", "2026-03-20"), period("800", "2026-03-20")];

    expect(inMarch(...fell)).toBe("800");
    expect(inMarch(...rose)).toBe("800");
  });

  it("add up where several are in force at once, and only there", () => {
    expect(inMarch(period("0.1", "2026-01-01"), period("0.2", "2026-03-20"))).toBe("0.3");
    expect(inMarch(period("100", "2026-01-01", "2026-03-10"), period("20", "2026-03-10"))).toBe(
      "100",
    );
  });

  it("have no limit where AWS named no number", () => {
    expect(inMarch(period("500", "2026-01-01"), period(undefined, "2026-03-20"))).toBe("unlimited");
  });
});
