import { field, list, repeated } from "./fields.ts";

/** What the schema can't see of prices and offers: dates and ids given twice, unknown dimensions. */
export function listingProblems(listing: unknown): string[] {
  const offers = list(field(listing, "offers"));
  const names = list(field(listing, "dimensions")).map((dimension) => field(dimension, "name"));
  return [
    ...list(field(listing, "dimensions")).flatMap((dimension, d) =>
      repeated(
        list(field(dimension, "priceChanges")).map((change, c) => ({
          path: `listing.dimensions[${d}].priceChanges[${c}].from`,
          value: field(change, "from"),
        })),
        "another change has this date; from then on there can be one price",
      ),
    ),
    ...repeated(
      offers.map((offer, o) => ({
        path: `listing.offers[${o}].offerId`,
        value: field(offer, "offerId"),
      })),
      "another entry has this offer; put all its prices into one",
    ),
    ...offers.flatMap((offer, o) => offerProblems(`listing.offers[${o}]`, offer, names)),
  ];
}

function offerProblems(path: string, offer: unknown, names: readonly unknown[]): string[] {
  const priced = Object.keys((field(offer, "unitPrices") as object | undefined) ?? {});
  const saysNothing = priced.length === 0 && field(offer, "freeTrialDays") === undefined;
  return [
    ...priced
      .filter((name) => !names.includes(name))
      .map(
        (name) =>
          `${path}.unitPrices has ${JSON.stringify(name)}: the listing has no such dimension, only ` +
          `${names.map((known) => JSON.stringify(known)).join(", ")}.`,
      ),
    ...(saysNothing
      ? [
          `${path} has neither unitPrices nor freeTrialDays: an offer with the public prices and no trial needs no entry.`,
        ]
      : []),
  ];
}
