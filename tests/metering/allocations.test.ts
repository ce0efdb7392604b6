import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AllocateBy,
  type Allocation,
  allocate,
  type Weight,
  weightsOf,
} from "../../metering/domain/allocations.ts";
import { BUYER } from "./fixtures.ts";

const MOST = 2_147_483_647;
const KEYS: readonly AllocateBy[] = ["AccountId", "Region", "StackId"];

const deployment = (n: number) => ({
  accountId: `${111122223333 + (n % 3)}`,
  region: ["eu-west-1", "us-east-1"][n % 2] ?? "",
  stackId: `arn:aws:cloudformation:eu-west-1:${BUYER}:stack/product-${n}/5ac0e1d0-0000`,
});

const aShare = fc.record({
  deployment: fc.nat(12).map(deployment),
  // AWS's figures have up to 25 decimals; the smallest and the largest share a record.
  share: fc.oneof(fc.bigInt(0n, 10n), fc.bigInt(0n, 10n ** 40n), fc.bigInt(-(10n ** 20n), -1n)),
});
const someShares = fc.array(aShare, { maxLength: 30 });
const aQuantity = fc.oneof(fc.nat(5), fc.nat(MOST), fc.constant(MOST));
const someKeys = fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1 });

const sum = (list: readonly Allocation[]) => list.reduce((units, each) => units + each.quantity, 0);
const textOf = (tags: Weight["tags"]) => JSON.stringify(tags);
const tag = (value: string, key = "StackId"): Weight["tags"] => [{ key, value }];

describe("a split of a quantity", () => {
  it("adds up to it exactly, or is none, for any shares", () => {
    fc.assert(
      fc.property(aQuantity, someShares, someKeys, (quantity, shares, by) => {
        const list = allocate(quantity, weightsOf(shares, by));
        const isSplit = quantity > 0 && shares.some(({ share }) => share > 0n);

        expect(list.length > 0).toBe(isSplit);
        if (isSplit) expect(sum(list)).toBe(quantity);
      }),
    );
  });

  it("is the same in whatever order the deployments and the tags come", () => {
    const shuffled = someShares.chain((shares) =>
      fc.tuple(
        fc.constant(shares),
        fc.shuffledSubarray(shares, { minLength: shares.length, maxLength: shares.length }),
      ),
    );
    fc.assert(
      fc.property(aQuantity, shuffled, someKeys, (quantity, [shares, others], by) => {
        expect(allocate(quantity, weightsOf(others, by.toReversed()))).toEqual(
          allocate(quantity, weightsOf(shares, by)),
        );
      }),
    );
  });

  it("gives each bucket its exact share, less than a unit off", () => {
    fc.assert(
      fc.property(aQuantity, someShares, someKeys, (quantity, shares, by) => {
        const counted = weightsOf(shares, by).filter(({ weight }) => weight > 0n);
        const total = counted.reduce((all, { weight }) => all + weight, 0n);
        const sorted = (tags: Weight["tags"]) =>
          textOf(tags.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
        for (const { quantity: units, tags } of allocate(quantity, counted)) {
          const weight = counted
            .filter((one) => sorted(one.tags) === textOf(tags))
            .reduce((all, one) => all + one.weight, 0n);
          const off = BigInt(units) * total - BigInt(quantity) * weight;

          expect(off < total && off > -total).toBe(true);
        }
      }),
    );
  });

  it("names each set of tags once and nobody with nothing", () => {
    fc.assert(
      fc.property(aQuantity, someShares, someKeys, (quantity, shares, by) => {
        const list = allocate(quantity, weightsOf(shares, by));

        expect(new Set(list.map(({ tags }) => textOf(tags))).size).toBe(list.length);
        expect(list.every((each) => each.quantity > 0)).toBe(true);
      }),
    );
  });

  it("gives the units that remain to the largest remainders, and a tie to the first by name", () => {
    const weights = [
      { tags: tag("c"), weight: 1n },
      { tags: tag("a"), weight: 1n },
      { tags: tag("b"), weight: 1n },
    ];

    expect(allocate(8, weights)).toEqual([
      { quantity: 3, tags: tag("a") },
      { quantity: 3, tags: tag("b") },
      { quantity: 2, tags: tag("c") },
    ]);
    expect(
      allocate(1, [
        { tags: tag("a"), weight: 1n },
        { tags: tag("b"), weight: 2n },
      ]),
    ).toEqual([{ quantity: 1, tags: tag("b") }]);
  });

  it("leaves out a deployment whose cost was restated below zero", () => {
    const weights = [
      { tags: tag("a"), weight: -5n },
      { tags: tag("b"), weight: 10n },
    ];

    expect(allocate(7, weights)).toEqual([{ quantity: 7, tags: tag("b") }]);
  });

  it("is none of nothing, and by nothing", () => {
    expect(allocate(0, [{ tags: tag("a"), weight: 1n }])).toEqual([]);
    expect(allocate(7, [])).toEqual([]);
    expect(allocate(7, [{ tags: [], weight: 1n }])).toEqual([]);
  });
});

describe("what AWS would refuse", () => {
  it("loses its tags, not its units", () => {
    const odd = ["ü", "", "a\\b", "x".repeat(257), "tab\t", "quote'"];
    const weights = odd.map((value) => ({ tags: tag(value), weight: 1n }));

    expect(allocate(60, [...weights, { tags: tag("fine +-=._:/@"), weight: 6n }])).toEqual([
      { quantity: 30, tags: tag("fine +-=._:/@") },
      { quantity: 30, tags: [] },
    ]);
    const longKey = { tags: tag("a", "k".repeat(101)), weight: 1n };
    expect(allocate(2, [longKey, { tags: tag("b"), weight: 1n }])).toEqual([
      { quantity: 1, tags: tag("b") },
      { quantity: 1, tags: [] },
    ]);
  });

  it("beyond 2,500 buckets: the smallest share one without tags", () => {
    const weights = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ tags: tag(`${n}`), weight: BigInt(n + 1) }));
    const most = allocate(MOST, weights(2_500));
    const beyond = allocate(MOST, weights(2_501));

    expect(most).toHaveLength(2_500);
    expect(most.every(({ tags }) => tags.length === 1)).toBe(true);
    expect(beyond).toHaveLength(2_500);
    expect(beyond.at(-1)?.tags).toEqual([]);
    expect(beyond.some(({ tags }) => tags[0]?.value === "0" || tags[0]?.value === "1")).toBe(false);
    expect(sum(beyond)).toBe(MOST);
  });

  it("never grows beyond what one item of the store holds", () => {
    const weights = Array.from({ length: 2_400 }, (_, n) => ({
      tags: KEYS.map((key) => ({ key, value: `${n}`.padStart(256, "x") })),
      weight: 1n,
    }));
    const list = allocate(MOST, weights);

    expect(JSON.stringify(list).length).toBeLessThan(300_000);
    expect(sum(list)).toBe(MOST);
  });

  it("is a mistake of ours when it is a sixth key or a key named twice", () => {
    const six = ["a", "b", "c", "d", "e", "f"].map((key) => ({ tags: tag("v", key), weight: 1n }));
    const twice = [{ tags: [...tag("a"), ...tag("b")], weight: 1n }];

    expect(() => allocate(6, six)).toThrow(RangeError);
    expect(() => allocate(6, twice)).toThrow(RangeError);
  });
});
