import { formatDecimal, parseDecimal } from "../cost/decimal.ts";
import type { Decimal } from "../cost/decimal.ts";
import { PRICE_DECIMALS_MAX, TRIAL_DAYS_MAX, TRIAL_DAYS_MIN } from "./limits.ts";
import type { Agreement, MarketplaceState } from "./state.ts";

/** What an agreement can be made under, other than the public listing (protocol-facts A1, A6). */
export interface Offer {
  readonly offerId: string;
  readonly productCode: string;
  /** USD per unit; a dimension that isn't named costs what the public listing says. */
  readonly unitPricesUsd?: Readonly<Record<string, string>>;
  /** A free trial: usage of so many days is metered as always and costs nothing. */
  readonly freeTrialDays?: number;
  /** Only for these accounts; for everybody when left out. */
  readonly buyerAccountIds?: readonly string[];
}

/**
 * The public listing changes its price. Whether agreements that exist keep theirs is not said
 * anywhere that we could read, so whoever changes a price here has to say it.
 */
export interface PriceChange {
  readonly productCode: string;
  readonly dimension: string;
  readonly unitPriceUsd: string;
  readonly from: number;
  readonly existingAgreements: "keep" | "change";
}

const DAY_MS = 24 * 3_600_000;

export function addOffer(state: MarketplaceState, offer: Offer): Offer {
  const { offerId, productCode, unitPricesUsd = {}, freeTrialDays } = offer;
  for (const [dimension, price] of Object.entries(unitPricesUsd)) {
    checkDimension(state, productCode, dimension);
    checkPrice(dimension, price);
  }
  const days = freeTrialDays ?? TRIAL_DAYS_MIN;
  if (!Number.isInteger(days) || days < TRIAL_DAYS_MIN || days > TRIAL_DAYS_MAX) {
    throw new RangeError(
      `offer ${offerId}: a free trial has ${TRIAL_DAYS_MIN} to ${TRIAL_DAYS_MAX} days, not ${days}`,
    );
  }
  state.offers[offerId] = offer;
  return offer;
}

export function changePrice(state: MarketplaceState, change: PriceChange): PriceChange {
  checkDimension(state, change.productCode, change.dimension);
  checkPrice(change.dimension, change.unitPriceUsd);
  state.priceChanges.push(change);
  return change;
}

/** Why the buyer can't accept the offer; undefined when they can. */
export function acceptanceProblem(
  state: MarketplaceState,
  offer: Offer,
  buyer: { readonly productCode: string; readonly buyerAccountId: string },
): string | undefined {
  const { productCode, buyerAccountId } = buyer;
  if (offer.productCode !== productCode) return `offer ${offer.offerId} is for another product`;
  if (offer.buyerAccountIds?.includes(buyerAccountId) === false) {
    return `offer ${offer.offerId} is not for account ${buyerAccountId}`;
  }
  const tried = Object.values(state.agreements).some(
    (one) =>
      one.freeTrial && one.productCode === productCode && one.buyerAccountId === buyerAccountId,
  );
  return offer.freeTrialDays !== undefined && tried
    ? `account ${buyerAccountId} has had its free trial of this product`
    : undefined;
}

/** Whether usage of that time falls into the agreement's free trial. */
export function isInFreeTrial(
  { offers }: MarketplaceState,
  { offerId, acceptedAt }: Agreement,
  timestamp: number,
): boolean {
  const days = offers[offerId]?.freeTrialDays;
  return days !== undefined && timestamp < acceptedAt + days * DAY_MS;
}

/** What a unit of usage at that time costs under the agreement, without a trial's rebate. */
export function unitPrice(
  state: MarketplaceState,
  agreement: Agreement,
  dimension: string,
  timestamp: number,
): Decimal {
  const own = state.offers[agreement.offerId]?.unitPricesUsd?.[dimension];
  const text = own ?? listingPrice(state, agreement, dimension, timestamp);
  const price = text === undefined ? undefined : parseDecimal(text);
  if (price === undefined) {
    throw new Error(`the sandbox knows no price of ${dimension} for ${agreement.agreementId}`);
  }
  return price;
}

function listingPrice(
  { products, priceChanges }: MarketplaceState,
  { productCode, acceptedAt }: Agreement,
  dimension: string,
  timestamp: number,
): string | undefined {
  const product = products.find((one) => one.productCode === productCode);
  const change = priceChanges
    .filter((one) => one.productCode === productCode && one.dimension === dimension)
    .filter(({ from }) => from <= timestamp)
    .filter(({ from, existingAgreements }) => existingAgreements === "change" || acceptedAt >= from)
    .sort((left, right) => left.from - right.from)
    .at(-1);
  return change?.unitPriceUsd ?? product?.unitPricesUsd?.[dimension];
}

function checkDimension(state: MarketplaceState, productCode: string, dimension: string): void {
  const product = state.products.find((one) => one.productCode === productCode);
  if (product === undefined) throw new RangeError(`no product has code ${productCode}`);
  if (!product.dimensions.includes(dimension)) {
    throw new RangeError(`the product has no dimension ${dimension}`);
  }
}

/** Rates have at most eight decimals (protocol-facts A1). */
function checkPrice(dimension: string, text: string): void {
  const price = parseDecimal(text);
  const decimals = price === undefined ? "" : (formatDecimal(price).split(".")[1] ?? "");
  if (price === undefined || price < 0n || decimals.length > PRICE_DECIMALS_MAX) {
    throw new RangeError(
      `${dimension}: ${JSON.stringify(text)} is no price in USD with at most ${PRICE_DECIMALS_MAX} decimals`,
    );
  }
}
