import type { CostCategory, CostMetric, CostScope } from "./charges.ts";
import type { Day, Month } from "./calendar.ts";
import type { Instant } from "./license.ts";
import { addDecimal, decimalText, multiplyDecimal, parseDecimal } from "./money.ts";

/**
 * What AWS says a deployment cost in a month, day by day: the newest reading replaces the one
 * before, and an older reading never replaces a newer one.
 */
export interface CostMonth {
  readonly deploymentId: string;
  readonly metric: CostMetric;
  readonly scope: CostScope;
  readonly month: Month;
  /** When the reading was begun. */
  readonly observedAt: Instant;
  readonly days: Readonly<Record<Day, CostDay>>;
}

export interface CostDay {
  readonly estimated: boolean;
  /** Exact decimal text, by what kind of charge it is; absent means zero. */
  readonly usd: Readonly<Partial<Record<CostCategory | "Usage", string>>>;
}

/** How the reading of a deployment's cost goes. */
export interface MeterStatus {
  readonly deploymentId: string;
  /** When the last successful reading was begun. */
  readonly readAt?: Instant | undefined;
  /** The newest day it brought. */
  readonly lastDay?: Day | undefined;
  readonly problem?: ReadProblem | undefined;
  /** Requests so far, of all sources; what one costs, the source says (protocol-facts E1). */
  readonly requests: number;
  /** The same by the month in which they were made, with their price: a statement shows it. */
  readonly readings?: Readonly<Record<Month, ReadingCost>> | undefined;
  /** When cost was first seen in that scope: from then on, none is none. */
  readonly seenAt?: Readonly<Partial<Record<CostScope, Instant>>> | undefined;
}

/** What a month's reading of cost cost by itself. */
export interface ReadingCost {
  readonly requests: number;
  /** Exact decimal text. */
  readonly usd: string;
  /** On whose AWS bill the requests stand. */
  readonly paidBy: "buyer" | "seller";
}

/** Why a deployment's cost could not be read, in words for the buyer. */
export interface ReadProblem {
  readonly reason:
    | "access-denied"
    | "no-data"
    | "unavailable"
    | "not-usd"
    /** The data are there, but can't be billed from. */
    | "bad-data"
    /** The cost tag shows no cost although the account does: nobody activated it. */
    | "tag-inactive";
  readonly message: string;
  readonly at: Instant;
}

/** Where a product's cost figures come from, as the seller chose it. */
export type CostSourceChoice =
  | { readonly kind: "cost-explorer" }
  | {
      readonly kind: "data-export";
      /** A folder or `s3://bucket/prefix`, with `{accountId}` where each account has its own. */
      readonly location: string;
      /** The bucket's; the seller's metering region when left out. */
      readonly region?: string | undefined;
    }
  | {
      readonly kind: "athena";
      readonly database: string;
      readonly table: string;
      readonly format: "focus-1.0" | "focus-1.2" | "cur-2.0";
      /** With a place for results of its own. */
      readonly workGroup: string;
      readonly region: string;
    };

/** Months of reading costs that a status keeps: a statement can be asked for within two years. */
const READING_MONTHS = 24;

/** Adds requests that were made in a month to what the status says of that month. */
export function withRequests(
  status: MeterStatus | undefined,
  made: { month: Month; requests: number; usdPerRequest: string; paidBy: ReadingCost["paidBy"] },
): Pick<MeterStatus, "requests" | "readings"> {
  const { month, requests, usdPerRequest, paidBy } = made;
  const before = status?.readings?.[month] ?? { requests: 0, usd: "0" };
  const price = multiplyDecimal(parseDecimal(usdPerRequest), BigInt(requests));
  const reading: ReadingCost = {
    requests: before.requests + requests,
    usd: decimalText(addDecimal(parseDecimal(before.usd), price)),
    paidBy,
  };
  const kept = Object.entries({ ...status?.readings, [month]: reading })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-READING_MONTHS);
  return { requests: (status?.requests ?? 0) + requests, readings: Object.fromEntries(kept) };
}

/** Whether any of the days shows a charge, of whatever kind. */
export function showsCost(days: Readonly<Record<Day, CostDay>>): boolean {
  return Object.values(days).some(({ usd }) =>
    Object.values(usd).some((text) => parseDecimal(text).digits !== 0n),
  );
}
