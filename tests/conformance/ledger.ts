import { describe, expect, it } from "vitest";
import {
  type ChainKey,
  type Evidence,
  isRecord,
  type MeteringRecord,
  type Outcome,
} from "../../metering/domain/chain.ts";
import type { CostMonth } from "../../metering/domain/cost.ts";
import type { Costs, Ledger, Passes } from "../../metering/ports.ts";

/** The three stores of metering, which share one table. */
export interface LedgerStores {
  readonly ledger: Ledger;
  readonly passes: Passes;
  readonly costs: Costs;
}

let made = 0;

/** A chain that no other test uses. */
export function freshKey(dimension = "cents"): ChainKey {
  made += 1;
  return { licenseId: `l-${made.toString(16).padStart(32, "0")}`, dimension };
}

export function aChainItem(n: number, over: Partial<MeteringRecord> = {}): MeteringRecord {
  const hour = Date.UTC(2026, 2, 1) + n * 3_600_000;
  return {
    kind: "record",
    n,
    hour,
    stamp: hour,
    quantity: 1,
    unitPrice: 10_000_000_000n,
    committedBefore: BigInt(n) * 10_000_000_000n,
    ratedTotal: BigInt(n + 1) * 10_000_000_000n,
    observedAt: hour + 3_700_000,
    identifiedBy: "license-arn",
    sealedAt: hour + 3_700_123,
    owner: "worker-1",
    takenOver: false,
    ...over,
  };
}

function anEvidence(n: number): Evidence {
  const { hour, observedAt } = aChainItem(0);
  return {
    kind: "evidence",
    n,
    hour,
    about: n - 1,
    billed: 0,
    correction: -10_000_000_000n,
    source: "CloudTrail event 1",
    committedBefore: 10_000_000_000n,
    ratedTotal: 2n ** 80n,
    observedAt,
    closed: { through: "2026-01", usd: 2n ** 70n, trialUsd: -1n },
    trialCommitted: 3n,
    sealedAt: hour + 7_200_000,
    owner: "somebody",
  };
}

const accepted: Outcome = { kind: "accepted", meteringRecordId: "id-1", at: 1_763_683_200_001 };

const costAt = (deploymentId: string, observedAt: number, over: Partial<CostMonth> = {}) => ({
  deploymentId,
  metric: "BilledCost" as const,
  scope: "account" as const,
  month: "2026-03",
  observedAt,
  days: { "2026-03-01": { estimated: true, usd: { Usage: "1.0000000000000000000000001" } } },
  ...over,
});

/** What every store of metering records, passes and costs promises. */
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

      expect((await ledger.chain(key)).filter(isRecord).map(({ outcome }) => outcome)).toEqual(
        outcomes,
      );
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

  describe(`evidence: ${name}`, () => {
    it("is kept behind the record it is about, exactly as written", async () => {
      const { ledger } = await make();
      const key = freshKey();
      const doubt: Outcome = { kind: "in-doubt", reason: "no answer", at: 9 };
      await ledger.seal(key, aChainItem(0));
      await ledger.settle(key, aChainItem(0), doubt);
      const found = anEvidence(1);

      expect(await ledger.seal(key, found)).toBe("sealed");
      expect(await ledger.seal(key, { ...found, billed: 1 })).toBe("taken");
      expect(await ledger.head(key)).toEqual(found);
      expect(await ledger.chain(key)).toEqual([{ ...aChainItem(0), outcome: doubt }, found]);
    });

    it("reads one item strongly, and knows nothing of a number that was never taken", async () => {
      const { ledger } = await make();
      const key = freshKey();
      await ledger.seal(key, aChainItem(0));

      expect(await ledger.item(key, 0)).toEqual(aChainItem(0));
      expect(await ledger.item(key, 1)).toBeUndefined();
    });
  });

  describe(`passes: ${name}`, () => {
    it("remember the newest state of each shard, and lose none of several changes at once", async () => {
      const { passes } = await make();
      made += 1;
      const shard = made;
      const add = (id: string) =>
        passes.update(shard, (state) => ({ ...state, unfinished: [...state.unfinished, id] }));
      await Promise.all(Array.from({ length: 10 }, (_, n) => add(`l-${n}`)));
      const { unfinished } = await passes.update(shard, (state) => state);

      expect([...unfinished].sort()).toEqual(Array.from({ length: 10 }, (_, n) => `l-${n}`));
      expect(await passes.update(shard + 1_000_000, (state) => state)).toEqual({
        unfinished: [],
        running: {},
      });
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
