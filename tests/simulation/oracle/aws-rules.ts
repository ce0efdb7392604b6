import { DAY, HOUR } from "./spans.ts";

/** protocol-facts A7 and A6 once more, apart from the product's own reading of them. */
export function closing(stamp: number, endedAt: number | undefined): number {
  const date = new Date(stamp);
  const sixOnTheFirst = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, 6);
  return Math.min(stamp + DAY, sixOnTheFirst, (endedAt ?? Infinity) + HOUR);
}

export const MOST_UNITS = 2_147_483_647;
