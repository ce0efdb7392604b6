import { DAY } from "./calendar.ts";
import type { Dimension } from "./charges.ts";
import type { Instant, License } from "./license.ts";
import { exactUsd, type Usd } from "./money.ts";

/** What a unit cost from an instant on, until the next step. */
export interface PriceStep {
  readonly from: Instant;
  /** USD, at most 8 decimals. */
  readonly unitPrice: string;
}

/** A dimension's price over time, oldest first; the first step counts from the beginning. */
export interface DimensionPrices {
  readonly dimension: string;
  readonly steps: readonly PriceStep[];
}

/** What one offer agrees beside the public prices, for the licenses that were bought by it. */
export interface Offer {
  readonly offerId: string;
  readonly prices: readonly DimensionPrices[];
  readonly freeTrialDays?: number | undefined;
  /** When we were first told of its trial: one that was over by then stays as it was billed. */
  readonly trialKnownSince?: Instant | undefined;
}

/** An offer as the product describes it. */
export interface ListedOffer {
  /** As AWS's events name it: `offer-…`. */
  readonly offerId: string;
  /** USD per unit by dimension, where the offer departs from the public price. */
  readonly unitPrices?: Readonly<Record<string, string>> | undefined;
  readonly freeTrialDays?: number | undefined;
}

export interface PriceList {
  readonly dimensions: readonly DimensionPrices[];
  readonly offers: readonly Offer[];
}

/** From when on an offer was a license's. */
export interface OfferTerm {
  readonly offerId: string;
  readonly since: Instant;
}

/**
 * What one unit costs a license in the hour that is stamped so: its offer's price if the offer
 * names one, else the public one. Undefined: the dimension was never listed.
 */
export function unitPriceAt(
  prices: PriceList,
  license: License,
  dimension: string,
  stamp: Instant,
): Usd | undefined {
  const agreed = offerAt(license, stamp);
  const offer = prices.offers.find(({ offerId }) => offerId === agreed);
  const step =
    stepAt(offer?.prices ?? [], dimension, stamp) ?? stepAt(prices.dimensions, dimension, stamp);
  return step === undefined ? undefined : exactUsd(step.unitPrice);
}

function stepAt(
  prices: readonly DimensionPrices[],
  dimension: string,
  instant: Instant,
): PriceStep | undefined {
  const steps = prices.find((one) => one.dimension === dimension)?.steps ?? [];
  return steps.findLast(({ from }) => from <= instant) ?? steps[0];
}

/** The offer that a license was held by at an instant; before its first agreement, the first. */
export function offerAt(license: License, instant: Instant): string | undefined {
  const terms = offerTerms(license);
  return (terms.findLast(({ since }) => since <= instant) ?? terms[0])?.offerId ?? license.offerId;
}

/**
 * The offers of a license, oldest first. A renewal or a replacement is another agreement, and may
 * bring another offer; an amended agreement may, too.
 */
export function offerTerms({ lifecycle }: License): OfferTerm[] {
  return Object.values(lifecycle?.updates ?? {})
    .flatMap(({ first, offerId, offers }) =>
      offers === undefined
        ? offerId === undefined
          ? []
          : [{ offerId, since: first }]
        : Object.entries(offers).map(([id, since]) => ({ offerId: id, since })),
    )
    .sort((a, b) => a.since - b.since || (a.offerId < b.offerId ? -1 : 1));
}

/**
 * When AWS's free trial of a license ends: so many days after the activation, if the offer that it
 * began with is a trial. Until then AWS bills nothing of what is metered (protocol-facts A6).
 */
export function freeTrialEndsAt(license: License, offers: readonly Offer[]): Instant | undefined {
  const { activatedAt } = license;
  if (activatedAt === undefined) return undefined;
  const first = offerAt(license, activatedAt);
  const offer = offers.find(({ offerId }) => offerId === first);
  if (offer?.freeTrialDays === undefined) return undefined;
  const endsAt = activatedAt + offer.freeTrialDays * DAY;
  return endsAt <= (offer.trialKnownSince ?? -Infinity) ? undefined : endsAt;
}

/** The prices as the product describes them now. */
export function listedPrices(listing: {
  readonly dimensions: readonly Dimension[];
  readonly offers?: readonly ListedOffer[] | undefined;
}): PriceList {
  return {
    dimensions: listing.dimensions.map(({ name, unitPrice, priceChanges = [] }) => ({
      dimension: name,
      steps: [
        { from: 0, unitPrice },
        ...priceChanges
          .map((change) => ({ from: Date.parse(change.from), unitPrice: change.unitPrice }))
          .sort((a, b) => a.from - b.from),
      ],
    })),
    offers: (listing.offers ?? []).map(({ offerId, unitPrices = {}, freeTrialDays }) => ({
      offerId,
      prices: Object.entries(unitPrices).map(([dimension, unitPrice]) => ({
        dimension,
        steps: [{ from: 0, unitPrice }],
      })),
      freeTrialDays,
    })),
  };
}
