import { describe, expect, it } from "vitest";
import { aMarketplace, aRecord, meter, refusalOf, statuses } from "./a-marketplace.ts";

describe("usage allocations", () => {
  const allocation = (quantity: number, tags?: Record<string, string>) => ({
    AllocatedUsageQuantity: quantity,
    ...(tags && { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  });
  const allocated = (...UsageAllocations: unknown[]) => ({ UsageAllocations });

  it("must add up to the quantity", () => {
    expect(refusalOf(allocated(allocation(3, { a: "1" }), allocation(3)))).toBe(
      "InvalidUsageAllocationsException",
    );
    expect(statuses([aRecord(allocated(allocation(3, { a: "1" }), allocation(4)))])).toEqual([
      "Success",
    ]);
  });

  it("must have unique sets of tags", () => {
    const twins = allocated(allocation(3, { a: "1", b: "2" }), allocation(4, { b: "2", a: "1" }));

    expect(refusalOf(twins)).toBe("InvalidUsageAllocationsException");
  });

  it("carry at most five tags, and at most five keys in the whole record", () => {
    const five = { a: "1", b: "1", c: "1", d: "1", e: "1" };

    expect(refusalOf(allocated(allocation(7, { ...five, f: "1" })))).toBe("InvalidTagException");
    expect(refusalOf(allocated(allocation(3, five), allocation(4, { f: "1" })))).toBe(
      "InvalidTagException",
    );
    expect(statuses([aRecord(allocated(allocation(3, five), allocation(4, { a: "2" })))])).toEqual([
      "Success",
    ]);
  });

  it("refuse keys, values and characters beyond AWS's limits", () => {
    const refused: Record<string, string>[] = [
      { ["k".repeat(101)]: "v" },
      { k: "v".repeat(257) },
      { k: "ü" },
      { k: "" },
      { "": "v" },
      { k: "a\\b" },
      { k: "a!b" },
    ];
    for (const tags of refused) {
      expect(refusalOf(allocated(allocation(7, tags)))).toBe("InvalidTagException");
    }
  });

  it("take every character that AWS names, and one bucket without tags", () => {
    const named = allocation(3, { "aZ09+ -=._:/@": "aZ09+ -=._:/@" });

    expect(statuses([aRecord(allocated(named, allocation(4)))])).toEqual(["Success"]);
    expect(refusalOf(allocated(named, allocation(2), allocation(2)))).toBe(
      "InvalidUsageAllocationsException",
    );
  });

  it("refuse one key twice in an allocation, and a quantity that is not whole", () => {
    const twice = { AllocatedUsageQuantity: 7, Tags: [1, 2].map(() => ({ Key: "a", Value: "b" })) };

    expect(refusalOf(allocated(twice))).toBe("InvalidTagException");
    expect(refusalOf(allocated(allocation(3.5), allocation(3.5, { a: "1" })))).toBe(
      "SerializationException",
    );
    expect(refusalOf(allocated(allocation(-1), allocation(8, { a: "1" })))).toBe(
      "ValidationException",
    );
  });

  it("number between 1 and 2,500", () => {
    const many = Array.from({ length: 2501 }, (_, index) => allocation(0, { a: `${index}` }));

    expect(refusalOf({ UsageAllocations: [] })).toBe("ValidationException");
    expect(refusalOf({ UsageAllocations: many })).toBe("ValidationException");
  });

  it("are part of what makes a resend identical, in whatever order they come", () => {
    const state = aMarketplace();
    const [left, right] = [allocation(3, { a: "1" }), allocation(4, { a: "2" })];
    meter([aRecord(allocated(left, right))], { state });

    expect(statuses([aRecord(allocated(right, left))], { state })).toEqual(["Success"]);
    expect(
      statuses([aRecord(allocated(allocation(4, { a: "1" }), allocation(3, { a: "2" })))], {
        state,
      }),
    ).toEqual(["DuplicateRecord"]);
    expect(statuses([aRecord()], { state })).toEqual(["DuplicateRecord"]);
  });
});
