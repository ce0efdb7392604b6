import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Allocation, allocate } from "../../metering/domain/allocations.ts";
import {
  callGroup,
  callGroupsOf,
  fillsCall,
  fitsInCall,
  packed,
  wireBytes,
} from "../../metering/domain/batching.ts";
import { mayBeSent } from "../../metering/domain/identification.ts";
import { aRecord, STAMP } from "./scripted-aws.ts";

const LIMIT = 900_000;
const aSize = fc.oneof(
  fc.integer({ min: 300, max: 900 }),
  fc.integer({ min: 1_000, max: LIMIT - 1_000 }),
);

const allocations = (count: number, valueLength: number): Allocation[] =>
  Array.from({ length: count }, (_, n) => ({
    quantity: 1,
    tags: [{ key: "StackId", value: `${n}`.padStart(valueLength, "x") }],
  }));

describe("packing", () => {
  it("keeps the order and loses nothing, in calls of ≤ 25 records and < 1 MB", () => {
    fc.assert(
      fc.property(fc.array(aSize, { maxLength: 80 }), (sizes) => {
        const given = sizes.map((bytes, n) => ({ n, bytes }));
        const calls = packed(given);

        expect(calls.flat()).toEqual(given);
        for (const call of calls) {
          expect(call.length).toBeLessThanOrEqual(25);
          expect(call.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(LIMIT);
        }
        // No two neighbours would have fitted into one.
        calls.slice(1).forEach((call, index) => {
          const before = calls[index] ?? [];
          const bytes = [...before, ...call.slice(0, 1)].reduce((sum, one) => sum + one.bytes, 250);
          expect(before.length === 25 || bytes > LIMIT).toBe(true);
        });
      }),
    );
  });

  it("is full at 25 records or at the bytes, whichever comes first", () => {
    const sized = (count: number, bytes: number) =>
      Array.from({ length: count }, () => ({ bytes }));

    expect(fillsCall(sized(24, 500))).toBe(false);
    expect(fillsCall(sized(25, 500))).toBe(true);
    expect(fillsCall(sized(2, 400_000))).toBe(false);
    expect(fillsCall(sized(3, 400_000))).toBe(true);
  });
});

describe("a record's size", () => {
  it("counts bytes, not characters", () => {
    const ascii = wireBytes(aRecord(1, { dimension: "x".repeat(200) }));

    expect(wireBytes(aRecord(1, { dimension: "€".repeat(200) }))).toBe(ascii + 400);
  });

  it("refuses before sealing what no call can take, and what is split by our rules never is", () => {
    const record = aRecord(1);
    const tooLarge = allocations(2_500, 2_000);

    expect(fitsInCall(record)).toBe(true);
    expect(fitsInCall({ ...record, allocations: tooLarge })).toBe(false);
    const split = allocate(
      2_147_483_647,
      allocations(6_000, 256).map(({ tags }) => ({ tags, weight: 1n })),
    );
    expect(fitsInCall({ ...record, allocations: split })).toBe(true);
  });
});

describe("a call's group", () => {
  it("is one region, one product and one way to name the buyer", () => {
    const variants = [
      aRecord(1),
      aRecord(1, { license: { meteringRegion: "eu-west-1" } }),
      aRecord(1, { license: { productCode: "other" } }),
      aRecord(1, { license: { legacy: {} } }),
    ];

    expect(new Set(variants.map(callGroup)).size).toBe(4);
    expect(callGroup(aRecord(2, { dimension: "fee" }))).toBe(callGroup(aRecord(1)));
    expect(callGroupsOf(aRecord(1).license)).toEqual([
      callGroup(aRecord(1)),
      callGroup(aRecord(1, { license: { legacy: {} } })),
    ]);
  });

  it("goes by what was sealed, whatever became of the license since", () => {
    const before = aRecord(1, { license: { legacy: {} } });
    const moved = aRecord(1, { license: { legacy: { until: STAMP } } });

    expect(callGroup(moved)).toBe(callGroup(aRecord(1)));
    expect(callGroup({ ...before, license: moved.license })).toBe(callGroup(before));
  });
});

describe("a license that moves from product code to LicenseArn", () => {
  const HOUR = 3_600_000;
  const MARGIN = 2 * 60_000;
  const moving = (stamp: number) => aRecord(1, { stamp, license: { legacy: { until: STAMP } } });

  it("sends nothing by product code any more when the first hour of the license can be sent", () => {
    const last = moving(STAMP - HOUR);

    expect(mayBeSent(last, STAMP + HOUR - MARGIN - 1)).toBe(true);
    expect(mayBeSent(last, STAMP + HOUR - MARGIN)).toBe(false);
    expect(mayBeSent(moving(STAMP), STAMP + HOUR)).toBe(true);
  });
});
