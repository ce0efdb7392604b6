import { HOUR } from "./calendar.ts";
import type { Instant } from "./license.ts";
import { exactUsd } from "./money.ts";
import type { DimensionPrices, Offer, PriceList, PriceStep } from "./prices.ts";

/** The remembered prices with those that the product names now, and what a person should know. */
export interface PriceUpdate {
  readonly prices: PriceList;
  readonly notes: readonly string[];
}

/**
 * A price that was in force can't be edited, only followed by another one: what differs from the
 * remembered price counts from the next full hour, so that no hour that may be sealed by now has
 * two prices. What left the product is kept, because licenses may still be billed by it.
 */
export function withPrices(
  known: PriceList | undefined,
  listed: PriceList,
  now: Instant,
): PriceUpdate {
  const notes: string[] = [];
  const dimensions = mergePrices(known?.dimensions, listed.dimensions, now, notes, "");
  const offerIds = new Set([...(known?.offers ?? []), ...listed.offers].map((o) => o.offerId));
  const offers = [...offerIds].flatMap((offerId): Offer[] => {
    const before = known?.offers.find((offer) => offer.offerId === offerId);
    const after = listed.offers.find((offer) => offer.offerId === offerId);
    if (after === undefined) {
      const kept = `The offer ${offerId} is not in the product any more: licenses that were bought by it keep its prices.`;
      notes.push(kept);
      return before === undefined ? [] : [before];
    }
    return [mergeOffer(before, after, now, notes)];
  });
  return { prices: { dimensions, offers }, notes };
}

function mergeOffer(before: Offer | undefined, after: Offer, now: Instant, notes: string[]): Offer {
  const { offerId } = after;
  const prices = mergePrices(before?.prices, after.prices, now, notes, ` in offer ${offerId}`);
  const known = before?.freeTrialDays;
  if (known !== undefined && known !== after.freeTrialDays) {
    const told = after.freeTrialDays === undefined ? "none" : `${after.freeTrialDays} days`;
    notes.push(
      `The free trial of offer ${offerId} was told as ${known} days and is now ${told}: an offer's trial can't change, so ${known} days count.`,
    );
  }
  const freeTrialDays = known ?? after.freeTrialDays;
  return freeTrialDays === undefined
    ? { offerId, prices }
    : { offerId, prices, freeTrialDays, trialKnownSince: before?.trialKnownSince ?? now };
}

function mergePrices(
  known: readonly DimensionPrices[] = [],
  listed: readonly DimensionPrices[],
  now: Instant,
  notes: string[],
  where: string,
): DimensionPrices[] {
  const names = new Set([...known, ...listed].map(({ dimension }) => dimension));
  return [...names].flatMap((dimension) => {
    const before = known.find((one) => one.dimension === dimension);
    const after = listed.find((one) => one.dimension === dimension);
    if (after === undefined) {
      notes.push(
        `The price of ${JSON.stringify(dimension)}${where} is not in the product any more: what is still owed on it is billed at the last one.`,
      );
      return before === undefined ? [] : [before];
    }
    const steps = changes(after.steps);
    if (before === undefined) return [{ dimension, steps }];
    return [{ dimension, steps: mergeSteps(before.steps, steps, now, noteFor(dimension)) }];
  });

  function noteFor(dimension: string) {
    return (was: PriceStep, is: PriceStep) =>
      notes.push(
        `The unit price of ${JSON.stringify(dimension)}${where} was ${was.unitPrice} USD and is ${is.unitPrice} USD without a date (priceChanges): it counts from ${new Date(is.from).toISOString()}, and what was sealed before keeps its price.`,
      );
  }
}

function mergeSteps(
  known: readonly PriceStep[],
  listed: readonly PriceStep[],
  now: Instant,
  undated: (was: PriceStep, is: PriceStep) => void,
): PriceStep[] {
  const from = (Math.floor(now / HOUR) + 1) * HOUR;
  const past = known.filter((step, index) => index === 0 || step.from < from);
  const was = past.at(-1);
  const told = listed.findLast((step) => step.from <= from) ?? listed[0];
  if (was === undefined || told === undefined) return [...listed];
  const is = { from, unitPrice: told.unitPrice };
  if (!isSamePrice(was, is) && told.from !== from) undated(was, is);
  return changes([...past, is, ...listed.filter((step) => step.from > from)]);
}

/** Without the steps that change nothing. */
function changes(steps: readonly PriceStep[]): PriceStep[] {
  return steps.filter((step, index) => {
    const before = steps[index - 1];
    return before === undefined || !isSamePrice(before, step);
  });
}

function isSamePrice(a: PriceStep, b: PriceStep): boolean {
  return exactUsd(a.unitPrice) === exactUsd(b.unitPrice);
}
