import type { Offer } from "../../metering/domain/prices.ts";
import type { PlanVersion } from "../../metering/domain/terms.ts";
import { DAY, HOUR, monthAt, monthSpan, type Span } from "./oracle/spans.ts";
import type { Random } from "./random.ts";
import { spanIn } from "./story.ts";

/** What happens to one license. */
export interface LicenseStory {
  readonly id: string;
  readonly arn: string;
  readonly buyer: string;
  readonly offerId: string;
  readonly activatedAt: number;
  readonly planId: string;
  /** Picked then, in force from the next midnight. */
  readonly planChanges: readonly { readonly at: number; readonly planId: string }[];
  readonly deployments: readonly DeploymentStory[];
  readonly end?: EndStory;
  readonly suspended: readonly Span[];
  /** Metered by ProductCode at first; somebody decides to migrate it at that time. */
  readonly legacy?: { readonly decidedAt: number };
  readonly usage: readonly UsageStory[];
  /** Somebody else reports that quantity for the hour, by mistake. */
  readonly foreign: readonly { readonly at: number; readonly quantity: number }[];
}

export interface DeploymentStory {
  readonly id: string;
  readonly accountId: string;
  readonly registeredAt: number;
  readonly deletedAt?: number;
}

/** Two events, each of which may be heard late and before the other. */
export interface EndStory {
  readonly endingAt: number;
  readonly endingHeardAt: number;
  readonly endedAt: number;
  readonly endedHeardAt: number;
}

export interface UsageStory {
  readonly id: string;
  readonly usedAt: number;
  /** When its sender first tries to deliver it; it tries until it is answered. */
  readonly sentAt: number;
  readonly micro: bigint;
  /** It doesn't believe the answer and sends it again. */
  readonly again: boolean;
}

interface Frame {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly plans: readonly PlanVersion[];
  readonly offers: readonly Offer[];
  readonly kind: "days" | "weeks" | "year";
}

const MINUTE = HOUR / 60;

export function randomLicense(random: Random, frame: Frame): LicenseStory {
  const { index, start, end, plans, kind } = frame;
  const id = `l-${String(index).repeat(8)}0123456789abcdef0123456${index}`;
  const planIds = [...new Set(plans.map(({ plan }) => plan.id))];
  const activatedAt = start + random.between(0, 5 * 3_600) * 1_000;
  const ends = random.chance(0.4) ? randomEnd(random, activatedAt, end) : undefined;
  const lives = Math.min(ends?.endedAt ?? Infinity, end);
  const buyer = `11112222333${index}`;
  const changes = random.chance(0.3) ? random.between(1, kind === "year" ? 3 : 1) : 0;
  const usesMeter = plans.some(({ plan }) => plan.charges.some((each) => each.kind === "perUnit"));
  return {
    ...{ id, buyer, activatedAt, arn: `arn:aws:license-manager::294406891311:license:${id}` },
    offerId: random.pick([
      ...["offer-public", "offer-public", "offer-public", "offer-own-price"],
      "offer-trial",
    ]),
    planId: random.pick(planIds),
    planChanges: Array.from({ length: changes }, () => ({
      at: random.between(activatedAt, end),
      planId: random.pick(planIds),
    })).sort((a, b) => a.at - b.at),
    deployments: randomDeployments(random, { index, activatedAt, end, buyer }),
    ...(ends === undefined ? {} : { end: ends }),
    suspended: random.chance(0.2) ? [spanIn(random, start, end, 40)] : [],
    ...(random.chance(0.2) ? { legacy: { decidedAt: random.between(start, end) } } : {}),
    usage: usesMeter ? randomUsage(random, index, { from: activatedAt, to: lives }, kind) : [],
    foreign: random.chance(0.12)
      ? Array.from({ length: random.between(1, 6) }, () => ({
          at: random.between(start, end),
          quantity: random.between(0, 5_000),
        }))
      : [],
  };
}

function randomEnd(random: Random, activatedAt: number, end: number): EndStory {
  const endingAt = activatedAt + random.between(0, Math.floor((end - activatedAt) / 1_000)) * 1_000;
  const endedAt = endingAt + random.pick([0, 31_000, 31_000, 20 * MINUTE, 3 * HOUR]);
  const late = () => random.between(0, random.chance(0.2) ? 30 * 60 : 55) * MINUTE;
  return { endingAt, endingHeardAt: endingAt + late(), endedAt, endedHeardAt: endedAt + late() };
}

/** A stack, perhaps deleted and made again, perhaps another one in another account. */
function randomDeployments(
  random: Random,
  of: { index: number; activatedAt: number; end: number; buyer: string },
): DeploymentStory[] {
  const { index, activatedAt, end, buyer } = of;
  const registeredAt = activatedAt + random.between(0, 3_600) * 1_000;
  const first = { id: `d-${index}-1`, accountId: buyer, registeredAt };
  if (registeredAt >= end || !random.chance(0.35)) return [first];
  const deletedAt = random.between(registeredAt, end);
  const gap = random.pick([HOUR, 5 * HOUR, 30 * HOUR]);
  const elsewhere = `44445555666${index}`;
  return [
    random.chance(0.7) ? { ...first, deletedAt } : first,
    {
      id: `d-${index}-2`,
      accountId: random.chance(0.6) ? buyer : elsewhere,
      registeredAt: deletedAt + gap,
    },
  ].filter((one, place) => place === 0 || "deletedAt" in first || one.registeredAt < end);
}

/** In bursts, as products report: some events of an hour are delivered at about the same time. */
function randomUsage(random: Random, index: number, life: Span, kind: Frame["kind"]): UsageStory[] {
  const bursts = random.between(0, { days: 12, weeks: 16, year: 25 }[kind]);
  const events: UsageStory[] = [];
  for (let burst = 0; burst < bursts; burst++) {
    const first = random.between(life.from, life.to - 1);
    const late = random.chance(0.3) ? random.between(0, 20 * 24) * HOUR : random.between(0, HOUR);
    for (let n = random.pick([1, 2, 2, 3, 5]); n > 0; n--) {
      const usedAt = first + random.between(0, 20) * MINUTE;
      const sentAt = first + late + random.pick([20, 20, 25, 90]) * MINUTE;
      const micro = BigInt(random.between(0, 90_000_000));
      const again = random.chance(0.2);
      events.push({ id: `event-${index}-${burst}-${n}`, usedAt, sentAt, micro, again });
    }
  }
  return events.filter(({ usedAt }) => usedAt >= life.from && usedAt < life.to);
}

/** What AWS says that a day cost, in 10⁻¹⁴ USD, and from when on it says so. */
export type Figures = readonly { readonly from: number; readonly usd14: bigint }[];

/** Until then AWS may still restate a month, days before nobody looks at it any more. */
export function lastChangeOf(month: string): number {
  return monthSpan(month).to + 11 * DAY;
}

/** Comes late, is restated up, down and sometimes below zero while its month may change. */
export function randomFigures(random: Random, day: number): Figures {
  const figures: { from: number; usd14: bigint }[] = [];
  const last = lastChangeOf(monthAt(day));
  let from = day + DAY + random.between(0, 30) * HOUR;
  for (let count = random.pick([1, 1, 2, 3]); count > 0; count--) {
    const sign = random.chance(0.12) ? -1n : 1n;
    const usd14 = random.chance(0.1) ? 0n : BigInt(random.between(0, 9_000_000_000_000_000));
    figures.push({ from: Math.min(from, last), usd14: sign * usd14 });
    from += random.between(1, random.chance(0.3) ? 300 : 40) * HOUR;
  }
  return figures;
}
