import { type Day, HOUR, type Month, type Period } from "./calendar.ts";
import { addDecimal, type Decimal, decimalText, parseDecimal, ZERO } from "./money.ts";

/** `YYYY-MM-DDTHH`: an hour, UTC. */
export type UsageHour = string;

/**
 * What a license used of one meter in a calendar month (UTC), all its deployments summed.
 *
 * The newest figure, *set* from the events that were recorded and never added to, so that it can be
 * read at any time, any number of times. A late event makes an hour that is long past higher.
 */
export interface UsageMonth {
  readonly licenseId: string;
  /** The name that a `perUnit` charge counts, such as `video_minutes`. */
  readonly meter: string;
  readonly month: Month;
  /** Grows whenever a figure of the month was set anew. */
  readonly revision: number;
  /** Exact decimal text, by the hour of the events' own `time`; absent means zero. Never negative. */
  readonly hours: Readonly<Record<UsageHour, string>>;
}

/** The name of the hour that an instant lies in. */
export function usageHourOf(instant: number): UsageHour {
  return new Date(instant).toISOString().slice(0, 13);
}

/** When the hour begins. */
export function usageHourStart(hour: UsageHour): number {
  return Date.parse(`${hour}:00:00Z`);
}

export function usageHourPeriod(hour: UsageHour): Period {
  const start = usageHourStart(hour);
  return { start, end: start + HOUR };
}

/**
 * The exact quantity of the hours that **begin** inside the period, so that each hour belongs to
 * one of two periods that meet, wherever in the hour they meet.
 */
export function usageWithin({ hours }: Pick<UsageMonth, "hours">, { start, end }: Period): Decimal {
  let sum = ZERO;
  for (const [hour, quantity] of Object.entries(hours)) {
    const begins = usageHourStart(hour);
    if (begins >= start && begins < end) sum = addDecimal(sum, parseDecimal(quantity));
  }
  return sum;
}

/** Exact decimal text by day, in the order of the days; days without usage are absent. */
export function usageByDay({ hours }: Pick<UsageMonth, "hours">): Record<Day, string> {
  const days = new Map<Day, Decimal>();
  for (const hour of Object.keys(hours).sort()) {
    const day = hour.slice(0, 10);
    days.set(day, addDecimal(days.get(day) ?? ZERO, parseDecimal(hours[hour] ?? "0")));
  }
  return Object.fromEntries([...days].map(([day, sum]) => [day, decimalText(sum)]));
}
