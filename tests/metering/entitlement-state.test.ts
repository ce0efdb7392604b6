import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE } from "../../metering/domain/calendar.ts";
import {
  type EntitlementState,
  type GrantedEntitlement,
  nextEntitlementReadingAt,
  periodsOf,
  withFailure,
  withReading,
} from "../../metering/domain/entitlement-state.ts";
import type { License } from "../../metering/domain/license.ts";
import { aLicense, at } from "./fixtures.ts";

const BEGUN = at("2026-02-10T08:30:00Z");
const EXPIRES = at("2026-06-01T00:00:00Z");

const updatedAt = (...times: number[]): License =>
  aLicense({
    lifecycle: {
      updates: { "agmt-1": { first: BEGUN, newest: Math.max(BEGUN, ...times) } },
      agreementEnds: {},
    },
  });

const seats = (units: string | undefined, expiresAt = EXPIRES): GrantedEntitlement => ({
  dimension: "seats",
  units,
  expiresAt,
});

/** The state after readings at these times. */
function read(
  ...readings: [readAt: number, granted: GrantedEntitlement[], license?: License][]
): EntitlementState | undefined {
  return readings.reduce<EntitlementState | undefined>(
    (state, [readAt, granted, license]) =>
      withReading(state, license ?? updatedAt(), { granted, readAt }),
    undefined,
  );
}

const shown = (state: EntitlementState | undefined) =>
  periodsOf(state)?.map(({ units, from, until }) => [units, from, until]);

describe("What was read of a contract", () => {
  it("is unknown before the first reading, a failed one included", () => {
    expect(periodsOf(undefined)).toBeUndefined();
    expect(periodsOf(withFailure(undefined, { at: 0, message: "no" }))).toBeUndefined();
  });

  it("counts from the activation at first, and has no end while it is granted", () => {
    expect(shown(read([BEGUN + HOUR, [seats("500")]]))).toEqual([["500", BEGUN, Infinity]]);
  });

  it("changes at the event that announced it, or else when it is seen", () => {
    const event = BEGUN + 3 * DAY;
    const announced = read(
      [BEGUN + HOUR, [seats("500")]],
      [event + 5 * MINUTE, [seats("800")], updatedAt(event)],
    );
    const found = read([BEGUN + HOUR, [seats("500")]], [event + 5 * MINUTE, [seats("800")]]);

    expect(shown(announced)).toEqual([
      ["500", BEGUN, event],
      ["800", event, Infinity],
    ]);
    expect(shown(found)?.[1]).toEqual(["800", event + 5 * MINUTE, Infinity]);
  });

  it("goes on past its expiration date when the next reading still shows it", () => {
    const renewed = seats("500", EXPIRES + 365 * DAY);

    expect(shown(read([BEGUN + HOUR, [seats("500")]], [EXPIRES + HOUR, [renewed]]))).toEqual([
      ["500", BEGUN, Infinity],
    ]);
  });

  it("ended on its expiration date when the next reading shows nothing", () => {
    expect(shown(read([BEGUN + HOUR, [seats("500")]], [EXPIRES + 5 * HOUR, []]))).toEqual([
      ["500", BEGUN, EXPIRES],
    ]);
  });

  it("ended earlier when a reading before that date shows nothing", () => {
    expect(shown(read([BEGUN + HOUR, [seats("500")]], [BEGUN + 9 * DAY, []]))).toEqual([
      ["500", BEGUN, BEGUN + 9 * DAY],
    ]);
  });

  it("keeps two entitlements of one dimension apart", () => {
    const state = read([BEGUN + HOUR, [seats("5"), seats("5")]], [BEGUN + DAY, [seats("5")]]);

    expect(shown(state)).toEqual([
      ["5", BEGUN, Infinity],
      ["5", BEGUN, BEGUN + DAY],
    ]);
  });

  it("is not undone by a reading that was begun earlier, nor by a failure", () => {
    const state = read([BEGUN + DAY, [seats("800")]])!;
    const older = { granted: [seats("500")], readAt: BEGUN + HOUR };

    expect(withReading(state, updatedAt(), older)).toBe(state);
    expect(shown(withFailure(state, { at: BEGUN + 2 * DAY, message: "no" }))).toEqual(shown(state));
  });

  it("never ends before it begins, whatever comes", () => {
    const granted = fc.array(
      fc.record({
        dimension: fc.constantFrom("seats", "storage"),
        units: fc.constantFrom("1", "2", undefined),
        expiresAt: fc.integer({ min: 0, max: 40 }).map((day) => BEGUN + (day - 10) * DAY),
      }),
      { maxLength: 3 },
    );
    const reading = fc.tuple(fc.integer({ min: 0, max: 30 * 24 }), granted, fc.boolean());
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 8 }), (readings) => {
        let state: EntitlementState | undefined;
        for (const [hour, found, announced] of readings) {
          const readAt = BEGUN + hour * HOUR;
          const license = announced ? updatedAt(readAt - MINUTE) : updatedAt();
          state = withReading(state, license, { granted: found, readAt });
        }
        for (const { from, until } of periodsOf(state) ?? []) expect(from).toBeLessThan(until);
      }),
    );
  });
});

describe("The next reading", () => {
  it("is at the activation, then daily", () => {
    expect(nextEntitlementReadingAt(updatedAt(), undefined)).toBe(BEGUN);
    const next = nextEntitlementReadingAt(updatedAt(), read([BEGUN + HOUR, []]));
    expect(next - BEGUN).toBeGreaterThan(23 * HOUR);
    expect(next - BEGUN).toBeLessThanOrEqual(25 * HOUR);
  });

  it("is at once after a License Updated that came since the last one", () => {
    const event = BEGUN + 2 * HOUR;
    const state = read([BEGUN + HOUR, [seats("500")]]);

    expect(nextEntitlementReadingAt(updatedAt(event), state)).toBe(event);
  });

  it("is at the expiration, so that a renewal is known before anything is overage", () => {
    const soon = BEGUN + 3 * HOUR;

    expect(nextEntitlementReadingAt(updatedAt(), read([BEGUN, [seats("5", soon)]]))).toBe(soon);
    const after = read([BEGUN, [seats("5", soon)]], [soon, [seats("5", soon)]]);
    expect(nextEntitlementReadingAt(updatedAt(), after)).toBeGreaterThan(soon + 23 * HOUR);
  });

  it("is an hour after a failed one", () => {
    const failed = withFailure(read([BEGUN, []]), { at: BEGUN + 5 * HOUR, message: "no" });

    expect(nextEntitlementReadingAt(updatedAt(), failed)).toBe(BEGUN + 6 * HOUR);
  });
});
