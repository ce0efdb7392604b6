import { fraction, pico } from "./oracle/fractions.ts";
import type { Story } from "./story.ts";
import type { LicenseStory } from "./story-licenses.ts";

/** What a unit costs a license in an hour, looked up apart from the product. */
export function priceAt(
  { prices }: Story,
  { offerId }: LicenseStory,
  dimension: string,
  stamp: number,
): bigint {
  const own = prices.offers.find((offer): boolean => offer.offerId === offerId)?.prices ?? [];
  const steps = [...own, ...prices.dimensions].find((one) => one.dimension === dimension)?.steps;
  const price = steps?.findLast(({ from }) => from <= stamp)?.unitPrice;
  if (price === undefined) throw new Error(`no price of ${dimension}`);
  return pico(fraction(price));
}
