import { type Month, monthOf, nextMonth, previousMonth } from "./calendar.ts";
import type { Instant } from "./license.ts";

/** Through this day of a month, the month before may still change. */
const LAST_CHANGING_DAY = 15;

/**
 * The oldest month whose figures may still change: AWS restates a month for about two weeks after
 * its close (protocol-facts E4), and late usage is held to the same rule.
 */
export function oldestOpenMonth(now: Instant): Month {
  const current = monthOf(now);
  return new Date(now).getUTCDate() <= LAST_CHANGING_DAY ? previousMonth(current) : current;
}

/** From the month of an instant, or the oldest open one if that is earlier, to this one. */
export function changeableMonths(since: Instant, now: Instant): Month[] {
  const open = oldestOpenMonth(now);
  return monthsBetween(monthOf(since) < open ? monthOf(since) : open, monthOf(now));
}

/** Both inclusive; none when the first is later. */
export function monthsBetween(first: Month, last: Month): Month[] {
  const months: Month[] = [];
  for (let month = first; month <= last; month = nextMonth(month)) months.push(month);
  return months;
}
