import { type Day, type Month, overlap, type Period } from "./domain/calendar.ts";
import { decimalText, parseDecimal, sumDecimals } from "./domain/money.ts";
import { type UsageHour, usageHourPeriod, type UsageMonth } from "./domain/usage.ts";
import type { Usage, UsageAmount, UsageMark, UsageMeter, UsageStore } from "./ports.ts";

/** A bound against a bug; each lost race means that somebody else made progress. */
const RETRIES = 10;

/** Usage for the rater: sums what arrived since the last time, then answers the month. */
export function usageOf(store: UsageStore): Usage {
  return {
    async month(licenseId, meter, month, life) {
      const of = { licenseId, meter };
      await rollUp(store, of, month);
      const days = await store.days(of, month);
      if (days.length === 0) return undefined;
      const usage: UsageMonth = {
        ...of,
        month,
        revision: days.reduce((sum, { revision }) => sum + revision, 0),
        hours: Object.assign({}, ...days.map(({ hours }) => hours)) as UsageMonth["hours"],
      };
      return life === undefined ? usage : { ...usage, hours: await cut(store, usage, life) };
    },
  };
}

/**
 * Sums the marked segments, then the hours of their day, and only then takes the marks away. A
 * mark is made after its event was put, so a sum that was begun after the mark was read contains
 * the event; a mark that was made again meanwhile stays. Every figure is set under the revision
 * that was read before its inputs: a worker that stalled can't set an older one.
 */
async function rollUp(store: UsageStore, of: UsageMeter, month: Month): Promise<void> {
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const marks = await store.marks(of, month);
    let outrun = false;
    for (const [day, marked] of groupedBy(marks, ({ hour }) => hour.slice(0, 10))) {
      const wasSet = await sumDay(store, of, day, marked);
      if (wasSet) await Promise.all(marked.map((mark) => store.unmark(mark)));
      else outrun = true;
    }
    if (!outrun) return;
  }
  throw new Error(`the usage of ${of.licenseId} changed under ${RETRIES} attempts to sum it`);
}

/**
 * Answers whether nobody else set one of these figures meanwhile. The day is read first: whoever
 * sets a sum that we don't see sets the day after us, or before us and we are outrun.
 */
async function sumDay(
  store: UsageStore,
  of: UsageMeter,
  day: Day,
  marked: readonly UsageMark[],
): Promise<boolean> {
  const known = await store.day(of, day);
  const sums = await Promise.all(
    [...groupedBy(marked, ({ hour }) => hour)].map(
      async ([hour, marks]) => [hour, await sumHour(store, of, hour, marks)] as const,
    ),
  );
  const hours: Record<UsageHour, string> = { ...known?.hours };
  for (const [hour, quantity] of sums) {
    if (quantity === "outrun") return false;
    hours[hour] = quantity;
  }
  if (sums.every(([hour, quantity]) => known?.hours[hour] === quantity)) return true;
  const next = { day, revision: (known?.revision ?? 0) + 1, hours };
  return (await store.setDay(of, next)) === "set";
}

async function sumHour(
  store: UsageStore,
  of: UsageMeter,
  hour: UsageHour,
  marked: readonly UsageMark[],
): Promise<string> {
  const sums = new Map((await store.sums({ ...of, hour })).map((sum) => [sum.segment, sum]));
  for (const { segment } of marked) {
    const before = sums.get(segment);
    const quantity = await total(store.events({ ...of, hour, segment }));
    if (quantity === before?.quantity) continue;
    const sum = { segment, revision: (before?.revision ?? 0) + 1, quantity };
    if ((await store.setSum({ ...of, hour, segment }, sum)) === "outrun") return "outrun";
    sums.set(segment, sum);
  }
  const quantities = [...sums.values()].map(({ quantity }) => parseDecimal(quantity));
  return decimalText(sumDecimals(quantities));
}

async function total(events: AsyncIterable<UsageAmount>, within?: Period): Promise<string> {
  let sum = sumDecimals([]);
  for await (const { time, quantity } of events) {
    if (within !== undefined && (time < within.start || time >= within.end)) continue;
    sum = sumDecimals([sum, parseDecimal(quantity)]);
  }
  return decimalText(sum);
}

/** Only what lies inside: whole hours by their sums, the two in which it begins and ends by event. */
async function cut(
  store: UsageStore,
  usage: UsageMonth,
  life: Period,
): Promise<UsageMonth["hours"]> {
  const hours: Record<UsageHour, string> = {};
  for (const [hour, quantity] of Object.entries(usage.hours)) {
    const whole = usageHourPeriod(hour);
    const inside = overlap(whole, life);
    if (inside.end <= inside.start) continue;
    const isWhole = inside.start === whole.start && inside.end === whole.end;
    hours[hour] = isWhole ? quantity : await total(store.events({ ...usage, hour }), inside);
  }
  return hours;
}

function groupedBy(
  marks: readonly UsageMark[],
  by: (mark: UsageMark) => string,
): Map<string, UsageMark[]> {
  const groups = new Map<string, UsageMark[]>();
  for (const mark of marks) {
    const group = groups.get(by(mark));
    if (group === undefined) groups.set(by(mark), [mark]);
    else group.push(mark);
  }
  return groups;
}
