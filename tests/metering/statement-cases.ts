import type { MeteringRecord, Outcome } from "../../metering/domain/chain.ts";
import type { PriceList } from "../../metering/domain/prices.ts";
import { aFee, aLicense, aPlan, aShare, at, PRICES } from "./fixtures.ts";
import { aMinimum, aMinute, aSetup, aTerm, planOf, usageMonths } from "./rating-world.ts";
import { acceptedAs, dailyCost, playSale, type PlayedSale } from "./statement-world.ts";

const DAY = 24 * 3_600_000;
const FEBRUARY = at("2026-02-03T08:30:00Z");

/** Cost with digits beyond floating point. */
const cost = (day: number) => `${10 + (Math.floor(day / DAY) % 7)}.123456789012345`;

/** Percentage with tiers and a cap, a fee, a setup fee and a minimum; a restatement and true-up. */
export function mixedSale(): PlayedSale {
  const share = {
    ...aShare,
    tiers: [{ above: "100", percent: "15.5" }],
    minimum: "20",
    cap: "60",
  };
  const since = FEBRUARY;
  return playSale({
    license: aLicense({ activatedAt: since, plan: { id: "plan", since } }),
    terms: [
      aTerm(
        aPlan(share, aSetup, { ...aFee, proration: "hourly" }),
        "2026-02-03T08:30:00Z",
        "2026-03-12",
      ),
      aTerm(
        { ...planOf("next", { ...share, percent: "25" }, aMinimum), title: "Next" },
        "2026-03-12",
      ),
    ],
    costs: dailyCost(
      // AWS restates one day of February downward, and another upward, in March.
      (day, now) => {
        const restated = now > at("2026-03-06T00:00:00Z");
        if (restated && day === at("2026-02-10")) return "-7.77";
        if (restated && day === at("2026-02-20")) return "31.5";
        return cost(day);
      },
      { from: since, until: at("2026-04-20") },
    ),
    until: at("2026-04-18T12:00:00Z"),
    reading: [
      { deploymentId: "d-1", requests: 31, usd: "0.31", paidBy: "buyer" },
      { deploymentId: "d-2", requests: 3, usd: "0.03", paidBy: "seller" },
    ],
  });
}

/** Usage with included units and tiers; every outcome, evidence, zero records, a price change. */
export function troubledSale(): PlayedSale {
  const since = FEBRUARY;
  const hours: Record<string, string> = {};
  for (let hour = at("2026-02-04"); hour < at("2026-03-20"); hour += 7 * 3_600_000) {
    hours[new Date(hour).toISOString().slice(0, 13)] = "11.25";
  }
  const answer = (item: MeteringRecord): Outcome | undefined => {
    const when = item.stamp + 3_600_000;
    if (item.quantity === 0) return acceptedAs(item);
    if (item.n % 11 === 3) return { kind: "expired", at: when };
    if (item.n % 11 === 5) return { kind: "in-doubt", reason: "the window closed", at: when };
    if (item.n % 11 === 7) return { kind: "refused", reason: "InvalidUsageDimension", at: when };
    if (item.n % 11 === 9) return { kind: "duplicate", at: when };
    return acceptedAs(item);
  };
  const prices: PriceList = {
    ...PRICES,
    dimensions: PRICES.dimensions.map((each) => ({
      ...each,
      steps: [...each.steps, { from: at("2026-03-08T00:00:00Z"), unitPrice: "0.0125" }],
    })),
  };
  return playSale({
    license: aLicense({ activatedAt: since, plan: { id: "plan", since } }),
    terms: [
      aTerm(
        aPlan({
          ...aMinute,
          included: "40.5",
          tiers: [
            { above: "20", unitPrice: "0.14" },
            { above: "200", unitPrice: "0.1" },
          ],
        }),
        "2026-02-03T08:30:00Z",
      ),
    ],
    usage: usageMonths(hours),
    prices,
    zeroRecords: true,
    every: 6 * 3_600_000,
    until: at("2026-03-26T12:00:00Z"),
    answer,
    found: [
      { dimension: "cents", about: 27, billed: 0, at: at("2026-02-22T00:00:00Z") },
      { dimension: "cents", about: 16, billed: 3, at: at("2026-03-02T00:00:00Z") },
      { dimension: "cents", about: 71, billed: 1, at: at("2026-03-20T00:00:00Z") },
    ],
    adjustments: [
      { requestId: "bar-1", usd: "0.5", reason: "INCORRECT_METERING", state: "completed" },
      { usd: "0.25", reason: "INCORRECT_METERING", state: "prepared" },
    ],
  });
}

/** A Marketplace free trial, then paid days; the license ends with cost that came too late. */
export function endedTrialSale(): PlayedSale {
  const since = FEBRUARY;
  const ended = at("2026-03-18T10:20:00Z");
  const prices: PriceList = {
    ...PRICES,
    offers: [{ offerId: "offer-trial", prices: [], freeTrialDays: 14 }],
  };
  return playSale({
    license: aLicense({
      activatedAt: since,
      offerId: "offer-trial",
      plan: { id: "plan", since },
      endingAt: ended,
      endedAt: ended,
    }),
    terms: [aTerm(aPlan(aShare, aFee), "2026-02-03T08:30:00Z", "2026-03-18T10:20:00Z")],
    costs: dailyCost(cost, { from: since, until: ended, lag: 3 }),
    prices,
    until: at("2026-03-25T00:00:00Z"),
  });
}
