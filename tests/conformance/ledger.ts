import { describe, expect, it } from "vitest";
import type { ChainItem, ChainKey, Outcome } from "../../metering/domain/chain.ts";
import type { CostMonth } from "../../metering/domain/cost.ts";
import type { Figures } from "../../metering/domain/rating.ts";
import type { Costs, FiguresStore, Ledger } from "../../metering/ports.ts";

/** The three stores of metering, which share one table. */
export interface LedgerStores {
  readonly ledger: Ledger;
  readonly figures: FiguresStore;
  readonly costs: Costs;
}

let made = 0;

/** A chain that no other test uses. */
export function freshKey(dimension = "cents"): ChainKey {
  made += 1;
  return { licenseId: `l-${made.toString(16).padStart(32, "0")}`, dimension };
}

export function aChainItem(n: number, over: Partial<ChainItem> = {}): ChainItem {
  const hour = Date.UTC(2026, 2, 1) + n * 3_600_000;
  return {
    n,
    hour,
    stamp: hour,
    quantity: 1,
    unitPrice: 10_000_000_000n,
    committedBefore: BigInt(n) * 10_000_000_000n,
    ratedTotal: BigInt(n + 1) * 10_000_000_000n,
    figuresRevision: n + 1,
    sealedAt: hour + 3_700_123,
    owner: "worker-1",
    takenOver: false,
    ...over,
  };
}

const accepted: Outcome = { kind: "accepted", meteringRecordId: "id-1", at: 1_763_683_200_001 };

const figuresAt = (revision: number, usd = 1n): Figures => ({
  revision,
  computedAt: 1_763_683_200_000 + revision,
  amounts: [{ chargeId: "share", dimension: "cents", month: "2026-03", usd }],
});

const costAt = (deploymentId: string, observedAt: number, over: Partial<CostMonth> = {}) => ({
  deploymentId,
  metric: "BilledCost" as const,
  scope: "account" as const,
  month: "2026-03",
  observedAt,
  days: { "2026-03-01": { estimated: true, usd: { Usage: "1.0000000000000000000000001" } } },
  ...over,
});

/** What every store of metering records, figures and costs promises. */
export function describeLedger(name: string, make: () => Promise<LedgerStores>): void {
  describe(`chains: ${name}`, () => {
    it("knows nothing of a chain that was never written", async () => {
      const { ledger } = await make();
      const key = freshKey();

      expect(await ledger.head(key)).toBeUndefined();
      expect(await ledger.chain(key)).toEqual([]);
    });

    it("answers exactly what was sealed, with amounts far beyond 2^53", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const item = aChainItem(0, {
        quantity: 2_147_483_647,
        unitPrice: 2n ** 80n + 1n,
        committedBefore: -(2n ** 90n) - 3n,
        ratedTotal: 2n ** 100n + 7n,
      });

      expect(await ledger.seal(key, item)).toBe("sealed");

      expect(await ledger.head(key)).toEqual(item);
      expect(await ledger.chain(key)).toEqual([item]);
    });

    it("lets one of 20 racers seal an item, and shows whose it is", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const racers = Array.from({ length: 20 }, (_, n) =>
        aChainItem(0, { owner: `worker-${n}`, quantity: n + 1 }),
      );

      const results = await Promise.all(racers.map((item) => ledger.seal(key, item)));

      expect(results.filter((result) => result === "sealed")).toHaveLength(1);
      expect(await ledger.chain(key)).toEqual([racers[results.indexOf("sealed")]]);
    });

    it("keeps chains of licenses and dimensions apart", async () => {
      const { ledger } = await make();
      const [key, other] = [freshKey(), freshKey()];
      const fee = { ...key, dimension: "fee" };

      for (const each of [key, other, fee]) {
        expect(await ledger.seal(each, aChainItem(0, { owner: each.dimension }))).toBe("sealed");
      }

      expect(await ledger.chain(fee)).toEqual([aChainItem(0, { owner: "fee" })]);
      expect(await ledger.chain(key)).toHaveLength(1);
    });

    it("settles for the owner only, once", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const item = aChainItem(0);
      await ledger.seal(key, item);

      expect(await ledger.settle(key, { ...item, owner: "worker-2" }, accepted)).toBe("lost");
      expect(await ledger.settle(key, item, accepted)).toBe("settled");
      expect(await ledger.settle(key, item, { kind: "expired", at: 1 })).toBe("lost");

      expect(await ledger.head(key)).toEqual({ ...item, outcome: accepted });
    });

    it("does not settle what was never sealed", async () => {
      const { ledger } = await make();
      const key = freshKey();

      expect(await ledger.settle(key, aChainItem(0), accepted)).toBe("lost");
      expect(await ledger.takeOver(key, aChainItem(0), "worker-2")).toBeUndefined();
      expect(await ledger.chain(key)).toEqual([]);
    });

    it("marks a record taken over, for good, and the first owner can't settle it any more", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const item = aChainItem(0);
      await ledger.seal(key, item);

      const taken = await ledger.takeOver(key, item, "worker-2");
      expect(taken).toEqual({ ...item, owner: "worker-2", takenOver: true });
      expect(await ledger.settle(key, item, accepted)).toBe("lost");
      const back = await ledger.takeOver(key, item, "worker-1");
      expect(back).toEqual({ ...item, owner: "worker-1", takenOver: true });
      if (back === undefined) throw new Error("not taken over");
      expect(await ledger.settle(key, back, accepted)).toBe("settled");

      expect(await ledger.head(key)).toEqual({ ...back, outcome: accepted });
    });

    it("lets nobody take over or seal again what is final", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const item = aChainItem(0);
      await ledger.seal(key, item);
      await ledger.settle(key, item, accepted);

      expect(await ledger.takeOver(key, item, "worker-2")).toBeUndefined();
      expect(await ledger.seal(key, aChainItem(0, { quantity: 9 }))).toBe("taken");

      expect(await ledger.head(key)).toEqual({ ...item, outcome: accepted });
    });

    it("keeps every kind of outcome to the letter", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const outcomes: Outcome[] = [
        accepted,
        { kind: "duplicate", at: 1 },
        { kind: "expired", at: 2 },
        { kind: "refused", reason: "CustomerNotSubscribed", at: 3 },
        { kind: "in-doubt", reason: "the window closed: no answer, Ünïcode", at: 4 },
      ];
      for (const [n, outcome] of outcomes.entries()) {
        await ledger.seal(key, aChainItem(n));
        await ledger.settle(key, aChainItem(n), outcome);
      }

      expect((await ledger.chain(key)).map(({ outcome }) => outcome)).toEqual(outcomes);
    });

    it("answers a chain of 1,100 records in order, whole, and its newest first", async () => {
      const { ledger } = await make();
      // Long names make some 1,300 bytes an item: the answer takes several pages of 1 MB.
      const key = freshKey("d".repeat(255));
      const owner = "o".repeat(500);
      const count = 1_100;
      for (let from = 0; from < count; from += 50) {
        // One item after the other in the memory's eyes: each is put in the order of its number.
        await Promise.all(
          Array.from({ length: 50 }, (_, n) => ledger.seal(key, aChainItem(from + n, { owner }))),
        );
      }

      const chain = await ledger.chain(key);

      expect(chain.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
      expect((await ledger.head(key))?.n).toBe(count - 1);
    });
  });

  describe(`figures: ${name}`, () => {
    it("are written only on the revision that they were computed from", async () => {
      const { figures } = await make();
      const { licenseId } = freshKey();
      expect(await figures.get(licenseId)).toBeUndefined();

      expect(await figures.set(licenseId, figuresAt(2))).toBe("outrun");
      expect(await figures.set(licenseId, figuresAt(1, -(2n ** 70n)))).toBe("set");
      expect(await figures.set(licenseId, figuresAt(1))).toBe("outrun");
      expect(await figures.set(licenseId, figuresAt(3))).toBe("outrun");

      expect(await figures.get(licenseId)).toEqual(figuresAt(1, -(2n ** 70n)));
      expect(await figures.set(licenseId, figuresAt(2))).toBe("set");
      expect(await figures.get(licenseId)).toEqual(figuresAt(2));
    });

    it("let one of 20 racers write a revision", async () => {
      const { figures } = await make();
      const { licenseId } = freshKey();
      await figures.set(licenseId, figuresAt(1));

      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) => figures.set(licenseId, figuresAt(2, BigInt(n)))),
      );

      expect(results.filter((result) => result === "set")).toHaveLength(1);
      expect(await figures.get(licenseId)).toEqual(figuresAt(2, BigInt(results.indexOf("set"))));
    });
  });

  describe(`costs: ${name}`, () => {
    it("keep the newest reading, however late an older one comes", async () => {
      const { costs } = await make();
      const id = `d-${freshKey().licenseId}`;

      expect(await costs.put(costAt(id, 200))).toBe("put");
      expect(await costs.put(costAt(id, 100, { days: {} }))).toBe("stale");
      expect(await costs.put(costAt(id, 200, { days: {} }))).toBe("stale");
      expect(await costs.month(costAt(id, 0))).toEqual(costAt(id, 200));
      expect(await costs.put(costAt(id, 201, { days: {} }))).toBe("put");
      expect(await costs.month(costAt(id, 0))).toEqual(costAt(id, 201, { days: {} }));
    });

    it("are kept apart by metric, scope and month", async () => {
      const { costs } = await make();
      const id = `d-${freshKey().licenseId}`;
      const views = [
        costAt(id, 1),
        costAt(id, 2, { metric: "EffectiveCost" }),
        costAt(id, 3, { scope: "tag" }),
        costAt(id, 4, { month: "2026-04" }),
      ];
      for (const view of views) expect(await costs.put(view)).toBe("put");

      for (const view of views) expect(await costs.month(view)).toEqual(view);
    });

    it("remember how the reading goes, with and without a problem", async () => {
      const { costs } = await make();
      const deploymentId = `d-${freshKey().licenseId}`;
      expect(await costs.status(deploymentId)).toBeUndefined();
      const failed = {
        deploymentId,
        requests: 3,
        problem: { reason: "no-data", message: "No data yet.", at: 5 },
      } as const;
      await costs.setStatus(failed);
      expect(await costs.status(deploymentId)).toEqual(failed);

      await costs.setStatus({ deploymentId, requests: 4, readAt: 6, lastDay: undefined });
      expect(await costs.status(deploymentId)).toEqual({ deploymentId, requests: 4, readAt: 6 });
    });
  });
}
