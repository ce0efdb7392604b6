import { DAY, HOUR, monthSpan, monthAt } from "./oracle/spans.ts";
import type { Random } from "./random.ts";
import { CALM, isWithin, type Story } from "./story.ts";

const MINUTE = HOUR / 60;

/**
 * When passes are made. Where something happens they are made as in real life, every hour or every
 * quarter of one; in between as rarely as the kind of story allows, so that a year costs little.
 */
export function passesOf(random: Random, story: Omit<Story, "passes">): number[] {
  const { kind, start, end, licenses, outages, prices } = story;
  const passes = new Set<number>();
  const around = (instant: number, before: number, after: number, step: number) => {
    const first = Math.floor((instant - before) / step) * step + 5 * MINUTE;
    for (let at = first; at <= instant + after; at += step) passes.add(at);
  };
  const [least, most] = { days: [1, 3], weeks: [8, 28], year: [20, 64] }[kind] as [number, number];
  for (let at = start; at < end; at += random.between(least * 60, most * 60) * MINUTE) {
    passes.add(at);
  }
  for (let month = monthAt(start); monthSpan(month).from < end;) {
    const { from, to } = monthSpan(month);
    around(from, 3 * HOUR, 7 * HOUR, HOUR);
    passes.add(from + 2 * MINUTE);
    month = monthAt(to);
  }
  for (const { activatedAt, end: ends, planChanges, legacy } of licenses) {
    around(activatedAt, 0, 3 * HOUR, HOUR);
    if (ends !== undefined) {
      around(ends.endingAt, HOUR, 3 * HOUR, 15 * MINUTE);
      around(ends.endedAt, HOUR, 2 * HOUR, 15 * MINUTE);
    }
    for (const { at } of planChanges) around(Math.ceil(at / DAY) * DAY, HOUR, 2 * HOUR, HOUR);
    if (legacy !== undefined) around(legacy.decidedAt, HOUR, 6 * HOUR, 15 * MINUTE);
  }
  for (const { from, to } of outages) {
    around(from, 2 * HOUR, 0, HOUR);
    around(to, 0, 3 * HOUR, HOUR);
  }
  for (const { steps } of prices.dimensions) {
    for (const { from } of steps) around(from, HOUR, 3 * HOUR, HOUR);
  }
  for (let days = random.between(0, 2); kind !== "days" && days > 0; days--) {
    around(random.between(start, end), 0, 20 * HOUR, HOUR);
  }
  const wild = [...passes].filter((at) => at >= start && at < end && !isWithin(outages, at));
  return [...wild.sort((a, b) => a - b), ...calmPasses(end)];
}

/** Through the calm, and at its end every hour: what waits for an hour gets one. */
function calmPasses(end: number): number[] {
  const hours = [0, 1, 2, 3, 9, 15, 21, 27, 33, 39, 45, 51, 54, 55, 56, 57, 58, 59];
  return [...hours.map((hour) => end + hour * HOUR + 5 * MINUTE), end + CALM];
}
