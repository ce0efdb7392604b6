import type { Charge, Plan } from "../../metering/domain/charges.ts";
import type { PriceList } from "../../metering/domain/prices.ts";
import type { PlanVersion } from "../../metering/domain/terms.ts";
import type { Random } from "./random.ts";

/** What happens in one simulated run: decided by the seed before the first effect. */
export interface Story {
  readonly start: number;
  readonly end: number;
  readonly plan: Plan;
  readonly unitPrices: Readonly<Record<string, string>>;
  readonly activatedAt: number;
  readonly registeredAt: number;
  readonly license?: { readonly endedAt: number; readonly heardAt: number };
  readonly suspended?: { readonly from: number; readonly to: number };
  readonly outages: readonly { readonly from: number; readonly to: number }[];
  /** While one lasts, AWS hears everything and no answer comes back. */
  readonly darkness: readonly { readonly from: number; readonly to: number }[];
  /** What AWS says that a day cost, in 10⁻¹⁴ USD, and from when on it says so. */
  readonly costs: Readonly<Record<string, readonly { from: number; usd14: bigint }[]>>;
  readonly faults: Faults;
  readonly crash: number;
  readonly stall: number;
  readonly staleReads: number;
  readonly workers: number;
}

export interface Faults {
  readonly throttled: number;
  readonly unprocessed: number;
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly serverError: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Calm hours at the end, in which everything must be caught up. */
export const CALM = 60 * HOUR;

export function tellStory(random: Random): Story {
  // A few days on either side of a month's end, where the two windows meet.
  const monthEnd = Date.UTC(2026, random.between(0, 11), 1);
  const start = monthEnd - random.between(2, 5) * DAY + random.between(0, 23) * HOUR;
  const end = monthEnd + random.between(2, 4) * DAY;
  const activatedAt = start + random.between(0, 5 * 3_600) * 1_000;
  const registeredAt = activatedAt + random.between(0, 3_600) * 1_000;
  const rough = random.chance(0.8);
  const often = (most: number) => (rough ? random.next() * most : 0);
  const endedAt = activatedAt + random.between(0, Math.floor((end - activatedAt) / 1_000)) * 1_000;
  const outages = Array.from({ length: random.between(0, 2) }, () =>
    randomSpan(random, start, end, 30),
  );
  // The month's close at 06:00 on the 1st, missed.
  const closing = monthEnd - random.between(0, 3 * 60) * 60_000;
  if (random.chance(0.3)) outages.push({ from: closing, to: closing + 8 * HOUR });
  const suspended = random.chance(0.25)
    ? clipped(randomSpan(random, start, end, 40), end)
    : undefined;
  return {
    start,
    end,
    plan: randomPlan(random),
    unitPrices: { cents: random.pick(["0.002", "0.01", "0.00000007"]), fee: "0.001" },
    activatedAt,
    registeredAt,
    ...(random.chance(0.35)
      ? { license: { endedAt, heardAt: endedAt + random.between(0, 55) * 60_000 } }
      : {}),
    ...(suspended === undefined ? {} : { suspended }),
    outages,
    // Answers tend to be lost just before everything else goes wrong.
    darkness: [...outages, ...(suspended === undefined ? [] : [suspended])]
      .filter(() => rough && random.chance(0.5))
      .map(({ from }) => ({ from: from - random.between(1, 3) * HOUR, to: from + HOUR })),
    costs: randomCosts(random, start, end),
    faults: {
      throttled: often(0.2),
      unprocessed: often(0.2),
      lostRequest: often(0.15),
      lostAnswer: often(0.25),
      serverError: often(0.1),
    },
    crash: often(0.03),
    stall: often(0.04),
    staleReads: often(0.3),
    workers: random.chance(0.6) ? 2 : 1,
  };
}

function randomPlan(random: Random): Plan {
  const share: Charge = {
    id: "share",
    kind: "percentageOfCost",
    dimension: "cents",
    percent: random.pick(["20", "3", "12.5", "100"]),
    costMetric: "BilledCost",
    costScope: random.pick(["account", "tag"]),
    exclude: ["Tax", "Credit", "Refund", "Marketplace"],
  };
  const license: Charge = {
    id: "fee",
    kind: "license",
    dimension: random.pick(["fee", "cents"]),
    perMonth: random.pick(["19", "0.01", "4999.99"]),
    proration: random.pick(["none", "daily", "hourly"]),
  };
  const charges = random.pick([[share], [license], [share, license]]);
  return { id: "plan", title: "Plan", summary: "", charges };
}

/** Each day's figure comes late and is restated up, down, and sometimes below zero. */
function randomCosts(random: Random, start: number, end: number): Story["costs"] {
  const costs: Record<string, { from: number; usd14: bigint }[]> = {};
  for (let day = Math.floor(start / DAY) * DAY; day < end; day += DAY) {
    const figures: { from: number; usd14: bigint }[] = [];
    let from = day + DAY + random.between(0, 30) * HOUR;
    for (let count = random.between(1, 3); count > 0; count--) {
      const sign = random.chance(0.12) ? -1n : 1n;
      figures.push({ from, usd14: sign * BigInt(random.between(0, 9_000_000_000_000_000)) });
      from += random.between(1, 40) * HOUR;
    }
    costs[new Date(day).toISOString().slice(0, 10)] = figures;
  }
  return costs;
}

function randomSpan(random: Random, start: number, end: number, mostHours: number) {
  const from = start + random.between(0, Math.floor((end - start) / 60_000)) * 60_000;
  return { from, to: from + random.between(1, mostHours) * HOUR };
}

/** A refused license is asked again once a day: what is suspended must end before the calm. */
function clipped({ from, to }: { from: number; to: number }, end: number) {
  return { from, to: Math.min(to, end) };
}

export function plansOf({ plan }: Story): PlanVersion[] {
  return [{ plan, since: 0 }];
}

export function pricesOf({ unitPrices }: Story): PriceList {
  const dimensions = Object.entries(unitPrices).map(([dimension, unitPrice]) => ({
    dimension,
    steps: [{ from: 0, unitPrice }],
  }));
  return { dimensions, offers: [] };
}
