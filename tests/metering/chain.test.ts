import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  amountOf,
  type ChainItem,
  committedThrough,
  isCommitted,
  nextRecord,
  type Outcome,
  type SealInput,
} from "../../metering/domain/chain.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import { accepted, anItem, at } from "./fixtures.ts";

const HOUR = 3_600_000;
const NOW = at("2026-03-15T12:30:00Z");

function next(over: Partial<Omit<SealInput, "rated">> & { usd: string; revision?: number }) {
  const { usd, revision = 1, ...rest } = over;
  return nextRecord({
    head: undefined,
    rated: { total: exactUsd(usd), revision },
    unitPriceAt: () => exactUsd("0.01"),
    life: { activatedAt: at("2026-03-01T00:00:00Z") },
    now: NOW,
    owner: "me",
    ...rest,
  });
}

const sealedBy = (result: ReturnType<typeof nextRecord>): ChainItem => {
  if (result.kind !== "seal") throw new Error(`waits for ${result.for}`);
  return result.item;
};

describe("the next record", () => {
  it("is numbered from 0 and takes whole units, rounded down", () => {
    const item = sealedBy(next({ usd: "1.239" }));

    expect(item).toMatchObject({ n: 0, quantity: 123, committedBefore: 0n, takenOver: false });
    expect(item).toMatchObject({ hour: at("2026-03-15T11:00:00Z"), sealedAt: NOW, owner: "me" });
  });

  it("follows a final record with what was not yet committed", () => {
    const item = sealedBy(next({ usd: "1.00", head: anItem({ outcome: accepted }) }));

    expect(item).toMatchObject({ n: 1, quantity: 93, committedBefore: exactUsd("0.07") });
  });

  it("waits while a record has no outcome, however much is owed", () => {
    expect(next({ usd: "1000", head: anItem() })).toEqual({ kind: "wait", for: "pending-record" });
  });

  it("refuses figures older than those that the newest record was sealed on", () => {
    const head = anItem({ outcome: accepted, figuresRevision: 5 });

    expect(next({ usd: "1", head, revision: 4 })).toEqual({ kind: "wait", for: "newer-figures" });
    expect(next({ usd: "1", head, revision: 5 }).kind).toBe("seal");
  });

  it("lets credit wait: a fall below what is committed seals nothing, not a negative", () => {
    const head = anItem({ outcome: accepted, quantity: 700 });

    expect(next({ usd: "3", head })).toEqual({ kind: "wait", for: "owed-unit" });
    expect(next({ usd: "-3", head })).toEqual({ kind: "wait", for: "owed-unit" });
    expect(next({ usd: "7.009", head })).toEqual({ kind: "wait", for: "owed-unit" });
    expect(sealedBy(next({ usd: "7.01", head })).quantity).toBe(1);
  });

  it("pauses a day after a refusal and after nothing else", () => {
    const refused = anItem({ outcome: { kind: "refused", reason: "x", at: NOW - 24 * HOUR + 1 } });
    const expired = anItem({ outcome: { kind: "expired", at: NOW } });

    expect(next({ usd: "1", head: refused })).toEqual({ kind: "wait", for: "refusal-pause" });
    expect(next({ usd: "1", head: refused, now: NOW + 1 }).kind).toBe("seal");
    expect(next({ usd: "1", head: expired }).kind).toBe("seal");
  });

  it("values what was committed at the price it was sealed with when the price changes", () => {
    const head = anItem({ outcome: accepted, quantity: 100 });
    const priced = (price: string) =>
      sealedBy(next({ usd: "3", head, unitPriceAt: () => exactUsd(price) })).quantity;

    expect(priced("0.01")).toBe(200);
    expect(priced("0.02")).toBe(100);
    expect(priced("0.005")).toBe(400);
  });

  it("caps a record at AWS's 2,147,483,647 and leaves the rest to the next hour", () => {
    const first = sealedBy(next({ usd: "30000000" }));
    expect(first.quantity).toBe(2_147_483_647);

    const head = { ...first, outcome: accepted };
    const second = sealedBy(next({ usd: "30000000", head, now: NOW + HOUR }));
    expect(second.quantity).toBe(3_000_000_000 - 2_147_483_647);
    expect(committedThrough(second)).toBe(exactUsd("30000000"));
  });

  it("waits for a free hour", () => {
    const head = anItem({ hour: at("2026-03-15T11:00:00Z"), outcome: accepted });

    expect(next({ usd: "1", head })).toEqual({ kind: "wait", for: "hour" });
  });
});

const kinds: Outcome["kind"][] = ["accepted", "duplicate", "expired", "refused", "in-doubt"];

it("counts expired and refused money as owed again, and all other money as committed", () => {
  const outcome = (kind: Outcome["kind"]) => ({ kind, at: 0, reason: "r" }) as Outcome;

  expect(kinds.filter((kind) => isCommitted(outcome(kind)))).toEqual([
    "accepted",
    "duplicate",
    "in-doubt",
  ]);
  expect(isCommitted(undefined)).toBe(true);
});

it("never commits more than the newest rated total, whatever figures, prices and outcomes come", () => {
  const step = fc.record({
    usd: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 18n }),
    price: fc.bigInt({ min: 1n, max: 10n ** 13n }),
    kind: fc.constantFrom(...kinds),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      let head: ChainItem | undefined;
      let committed = 0n;
      steps.forEach(({ usd, price, kind }, index) => {
        const now = NOW + index * 25 * HOUR;
        const rated = { total: usd, revision: index };
        const life = { activatedAt: at("2026-03-01T00:00:00Z") };
        const result = nextRecord({ head, rated, unitPriceAt: () => price, life, now, owner: "w" });
        if (result.kind === "wait") return;
        const { item } = result;
        expect(item.committedBefore).toBe(committed);
        expect(item.n).toBe(head === undefined ? 0 : head.n + 1);
        expect(committed + amountOf(item) <= usd).toBe(true);
        const capped = item.quantity === 2_147_483_647;
        expect(capped || usd - committed - amountOf(item) < price).toBe(true);
        head = { ...item, outcome: { kind, at: now - 24 * HOUR, reason: "r" } as Outcome };
        if (kind !== "expired" && kind !== "refused") committed += amountOf(item);
      });
      expect(committedThrough(head)).toBe(committed);
    }),
  );
});
