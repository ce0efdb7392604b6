import { describe, expect, it } from "vitest";
import {
  begun,
  ended,
  NEVER_PASSED,
  PASS_LIMIT_MS,
  type PassState,
} from "../../metering/domain/pass-state.ts";
import { at } from "./fixtures.ts";

const TEN = at("2026-03-15T10:05:00Z");
const HOUR = 3_600_000;

describe("passes over a shard", () => {
  it("begin with everything, and then with what came since the last one ended", () => {
    const first = begun(NEVER_PASSED, "a", TEN);
    expect(first.task.from).toBeUndefined();
    const done = ended(first.state, "a", { task: first.task, now: TEN, unfinished: ["l-1"] });
    const second = begun(done, "a", TEN + HOUR);

    expect(second.task.from).toBe(TEN);
    expect([...second.task.unfinished]).toEqual(["l-1"]);
  });

  it("do again what a pass that never ended had set out to do", () => {
    const first = begun(NEVER_PASSED, "a", TEN);
    const done = ended(first.state, "a", { task: first.task, now: TEN, unfinished: [] });
    const killed = begun(done, "dead", TEN + HOUR).state;
    const next = begun(killed, "b", TEN + HOUR + 60_000);
    expect(next.task.from).toBe(TEN);

    // It may still be alive: it stays on the list until it must be dead.
    const task = { task: next.task, now: TEN + HOUR + 60_000, unfinished: [] };
    const after = ended(next.state, "b", task);
    expect(begun(after, "b", TEN + 2 * HOUR).task.from).toBe(TEN);

    const late = begun(after, "b", TEN + HOUR + PASS_LIMIT_MS + 60_000);
    expect(late.task.covered).toEqual(["dead"]);
    const over = TEN + HOUR + PASS_LIMIT_MS + 60_000;
    const settled = ended(late.state, "b", { task: late.task, now: over, unfinished: [] });
    expect(begun(settled, "b", TEN + 9 * HOUR).task.from).toBe(over);
  });

  it("keep what another pass left unfinished meanwhile", () => {
    const a = begun(NEVER_PASSED, "a", TEN);
    const b = begun(a.state, "b", TEN);
    const afterA = ended(b.state, "a", { task: a.task, now: TEN, unfinished: ["l-1"] });
    const afterB = ended(afterA, "b", { task: b.task, now: TEN, unfinished: ["l-2"] });

    expect([...afterB.unfinished].sort()).toEqual(["l-1", "l-2"]);
    expect(afterB.running).toEqual({});
  });

  it("forget a license once a pass that was told of it found nothing left to do", () => {
    const first = begun({ ...NEVER_PASSED, unfinished: ["l-1"] }, "a", TEN);
    const done = ended(first.state, "a", { task: first.task, now: TEN, unfinished: [] });

    expect(done.unfinished).toEqual([]);
  });

  it("start over from where they were when too much is unfinished to remember", () => {
    const first = begun({ ...NEVER_PASSED, doneThrough: TEN }, "a", TEN + HOUR);
    const unfinished = Array.from({ length: 2_001 }, (_, n) => `l-${n}`);
    const done = ended(first.state, "a", { task: first.task, now: TEN + HOUR, unfinished });

    expect(begun(done, "a", TEN + 2 * HOUR).task.from).toBe(TEN);
    expect(begun(done, "b", TEN + 2 * HOUR).task.from).toBe(TEN);
  });

  it("still do a dead pass's work when the one that took it over left too much undone", () => {
    const dead = begun({ ...NEVER_PASSED, doneThrough: TEN, unfinished: ["l-x"] }, "dead", TEN);
    const quick = begun(dead.state, "quick", TEN + 60_000);
    const now = TEN + 60_000;
    const quickEnded = ended(quick.state, "quick", { task: quick.task, now, unfinished: [] });
    const over = begun(quickEnded, "over", TEN + 2 * HOUR);
    expect(over.task.covered).toEqual(["dead"]);
    const unfinished = Array.from({ length: 2_001 }, (_, n) => `l-${n}`);
    const task = { task: over.task, now: TEN + 2 * HOUR, unfinished };
    const next = begun(ended(over.state, "over", task), "next", TEN + 2 * HOUR);

    expect(next.task.from).toBe(TEN);
    expect(next.task.unfinished).toContain("l-x");
  });

  it("fit into an item of the store however many of them die one after the other", () => {
    const unfinished = Array.from(
      { length: 2_000 },
      (_, n) => `l-${n.toString().padStart(64, "0")}`,
    );
    let state: PassState = { ...NEVER_PASSED, doneThrough: TEN, unfinished };
    for (let n = 0; n < 50; n++) state = begun(state, `dead-${n}`, TEN + n * 60_000).state;

    expect(JSON.stringify(state).length).toBeLessThan(400_000);
    // What can't be remembered by name is done by looking at everything.
    expect(begun(state, "next", TEN + HOUR).task.from).toBeUndefined();
  });

  it("never move back when an older pass ends after a newer one", () => {
    const slow = begun({ ...NEVER_PASSED, doneThrough: TEN }, "slow", TEN + HOUR);
    const fast = begun(slow.state, "fast", TEN + 2 * HOUR);
    const now = TEN + 2 * HOUR;
    const newer = ended(fast.state, "fast", { task: fast.task, now, unfinished: [] });
    const older = ended(newer, "slow", { task: slow.task, now: TEN + HOUR, unfinished: [] });

    expect(older.doneThrough).toBe(TEN + 2 * HOUR);
  });
});
