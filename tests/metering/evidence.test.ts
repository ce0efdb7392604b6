import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChainItem, committedThrough } from "../../metering/domain/chain.ts";
import { evidenceOf, type Finding } from "../../metering/domain/evidence.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import { accepted, anItem, at } from "./fixtures.ts";

const NOW = at("2026-03-20T09:00:00Z");
const doubted = anItem({ quantity: 70, outcome: { kind: "in-doubt", reason: "r", at: 1 } });
const later = anItem({
  n: 1,
  hour: doubted.hour + 3_600_000,
  quantity: 30,
  committedBefore: exactUsd("0.70"),
  outcome: accepted,
});

const find = (chain: readonly ChainItem[], finding: Partial<Finding> = {}) =>
  evidenceOf(
    chain,
    { about: 0, billed: 0, source: "CloudTrail event 1", ...finding },
    { now: NOW, owner: "a person" },
  );

function foundIn(chain: readonly ChainItem[], finding: Partial<Finding> = {}) {
  const found = find(chain, finding);
  if (found.kind === "refused") throw new Error(found.why);
  return found.item;
}

describe("evidence about a record in doubt", () => {
  it("makes money owed again that AWS never took, without editing the record", () => {
    const item = foundIn([doubted, later]);

    expect(item).toMatchObject({ kind: "evidence", n: 2, about: 0, hour: later.hour });
    expect(committedThrough(item)).toBe(exactUsd("0.30"));
  });

  it("leaves money committed that AWS billed", () => {
    const item = foundIn([doubted, later], { billed: 70 });

    expect(item.correction).toBe(0n);
    expect(committedThrough(item)).toBe(exactUsd("1.00"));
  });

  it("counts what AWS really billed of a conflicting duplicate, be it more", () => {
    const conflict = { ...doubted, outcome: { kind: "duplicate", at: 1 } as const };

    expect(committedThrough(foundIn([conflict], { billed: 95 }))).toBe(exactUsd("0.95"));
  });

  it("can be corrected by later evidence, and counts once", () => {
    const first = foundIn([doubted, later]);
    const second = foundIn([doubted, later, first], { billed: 70 });

    expect(committedThrough(second)).toBe(exactUsd("1.00"));
    expect(find([doubted, later, first], { billed: 0 })).toMatchObject({ kind: "refused" });
  });

  it("of a free trial's record never makes the trial's money owed at the full price", () => {
    const trialCommitted = exactUsd("0.70");
    const paid = { ...later, trialCommitted, ratedTotal: exactUsd("1.00") };
    const untaken = foundIn([doubted, paid]);
    const billed = foundIn([doubted, paid, untaken], { billed: 95 });

    // What is owed is (rated after the trial) − (committed − committed in the trial).
    expect(untaken.trialCommitted).toBe(0n);
    expect(committedThrough(untaken)).toBe(exactUsd("0.30"));
    expect(untaken.ratedTotal).toBe(exactUsd("0.30"));
    expect(billed.trialCommitted).toBe(exactUsd("0.95"));
  });

  it("of a record after the trial leaves alone what the trial committed", () => {
    const trial = { ...doubted, outcome: accepted };
    const paid = { ...later, trialCommitted: exactUsd("0.70"), outcome: doubted.outcome };

    expect(foundIn([trial, paid], { about: 1 }).trialCommitted).toBe(exactUsd("0.70"));
  });

  it("is refused for a record that AWS answered, for none at all, and behind a pending one", () => {
    const why = (chain: readonly ChainItem[], finding: Partial<Finding> = {}) => {
      const found = find(chain, finding);
      return found.kind === "refused" ? found.why : "";
    };
    expect(why([anItem({ outcome: accepted })])).toContain("record 0 is accepted");
    expect(why([anItem()])).toContain("record 0 is pending");
    expect(why([doubted], { about: 3 })).toContain("no metering record 3");
    expect(why([doubted, anItem({ ...later, outcome: undefined })])).toContain("still being sent");
    expect(why([doubted], { billed: -1 })).toContain("whole number");
    expect(why([doubted], { billed: 0.5 })).toContain("whole number");
  });

  it("always ends at the money of what was billed, however often it is corrected", () => {
    const findings = fc.array(fc.integer({ min: 0, max: 2_147_483_647 }), { maxLength: 8 });
    fc.assert(
      fc.property(findings, (billed) => {
        const chain: ChainItem[] = [doubted, later];
        for (const units of billed) {
          const found = find(chain, { billed: units });
          if (found.kind === "evidence") chain.push(found.item);
        }
        const last = BigInt(billed.at(-1) ?? 70);
        expect(committedThrough(chain.at(-1))).toBe(last * doubted.unitPrice + exactUsd("0.30"));
      }),
    );
  });
});
