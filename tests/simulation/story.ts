import type { Offer, PriceList } from "../../metering/domain/prices.ts";
import type { PlanVersion } from "../../metering/domain/terms.ts";
import { both, DAY, HOUR, isSome, type Span } from "./oracle/spans.ts";
import type { Random } from "./random.ts";
import { type LicenseStory, randomLicense } from "./story-licenses.ts";
import { randomOffers, randomPlans, randomPrices } from "./story-plans.ts";
import { passesOf } from "./story-steps.ts";

/** What happens in one simulated run: decided by the seed before the first effect. */
export interface Story {
  readonly kind: "days" | "weeks" | "year";
  readonly start: number;
  /** From here on nothing fails any more. */
  readonly end: number;
  readonly plans: readonly PlanVersion[];
  readonly prices: PriceList;
  readonly licenses: readonly LicenseStory[];
  readonly zeroRecords: boolean;
  /** No worker runs. */
  readonly outages: readonly Span[];
  /** While one lasts, AWS hears everything and no answer comes back. */
  readonly darkness: readonly Span[];
  /** AWS throttles every call, or takes none for a want of permission. */
  readonly busy: readonly Span[];
  readonly barred: readonly Span[];
  /** AWS says nothing of cost. */
  readonly unreadable: readonly Span[];
  /** AWS doesn't know the dimension `units` yet: the listing was changed too late. */
  readonly unlisted: Span | undefined;
  readonly faults: Faults;
  readonly hazards: { readonly crash: number; readonly stall: number; readonly fail: number };
  readonly staleReads: number;
  /** How far each worker's clock is off. */
  readonly workers: readonly number[];
  /** When passes are made, up to the calm and through it. */
  readonly passes: readonly number[];
}

export interface Faults {
  readonly throttled: number;
  readonly unprocessed: number;
  readonly missing: number;
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly serverError: number;
}

/** Quiet at the end, in which everything must be caught up. */
export const CALM = 60 * HOUR;
const MINUTE = HOUR / 60;

/** Most stories are a few days around a month's end: that is where money gets lost. */
const SHORT = Array<"days">(18).fill("days");

export function tellStory(random: Random): Story {
  const kind = random.pick([
    ...SHORT,
    ...SHORT,
    ...SHORT,
    ...SHORT,
    "weeks",
    "weeks",
    "weeks",
    "year",
  ] as const);
  const length = {
    days: random.between(2, 4),
    weeks: random.between(20, 50),
    year: random.between(350, 400),
  }[kind];
  const monthEnd = Date.UTC(2026, random.between(0, 11), 1);
  const start = monthEnd - random.between(1, 2) * DAY + random.between(0, 23) * HOUR;
  const end = Math.ceil((start + length * DAY) / HOUR) * HOUR;
  const rough = random.chance(0.85);
  const often = (most: number) => (rough ? random.next() * most : 0);
  const plans = randomPlans(random, start, end);
  const offers = randomOffers(random);
  const count = random.pick(kind === "days" ? [1, 1, 2, 3] : [1, 1, 1, 2]);
  const licenses = Array.from({ length: count }, (_, index) =>
    randomLicense(random, { index, start, end, plans, offers, kind }),
  );
  const outages = randomOutages(random, start, end, kind);
  const suspensions = licenses.flatMap(({ suspended }) => suspended);
  const story = {
    ...{ kind, start, end, plans, licenses, outages },
    prices: { dimensions: randomPrices(random, start, end), offers },
    zeroRecords: random.chance(0.2),
    // Answers tend to be lost just before everything else goes wrong.
    darkness: [...outages, ...suspensions]
      .filter(() => rough && random.chance(0.5))
      .map(({ from }) => ({ from: from - random.between(1, 3) * HOUR, to: from + HOUR })),
    busy: randomRefusals(random, start, end),
    barred: random.chance(0.2) ? randomRefusals(random, start, end) : [],
    unreadable: random.chance(0.3) ? [spanIn(random, start, end, 70)] : [],
    unlisted: random.chance(0.12) ? spanIn(random, start, end, 60) : undefined,
    faults: {
      throttled: often(0.15),
      unprocessed: often(0.2),
      missing: often(0.04),
      lostRequest: often(0.12),
      lostAnswer: often(0.25),
      serverError: often(0.1),
    },
    hazards: { crash: often(0.02), stall: often(0.03), fail: random.chance(0.3) ? often(0.01) : 0 },
    staleReads: often(0.3),
    workers: Array.from({ length: random.chance(0.6) ? 2 : 1 }, () =>
      random.chance(0.5) ? random.between(-180, 180) * 1_000 : 0,
    ),
  };
  return { ...story, passes: passesOf(random, story) };
}

/** Some around the closes of months, which is where they hurt; one in three lasts over a day. */
function randomOutages(random: Random, start: number, end: number, kind: Story["kind"]): Span[] {
  const most = { days: 1, weeks: 2, year: 5 }[kind];
  const outages = Array.from({ length: random.between(0, most) }, () =>
    spanIn(random, start, end, random.chance(0.3) ? 60 : 24),
  );
  for (let month = start; month < end; month += 28 * DAY) {
    const date = new Date(month);
    const close = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    if (close > end || !random.chance(kind === "year" ? 0.1 : 0.35)) continue;
    const from = close - random.between(0, 180) * MINUTE;
    outages.push({ from, to: from + random.between(4, 30) * HOUR });
  }
  return outages.map((outage) => both(outage, { from: start, to: end })).filter(isSome);
}

/** Long enough to outlast a window; often over the close of a month, which comes first. */
function randomRefusals(random: Random, start: number, end: number): Span[] {
  if (random.chance(0.6)) return [];
  const date = new Date(random.between(start, end));
  const close = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) - 2 * HOUR;
  const spans = [
    random.chance(0.5) && close > start
      ? { from: close, to: close + random.between(6, 12) * HOUR }
      : spanIn(random, start, end, 40),
  ];
  return spans.map((span) => both(span, { from: start, to: end })).filter(isSome);
}

export function spanIn(random: Random, start: number, end: number, mostHours: number): Span {
  const from = start + random.between(0, Math.floor((end - start) / MINUTE)) * MINUTE;
  return { from, to: Math.min(from + random.between(1, mostHours) * HOUR, end) };
}

export const isWithin = (spans: readonly Span[], instant: number): boolean =>
  spans.some(({ from, to }) => instant >= from && instant < to);

export function trialEndOf({ prices }: Pick<Story, "prices">, license: LicenseStory) {
  const offer = prices.offers.find(({ offerId }): boolean => offerId === license.offerId);
  const days = offer?.freeTrialDays;
  return days === undefined ? undefined : license.activatedAt + days * DAY;
}

export type { Offer };
