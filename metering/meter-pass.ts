import { begun, ended, type PassTask } from "./domain/pass-state.ts";
import { type Due, dueSince } from "./domain/due.ts";
import type { License } from "./domain/license.ts";
import { termsOf } from "./domain/terms.ts";
import { type MeterDeps, type Metered, meterLicense } from "./meter-license.ts";
import type { Passes } from "./ports.ts";
import { createReporter, type Reporter } from "./report-records.ts";

export interface PassDeps extends MeterDeps {
  readonly passes: Passes;
}

/** Licenses that are metered at once: as many as a store answers well, few enough to stay small. */
const AT_ONCE = 25;

/**
 * One pass over a shard: measure, rate, seal and report every license that is due. Run it every
 * quarter of an hour, and at 00:00–00:05 on the 1st; at any moment, by several workers at
 * once, and again after any crash.
 */
export async function meterPass(deps: PassDeps, shard: number): Promise<void> {
  const startedAt = deps.clock.now();
  const task = await beginPass(deps, shard);
  const reporter = createReporter(deps);
  const unfinished = new Set<string>();
  const licenses = deps.licenses.inShard(shard)[Symbol.asyncIterator]();
  const meterSome = async () => {
    for (;;) {
      const next = await licenses.next();
      if (next.done === true) return;
      const license = next.value;
      const due = dueOf(deps, license, task, startedAt);
      if (!due.rate) continue;
      const { toSend, again } = await meterOne(deps, reporter, license, due);
      if (again) unfinished.add(license.licenseId);
      await reporter.add(toSend);
    }
  };
  // All of them end before the pass does, also when one fails: none may seal behind its back.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, meterSome));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  for (const { key } of await reporter.flush()) unfinished.add(key.licenseId);
  await deps.passes.update(shard, (state) =>
    ended(state, deps.owner, { task, now: startedAt, unfinished: [...unfinished] }),
  );
}

async function beginPass(deps: PassDeps, shard: number): Promise<PassTask> {
  let task: PassTask = { from: undefined, unfinished: new Set(), covered: [] };
  await deps.passes.update(shard, (state) => {
    const begin = begun(state, deps.owner, deps.clock.now());
    task = begin.task;
    return begin.state;
  });
  return task;
}

function dueOf(deps: PassDeps, license: License, task: PassTask, now: number): Due {
  if (task.unfinished.has(license.licenseId)) return { rate: true, read: true };
  const terms = termsOf(license, deps.plans);
  return dueSince(license, terms, { from: task.from, now }, { zeroRecords: deps.zeroRecords });
}

async function meterOne(
  deps: PassDeps,
  reporter: Reporter,
  license: License,
  due: Due,
): Promise<Metered> {
  // What can't be sent in this pass is better sealed in a later one, with a later window.
  if (!reporter.accepts(license)) return { toSend: [], again: true };
  try {
    return await meterLicense(deps, license, due);
  } catch (error) {
    // One license's trouble must not keep the others from being billed.
    const { licenseId } = license;
    deps.alarms.raise({ kind: "failed", licenseId, message: String(error) });
    return { toSend: [], again: true };
  }
}
