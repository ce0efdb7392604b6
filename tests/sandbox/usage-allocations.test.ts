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
    for (const tags of [
      { ["k".repeat(101)]: "v" },
      { k: "v".repeat(257) },
      { k: "ü" },
      { k: "" },
    ]) {
      expect(refusalOf(allocated(allocation(7, tags)))).toBe("InvalidTagException");
    }
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
