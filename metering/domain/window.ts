import { HOUR, hourOf, monthOf, monthPeriod, SECOND } from "./calendar.ts";
import type { Instant, License } from "./license.ts";
import {
  FINAL_WINDOW_MS,
  LAST_READING_MS,
  MONTH_CLOSE_MS,
  REPORTING_WINDOW_MS,
  WINDOW_MARGIN_MS,
} from "./limits.ts";

/**
 * The instant from which AWS refuses a record with this stamp (protocol-facts A7).
 *
 * The month's close can come first: 31 March 23:00 closes on 1 April at 06:00, not at 23:00. The
 * license's end can come before both: one hour after it.
 */
export function closesAt(stamp: Instant, endedAt: Instant | undefined): Instant {
  const monthClose = monthPeriod(monthOf(stamp)).end + MONTH_CLOSE_MS;
  const finalClose = endedAt === undefined ? Infinity : endedAt + FINAL_WINDOW_MS;
  return Math.min(stamp + REPORTING_WINDOW_MS, monthClose, finalClose);
}

/** Whether a record may still enter a batch (I6): early enough to arrive early enough. */
export function isOpen(stamp: Instant, endedAt: Instant | undefined, now: Instant): boolean {
  return now < closesAt(stamp, endedAt) - WINDOW_MARGIN_MS;
}

/** What of a license decides which hour may be stamped. */
export type LicenseLife = Pick<License, "activatedAt" | "endingAt" | "endedAt">;

export interface Slot {
  /** The UTC hour that the record takes; hours rise along a chain. */
  readonly hour: Instant;
  /** The timestamp sent: the hour's start, so never in the future and never past the end (I7). */
  readonly stamp: Instant;
}

/**
 * The hour that a record sealed now may take, or undefined: wait.
 *
 * It is the last completed hour that starts at or after the activation, and later than the newest
 * one taken. Around the end: the last hour before it first, then the end hour itself, once, late
 * enough to carry the last reading (ledger-review 6, 7, 13).
 */
export function slotAt(
  life: LicenseLife,
  lastTaken: Instant | undefined,
  now: Instant,
): Slot | undefined {
  const { activatedAt, endedAt } = life;
  if (activatedAt === undefined) return undefined;
  const isFree = (hour: Instant) => lastTaken === undefined || hour > lastTaken;
  const firstHour = Math.ceil(activatedAt / HOUR) * HOUR;

  if (endedAt !== undefined && hourOf(endedAt) < firstHour) {
    // It ended within its first hour: no whole hour exists, so that one is stamped inside.
    const stamp = Math.ceil(activatedAt / SECOND) * SECOND;
    const usable = stamp <= endedAt && lastReadingIsDue(endedAt, now) && isFree(hourOf(stamp));
    return usable ? openSlot({ hour: hourOf(stamp), stamp }, endedAt, now) : undefined;
  }

  const completed = hourOf(now) - HOUR;
  const beforeEnd = endedAt === undefined ? completed : Math.min(completed, hourOf(endedAt) - HOUR);
  if (beforeEnd >= firstHour && isFree(beforeEnd)) {
    return openSlot({ hour: beforeEnd, stamp: beforeEnd }, endedAt, now);
  }
  const ending = endedAt ?? life.endingAt;
  if (ending === undefined || now < ending || now >= ending + FINAL_WINDOW_MS) return undefined;
  const endHour = hourOf(ending);
  const usable = endHour >= firstHour && lastReadingIsDue(ending, now) && isFree(endHour);
  return usable ? openSlot({ hour: endHour, stamp: endHour }, endedAt, now) : undefined;
}

function openSlot(slot: Slot, endedAt: Instant | undefined, now: Instant): Slot | undefined {
  return isOpen(slot.stamp, endedAt, now) ? slot : undefined;
}

function lastReadingIsDue(ending: Instant, now: Instant): boolean {
  return now >= ending + LAST_READING_MS;
}
