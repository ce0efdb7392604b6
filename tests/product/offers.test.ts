import { describe, expect, it } from "vitest";
import { defineProduct, license } from "../../product/define-product.ts";
import type { ProductInput } from "../../product/input.ts";

type Listing = ProductInput["listing"];

const change = (from: string, unitPrice = "0.02") => ({ from, unitPrice });

function problemsOf(over: {
  priceChanges?: Listing["dimensions"][number]["priceChanges"];
  offers?: unknown;
  perMonth?: string;
}): readonly string[] {
  try {
    const dimension = { name: "cents", description: "US cents", unitPrice: "0.01" };
    defineProduct({
      title: "Example",
      name: "example",
      listing: {
        productCode: "abc123",
        productId: "prod-abc123",
        dimensions: [{ ...dimension, priceChanges: over.priceChanges }],
        offers: over.offers as Listing["offers"],
      },
      seller: { name: "Seller", accountId: "999988887777", supportEmail: "support@example.com" },
      plans: [
        {
          id: "flat",
          title: "Flat",
          summary: "A fee.",
          charges: [license({ id: "fee", dimension: "cents", perMonth: over.perMonth ?? "19" })],
        },
      ],
      launchStack: { version: "1.0.0" },
    });
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
}

describe("a price change", () => {
  it("has a date and a price", () => {
    expect(problemsOf({ priceChanges: [change("2027-01-01T00:00:00Z")] })).toEqual([]);
  });

  it.each([
    "2027-01-01",
    "2027-01-01T00:30:00Z",
    "2027-02-31T00:00:00Z",
    "2027-01-01T00:00:00+01:00",
  ])("is refused for %s, which is no full hour in UTC", (from) => {
    expect(problemsOf({ priceChanges: [change(from)] })).toEqual([
      `listing.dimensions[0].priceChanges[0].from is "${from}": it must be a full hour in UTC, such as "2027-01-01T00:00:00Z".`,
    ]);
  });

  it("is refused when two have one date", () => {
    const from = "2027-01-01T00:00:00Z";

    expect(problemsOf({ priceChanges: [change(from), change(from, "0.04")] })).toEqual([
      `listing.dimensions[0].priceChanges[1].from is "${from}": another change has this date; from then on there can be one price.`,
    ]);
  });

  it("is refused when a fee is no whole number of units any more", () => {
    const priceChanges = [change("2027-01-01T00:00:00Z", "0.03")];

    expect(problemsOf({ priceChanges, perMonth: "19" })).toEqual([
      `plans[0].charges[0].perMonth is "19": it must be a whole number of units of dimension "cents" at 0.03 USD a unit, or no quantity comes to this fee.`,
    ]);
  });
});

describe("an offer", () => {
  it("has prices of its own, a free trial, or both", () => {
    expect(
      problemsOf({
        offers: [
          { offerId: "offer-abc", unitPrices: { cents: "0.00000007" } },
          { offerId: "offer-def", freeTrialDays: 30 },
        ],
      }),
    ).toEqual([]);
  });

  it.each([
    [
      "an unknown dimension",
      [{ offerId: "offer-abc", unitPrices: { sents: "0.01" } }],
      `listing.offers[0].unitPrices has "sents": the listing has no such dimension, only "cents".`,
    ],
    [
      "a price that isn't a decimal string",
      [{ offerId: "offer-abc", unitPrices: { cents: 0.01 } }],
      `listing.offers[0].unitPrices.cents is 0.01: it must be a decimal string above 0 with at most 8 decimals, such as "0.01".`,
    ],
    [
      "an id of something else",
      [{ offerId: "agmt-abc", freeTrialDays: 7 }],
      `listing.offers[0].offerId is "agmt-abc": it must be the offer's id in AWS Marketplace, "offer-" and letters and digits.`,
    ],
    [
      "a trial that AWS doesn't offer",
      [{ offerId: "offer-abc", freeTrialDays: 365 }],
      "listing.offers[0].freeTrialDays is 365: it must be a whole number of 5 to 90 days.",
    ],
    [
      "nothing to say",
      [{ offerId: "offer-abc" }],
      "listing.offers[0] has neither unitPrices nor freeTrialDays: an offer with the public prices and no trial needs no entry.",
    ],
    [
      "an offer that is there already",
      [
        { offerId: "offer-abc", freeTrialDays: 7 },
        { offerId: "offer-abc", freeTrialDays: 9 },
      ],
      `listing.offers[1].offerId is "offer-abc": another entry has this offer; put all its prices into one.`,
    ],
  ])("is refused for %s", (_, offers, sentence) => {
    expect(problemsOf({ offers })).toEqual([sentence]);
  });
});
