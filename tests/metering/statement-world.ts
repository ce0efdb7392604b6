import { buildStatement } from "../../metering/domain/build-statement.ts";
import { DAY, HOUR, monthOf } from "../../metering/domain/calendar.ts";
import {
  type ChainItem,
  type MeteringRecord,
  nextRecord,
  type Outcome,
} from "../../metering/domain/chain.ts";
import type { CostMonth } from "../../metering/domain/cost.ts";
import { evidenceOf } from "../../metering/domain/evidence.ts";
import type { License } from "../../metering/domain/license.ts";
import { monthsBetween } from "../../metering/domain/open-months.ts";
import { freeTrialEndsAt, type PriceList, unitPriceAt } from "../../metering/domain/prices.ts";
import { ratedMoney } from "../../metering/domain/rated-money.ts";
import { rate, type RatingInput } from "../../metering/domain/rating.ts";
import type {
  Statement,
  StatementAdjustment,
  StatementReading,
} from "../../metering/domain/statement.ts";
import type { PlanTerm } from "../../metering/domain/terms.ts";
import { aDeployment, PRICES } from "./fixtures.ts";

/** A license's life, as far as its ledger sees it: pure functions alone, no store. */
export interface Sale {
  readonly license: License;
  readonly terms: readonly PlanTerm[];
  readonly deployments?: RatingInput["deployments"];
  /** What AWS says at an instant. */
  readonly costs?: (now: number) => readonly CostMonth[];
  readonly usage?: RatingInput["usage"];
  readonly entitlements?: RatingInput["entitlements"];
  readonly prices?: PriceList;
  readonly zeroRecords?: boolean;
  /** How often the ledger looks; a day when left out, ten minutes past the hour. */
  readonly every?: number;
  readonly until: number;
  /** What AWS answers; accepted when left out, undefined leaves it pending. */
  readonly answer?: (item: MeteringRecord) => Outcome | undefined;
  /** What was found out: units billed of the record that has this number, at an instant. */
  readonly found?: readonly {
    readonly dimension: string;
    readonly about: number;
    readonly billed: number;
    readonly at: number;
  }[];
  readonly reading?: readonly StatementReading[];
  readonly adjustments?: readonly StatementAdjustment[];
}

export interface PlayedSale {
  readonly chains: ReadonlyMap<string, readonly ChainItem[]>;
  readonly months: readonly string[];
  readonly statement: (month: string) => Statement;
}

/** Seals what the rules of the ledger seal, day by day, and explains it. */
export function playSale(sale: Sale): PlayedSale {
  const { license, until } = sale;
  const chains = new Map<string, ChainItem[]>();
  for (const { plan } of sale.terms) {
    for (const { dimension } of plan.charges) chains.set(dimension, []);
  }
  const begin = license.activatedAt ?? 0;
  const step = sale.every ?? DAY;
  const looks: number[] = [];
  for (let now = Math.floor(begin / DAY) * DAY + 10 * 60_000; now <= until; now += step) {
    if (now > begin) looks.push(now);
  }
  if (license.endedAt !== undefined) {
    looks.push(license.endedAt + 5 * 60_000, license.endedAt + 40 * 60_000);
  }
  for (const now of looks.filter((at) => at <= until).sort((a, b) => a - b))
    look(sale, chains, now);
  const months = monthsOf(sale, until);
  return {
    chains,
    months,
    statement: (month) =>
      buildStatement({
        ...ratingAt(sale, until, months),
        month,
        prices: sale.prices ?? PRICES,
        amounts: rate(ratingAt(sale, until, months)),
        chains,
        ...(sale.reading === undefined ? {} : { reading: sale.reading }),
        ...(sale.adjustments === undefined ? {} : { adjustments: sale.adjustments }),
      }),
  };
}

function look(sale: Sale, chains: Map<string, ChainItem[]>, now: number): void {
  const { license, prices = PRICES } = sale;
  const rating = ratingAt(sale, now, monthsOf(sale, now));
  const amounts = rate(rating);
  for (const [dimension, chain] of chains) {
    for (const finding of sale.found ?? []) {
      if (finding.dimension !== dimension || finding.at > now) continue;
      if (chain.some((item) => item.kind === "evidence" && item.about === finding.about)) continue;
      const evidence = evidenceOf(
        chain,
        { ...finding, source: `CloudTrail event of record ${finding.about}` },
        { now, owner: "me" },
      );
      if (evidence.kind === "evidence") chain.push(evidence.item);
    }
    const head = chain.at(-1);
    const own = amounts.filter((amount) => amount.dimension === dimension);
    const next = nextRecord({
      head,
      rated: ratedMoney(head?.closed, own, now),
      unitPriceAt: (stamp) => unitPriceAt(prices, license, dimension, stamp) ?? 1n,
      identifiedBy: () => "license-arn",
      life: license,
      freeTrialEndsAt: rating.freeTrialEndsAt,
      zeroRecords: sale.zeroRecords === true,
      now,
      owner: "me",
    });
    if (next.kind !== "seal") continue;
    const outcome = (sale.answer ?? acceptedAs)(next.item);
    chain.push({ ...next.item, ...(outcome === undefined ? {} : { outcome }) });
  }
}

export const acceptedAs = ({ n, stamp }: MeteringRecord): Outcome => ({
  kind: "accepted",
  meteringRecordId: `8f2d41c7-0b6e-4c1f-9a77-${String(n).padStart(12, "0")}`,
  at: stamp + HOUR,
});

function ratingAt(sale: Sale, now: number, months: readonly string[]): RatingInput {
  const { license, terms, prices = PRICES } = sale;
  // A month later, nothing that ended the license was known yet.
  const lives = license.endedAt !== undefined && now < license.endedAt;
  const known = lives ? { ...license, endedAt: undefined, endingAt: undefined } : license;
  return {
    license: known,
    terms,
    deployments: sale.deployments ?? [aDeployment({ registeredAt: license.activatedAt ?? 0 })],
    costs: sale.costs?.(now) ?? [],
    usage: sale.usage ?? [],
    entitlements: sale.entitlements,
    freeTrialEndsAt: freeTrialEndsAt(license, prices.offers),
    months,
    now,
  };
}

function monthsOf({ license }: Sale, now: number): string[] {
  const last = Math.min(now, license.endedAt ?? now);
  return monthsBetween(monthOf(license.activatedAt ?? 0), monthOf(last));
}

/** A cost month of the account, each day the same and more, known with a lag of so many days. */
export function dailyCost(
  cost: (day: number, now: number) => string,
  { from, until, lag = 1 }: { from: number; until: number; lag?: number },
): (now: number) => readonly CostMonth[] {
  return (now) => {
    const months = new Map<string, Record<string, CostMonth["days"][string]>>();
    for (let at = Math.floor(from / DAY) * DAY; at < until; at += DAY) {
      if (at + lag * DAY > now) break;
      const date = new Date(at).toISOString().slice(0, 10);
      const days = months.get(date.slice(0, 7)) ?? {};
      days[date] = {
        estimated: now < at + 3 * DAY,
        usd: { Usage: cost(at, now), Tax: "1.1", Credit: "-0.25" },
      };
      months.set(date.slice(0, 7), days);
    }
    return [...months].map(([month, days]) => ({
      deploymentId: "d-1",
      metric: "BilledCost",
      scope: "account",
      month,
      observedAt: now,
      days,
    }));
  };
}
