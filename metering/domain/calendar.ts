import type { Instant } from "./license.ts";

/** AWS bills in UTC hours, days and calendar months; none of them knows a time zone. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `YYYY-MM-DD`. */
export type Day = string;
/** `YYYY-MM`. */
export type Month = string;

/** Start inclusive, end exclusive, as in FOCUS. */
export interface Period {
  readonly start: Instant;
  readonly end: Instant;
}

export function hourOf(instant: Instant): Instant {
  return Math.floor(instant / HOUR) * HOUR;
}

export function dayOf(instant: Instant): Day {
  return new Date(instant).toISOString().slice(0, 10);
}

export function monthOf(instant: Instant): Month {
  return new Date(instant).toISOString().slice(0, 7);
}

export function dayPeriod(day: Day): Period {
  const start = Date.parse(`${day}T00:00:00Z`);
  return { start, end: start + DAY };
}

export function monthPeriod(month: Month): Period {
  const start = Date.parse(`${month}-01T00:00:00Z`);
  const date = new Date(start);
  return { start, end: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) };
}

export function nextMonth(month: Month): Month {
  return monthOf(monthPeriod(month).end);
}

export function previousMonth(month: Month): Month {
  return monthOf(monthPeriod(month).start - 1);
}

export function daysOf(period: Period): Day[] {
  const days: Day[] = [];
  for (let start = Math.floor(period.start / DAY) * DAY; start < period.end; start += DAY) {
    days.push(dayOf(start));
  }
  return days;
}

/** How many whole units (days, hours), aligned to UTC, lie inside the period. */
export function wholeUnits({ start, end }: Period, unit: number): number {
  return Math.max(0, Math.floor(end / unit) - Math.ceil(start / unit));
}

/** May be empty: then `end <= start`. */
export function overlap(a: Period, b: Period): Period {
  return { start: Math.max(a.start, b.start), end: Math.min(a.end, b.end) };
}
