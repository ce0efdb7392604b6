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
 * Sums the marked segments, then the hours that they belong to, and only then takes the marks
 * away. A mark is made after its event was put, so a sum that was begun after the mark was read
 * contains the event; a mark that was made again meanwhile stays. Every figure is set under the
 * revision that was read before its inputs: a worker that stalled can't set an older one.
 */
async function rollUp(store: UsageStore, of: UsageMeter, month: Month): Promise<void> {
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const marks = await store.marks(of, month);
    const outrun: UsageMark[] = [];
    for (const [hour, marked] of byHour(marks)) {
      const wasSet = await sumHour(store, of, hour, marked);
      if (wasSet) for (const mark of marked) await store.unmark(mark);
      else outrun.push(...marked);
    }
    if (outrun.length === 0) return;
  }
  throw new Error(`the usage of ${of.licenseId} changed under ${RETRIES} attempts to sum it`);
}

/** Answers whether nobody else set one of these figures meanwhile. */
async function sumHour(
  store: UsageStore,
  of: UsageMeter,
  hour: UsageHour,
  marked: readonly UsageMark[],
): Promise<boolean> {
  const before = new Map((await store.sums({ ...of, hour })).map((sum) => [sum.segment, sum]));
  for (const { segment } of marked) {
    const old = before.get(segment);
    const quantity = await total(store.events({ ...of, hour, segment }));
    if (quantity === old?.quantity) continue;
    const revision = (old?.revision ?? 0) + 1;
    const set = await store.setSum({ ...of, hour, segment }, { segment, revision, quantity });
    if (set === "outrun") return false;
  }

  const day: Day = hour.slice(0, 10);
  const known = await store.day(of, day);
  const sums = await store.sums({ ...of, hour });
  const quantity = decimalText(sumDecimals(sums.map((sum) => parseDecimal(sum.quantity))));
  if (known?.hours[hour] === quantity) return true;
  const hours = { ...known?.hours, [hour]: quantity };
  return (await store.setDay(of, { day, revision: (known?.revision ?? 0) + 1, hours })) === "set";
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

function byHour(marks: readonly UsageMark[]): Map<UsageHour, UsageMark[]> {
  const hours = new Map<UsageHour, UsageMark[]>();
  for (const mark of marks) hours.set(mark.hour, [...(hours.get(mark.hour) ?? []), mark]);
  return hours;
}
