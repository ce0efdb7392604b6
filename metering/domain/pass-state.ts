import { HOUR } from "./calendar.ts";
import type { Instant } from "./license.ts";

/**
 * What passes over a shard remember of each other: through when every license that was due has
 * been metered. One small item for each shard; without it every pass would read every chain.
 */
export interface PassState {
  /** Absent before the first pass has ended: everything is due. */
  readonly doneThrough?: Instant | undefined;
  /** Licenses that are due again though nothing new happened: pending, unread, waiting an hour. */
  readonly unfinished: readonly string[];
  /** Passes that have begun, by owner, with what they set out from. One may be dead. */
  readonly running: Readonly<Record<string, RunningPass>>;
}

export interface RunningPass {
  readonly from?: Instant | undefined;
  readonly unfinished: readonly string[];
  readonly since: Instant;
}

export const NEVER_PASSED: PassState = { unfinished: [], running: {} };

/** A pass that has not ended by then counts as dead once another one has done its work. */
export const PASS_LIMIT_MS = HOUR;

/** More than this, and everything since the last pass is done anew: items stay ≤ 400 KB. */
const MOST_UNFINISHED = 2_000;
/** Of all running passes together, which repeat each other's; more, and everything is due. */
const MOST_REPEATED = 3_000;

/** What a pass must look at: since `from` (undefined: everything), and some licenses anyway. */
export interface PassTask {
  readonly from: Instant | undefined;
  readonly unfinished: ReadonlySet<string>;
  /** Passes that may be dead by now; ending this one takes over their work. */
  readonly covered: readonly string[];
}

/** Begins a pass: also everything that passes which never ended had set out to do. */
export function begun(
  state: PassState,
  owner: string,
  now: Instant,
): { state: PassState; task: PassTask } {
  const running = Object.entries(state.running);
  const others = running.filter(([name]) => name !== owner);
  const starts = [
    { from: state.doneThrough, unfinished: state.unfinished },
    ...running.map(([, { from, unfinished }]) => ({ from, unfinished })),
  ];
  const from = starts.some((start) => start.from === undefined)
    ? undefined
    : Math.min(...starts.map((start) => start.from ?? -Infinity));
  const unfinished = new Set(starts.flatMap((start) => start.unfinished));
  const covered = others
    .filter(([, { since }]) => since + PASS_LIMIT_MS <= now)
    .map(([name]) => name);
  const repeated = others.reduce((sum, [, each]) => sum + each.unfinished.length, unfinished.size);
  const mine: RunningPass =
    repeated > MOST_REPEATED
      ? { from: undefined, unfinished: [], since: now }
      : { from, unfinished: [...unfinished], since: now };
  const after = { ...state, running: { ...state.running, [owner]: mine } };
  return { state: after, task: { from, unfinished, covered } };
}

/** Ends a pass that looked at everything due through `now`, and found some of it not done. */
export function ended(
  state: PassState,
  owner: string,
  { task, now, unfinished }: { task: PassTask; now: Instant; unfinished: readonly string[] },
): PassState {
  // Another pass that ended meanwhile may know of more, and may have seen later hours.
  const open = [...new Set([...unfinished, ...state.unfinished.filter(notIn(task))])];
  // As if it had never ended: the next one sets out from where this one did.
  if (open.length > MOST_UNFINISHED) return state;
  const gone = new Set([owner, ...task.covered]);
  const running = Object.fromEntries(
    Object.entries(state.running).filter(([name]) => !gone.has(name)),
  );
  const doneThrough = Math.max(now, state.doneThrough ?? -Infinity);
  return { doneThrough, unfinished: open, running };
}

function notIn({ unfinished }: PassTask): (licenseId: string) => boolean {
  return (licenseId) => !unfinished.has(licenseId);
}
