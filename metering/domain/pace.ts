import type { Instant } from "./license.ts";
import { BACK_OFF_MS, CALLS_PER_SECOND, MAX_BACK_OFF_MS } from "./limits.ts";

/** When the next call of a region may start: evenly spaced, so that no second sees too many. */
export function nextCallAt(previous: Instant | undefined, now: Instant): Instant {
  return previous === undefined ? now : Math.max(now, previous + 1_000 / CALLS_PER_SECOND);
}

/**
 * Full jitter: anything between nothing and the round's bound, which doubles. Workers that were
 * throttled together then don't come back together. `draw` is from 0 to 1; rounds count from 1.
 */
export function backOffMs(round: number, draw: number): number {
  return draw * Math.min(MAX_BACK_OFF_MS, BACK_OFF_MS * 2 ** round);
}
