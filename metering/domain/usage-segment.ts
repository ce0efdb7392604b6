import { HOUR, hourOf, MINUTE } from "./calendar.ts";
import type { Instant } from "./license.ts";
import type { UsageEvent } from "./usage-event.ts";
import { type UsageHour, usageHourOf } from "./usage.ts";

/**
 * The events of one meter and hour that arrived at about the same time. Their sum is computed
 * again whenever one is added, so what is over must not be read again for what arrives later:
 * an hour of a million events costs a million reads, and a late one only those of its segment.
 */
export interface UsageSegment {
  readonly licenseId: string;
  readonly meter: string;
  readonly hour: UsageHour;
  /** When it arrived: `2026-03-01T13:05`, or for what came much later `2026-03-04T07`. */
  readonly segment: string;
}

/** An event as it lies in the store: what it says, and the one place where it is counted. */
export interface RecordedEvent extends UsageEvent, UsageSegment {
  readonly recordedAt: Instant;
  /** Who sent it; absent for what the seller imported. */
  readonly deploymentId?: string | undefined;
}

const PROMPT_MS = 2 * HOUR;
const PROMPT_SEGMENT_MS = 5 * MINUTE;

/** What arrives while its hour is young goes into short segments; a straggler into its hour's. */
export function segmentNameOf(time: Instant, recordedAt: Instant): string {
  const age = recordedAt - hourOf(time);
  if (age >= PROMPT_MS) return usageHourOf(recordedAt);
  const begins = Math.floor(recordedAt / PROMPT_SEGMENT_MS) * PROMPT_SEGMENT_MS;
  return new Date(begins).toISOString().slice(0, 16);
}

/** Whether two events of one identity also say the same. */
export function sameContent(a: UsageEvent, b: UsageEvent): boolean {
  return a.meter === b.meter && a.time === b.time && a.quantity === b.quantity;
}
