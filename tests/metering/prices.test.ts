import { describe, expect, it } from "vitest";
import type { License } from "../../metering/domain/license.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import {
  freeTrialEndsAt,
  type Offer,
  offerAt,
  type PriceList,
  unitPriceAt,
} from "../../metering/domain/prices.ts";
import { aLicense, at } from "./fixtures.ts";

const RAISED = at("2026-04-01T00:00:00Z");
const RENEWED = at("2026-06-01T12:20:00Z");

const prices: PriceList = {
  dimensions: [
    {
      dimension: "cents",
      steps: [
        { from: 0, unitPrice: "0.01" },
        { from: RAISED, unitPrice: "0.02" },
      ],
    },
    { dimension: "fee", steps: [{ from: 0, unitPrice: "0.00000007" }] },
  ],
  offers: [
    {
      offerId: "offer-private",
      prices: [{ dimension: "cents", steps: [{ from: 0, unitPrice: "0.005" }] }],
    },
  ],
};

const renewedTo = (offerId: string): License =>
  aLicense({
    lifecycle: {
      updates: {
        "agmt-1": { first: at("2026-02-10T08:30:00Z"), newest: RAISED, offerId: "offer-public" },
        "agmt-2": { first: RENEWED, newest: RENEWED, offerId },
      },
      agreementEnds: {},
    },
  });

describe("A unit's price", () => {
  it("is the public one in force at the stamp", () => {
    const price = (stamp: number) => unitPriceAt(prices, aLicense(), "cents", stamp);

    expect(price(RAISED - 1)).toBe(exactUsd("0.01"));
    expect(price(RAISED)).toBe(exactUsd("0.02"));
  });

  it("is that of the offer which held the license at the stamp", () => {
    const price = (stamp: number, dimension = "cents") =>
      unitPriceAt(prices, renewedTo("offer-private"), dimension, stamp);

    expect(price(at("2026-06-01T12:00:00Z"))).toBe(exactUsd("0.02"));
    expect(price(at("2026-06-01T13:00:00Z"))).toBe(exactUsd("0.005"));
    expect(price(at("2026-06-01T13:00:00Z"), "fee")).toBe(exactUsd("0.00000007"));
  });

  it("is the public one for an offer that names none", () => {
    const stamp = at("2026-06-01T13:00:00Z");

    expect(unitPriceAt(prices, renewedTo("offer-unheard-of"), "cents", stamp)).toBe(
      exactUsd("0.02"),
    );
  });

  it("is unknown for a dimension that was never listed", () => {
    expect(unitPriceAt(prices, aLicense(), "other", RAISED)).toBeUndefined();
  });
});

describe("The offer of a license", () => {
  it("is the newest that was seen by then, within one agreement too", () => {
    const license = aLicense({
      lifecycle: {
        updates: {
          "agmt-1": { first: 100, newest: 900, offers: { "offer-a": 100, "offer-b": 500 } },
        },
        agreementEnds: {},
      },
    });

    expect(offerAt(license, 99)).toBe("offer-a");
    expect(offerAt(license, 499)).toBe("offer-a");
    expect(offerAt(license, 500)).toBe("offer-b");
  });

  it("is the license's own where no agreement names one", () => {
    expect(offerAt(aLicense({ offerId: "offer-x" }), 0)).toBe("offer-x");
  });
});

describe("A free trial of AWS Marketplace", () => {
  const offers: Offer[] = [{ offerId: "offer-public", prices: [], freeTrialDays: 30 }];

  it("ends so many days after the activation, whatever offer follows", () => {
    expect(freeTrialEndsAt(renewedTo("offer-private"), offers)).toBe(at("2026-03-12T08:30:00Z"));
  });

  it("is none for an offer that isn't one, or before the activation", () => {
    expect(freeTrialEndsAt(aLicense(), offers)).toBeUndefined();
    const waiting = { ...renewedTo("offer-x"), activatedAt: undefined };
    expect(freeTrialEndsAt(waiting, offers)).toBeUndefined();
  });
});
