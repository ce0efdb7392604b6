import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  amountOf,
  committedThrough,
  isCommitted,
  type MeteringRecord,
  nextRecord,
  type Outcome,
  type SealInput,
} from "../../metering/domain/chain.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import { accepted, anItem, at } from "./fixtures.ts";

const HOUR = 3_600_000;
const NOW = at("2026-03-15T12:30:00Z");

const ALWAYS: Omit<SealInput, "rated"> = {
  head: undefined,
  unitPriceAt: () => exactUsd("0.01"),
  identifiedBy: () => "license-arn",
  life: { activatedAt: at("2026-03-01T00:00:00Z") },
  zeroRecords: false,
  now: NOW,
  owner: "me",
};

const ratedAt = (usd: bigint, trialUsd = 0n) => ({
  usd,
  trialUsd,
  closed: undefined,
  observedAt: NOW,
});

function next(over: Partial<Omit<SealInput, "rated">> & { usd: string; trialUsd?: string }) {
  const { usd, trialUsd = "0", ...rest } = over;
  return nextRecord({ ...ALWAYS, rated: ratedAt(exactUsd(usd), exactUsd(trialUsd)), ...rest });
}

const sealedBy = (result: ReturnType<typeof nextRecord>): MeteringRecord => {
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

  it("seals a zero for an hour in which nothing is owed, if zeros are wanted", () => {
    const head = anItem({ outcome: accepted });
    const zero = sealedBy(next({ usd: "0.075", head, zeroRecords: true }));

    expect(zero).toMatchObject({ n: 1, quantity: 0, committedBefore: exactUsd("0.07") });
    expect(committedThrough({ ...zero, outcome: accepted })).toBe(exactUsd("0.07"));
    expect(sealedBy(next({ usd: "-5", head, zeroRecords: true })).quantity).toBe(0);
  });

  it("never seals a zero in the hour of the end, which waits for the last reading", () => {
    const endedAt = at("2026-03-15T12:10:00Z");
    const life = { activatedAt: at("2026-03-01T00:00:00Z"), endedAt };
    const ended = { life, zeroRecords: true, now: endedAt + 40 * 60_000 };
    const before = next({ usd: "0", ...ended });
    const head = anItem({ n: 0, hour: at("2026-03-15T11:00:00Z"), outcome: accepted });

    expect(sealedBy(before).hour).toBe(at("2026-03-15T11:00:00Z"));
    expect(next({ usd: "0.07", head, ...ended })).toEqual({ kind: "wait", for: "owed-unit" });
    expect(sealedBy(next({ usd: "0.09", head, ...ended })).hour).toBe(at("2026-03-15T12:00:00Z"));
  });

  it("waits for a free hour", () => {
    const head = anItem({ hour: at("2026-03-15T11:00:00Z"), outcome: accepted });

    expect(next({ usd: "1", head })).toEqual({ kind: "wait", for: "hour" });
  });
});

describe("a Marketplace free trial", () => {
  const freeTrialEndsAt = at("2026-03-15T12:00:00Z");
  const inTrial = { usd: "0", trialUsd: "5", freeTrialEndsAt };

  it("is metered as any other time while it lasts", () => {
    const item = sealedBy(next(inTrial));

    expect(item).toMatchObject({ quantity: 500, ratedTotal: exactUsd("5") });
    expect(item.trialCommitted).toBeUndefined();
  });

  it("writes off what was rated for its days and not committed when it ended", () => {
    const head = anItem({ quantity: 300, outcome: accepted });
    const after = { ...inTrial, head, now: freeTrialEndsAt + 2 * HOUR };

    expect(next(after)).toEqual({ kind: "wait", for: "owed-unit" });
    const item = sealedBy(next({ ...after, usd: "0.50" }));
    expect(item).toMatchObject({ quantity: 50, trialCommitted: exactUsd("3") });
    expect(item.ratedTotal).toBe(exactUsd("3.50"));
  });

  it("leaves no credit behind: what it committed too much was never paid", () => {
    const head = anItem({ quantity: 900, outcome: accepted });
    const after = { ...inTrial, head, now: freeTrialEndsAt + 2 * HOUR };

    expect(sealedBy(next({ ...after, usd: "0.50" })).quantity).toBe(50);
  });

  it("stays settled for all records that follow", () => {
    const head = anItem({ quantity: 300, outcome: accepted });
    const now = freeTrialEndsAt + 2 * HOUR;
    const first = sealedBy(next({ ...inTrial, usd: "0.50", head, now }));
    const settled = { ...first, outcome: accepted };
    const second = sealedBy(next({ ...inTrial, usd: "0.75", head: settled, now: now + HOUR }));

    expect(second).toMatchObject({ quantity: 25, trialCommitted: exactUsd("3") });
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
      let head: MeteringRecord | undefined;
      let committed = 0n;
      steps.forEach(({ usd, price, kind }, index) => {
        const now = NOW + index * 25 * HOUR;
        const rated = ratedAt(usd);
        const result = nextRecord({ ...ALWAYS, head, rated, unitPriceAt: () => price, now });
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
