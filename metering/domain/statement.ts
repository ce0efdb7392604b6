import type { Instant } from "./license.ts";

/**
 * A license's month, explained. All amounts are exact decimal strings in USD.
 *
 * Everything on it can be recomputed from itself: days × rule = rated, records × price = billed,
 * carried in + rated + credit = billed + in doubt + pending + carried + forfeited (I3).
 */
export interface Statement {
  readonly licenseArn: string;
  readonly buyerAccountId: string;
  readonly plan: { readonly id: string; readonly title: string };
  /** The service month, `YYYY-MM`, UTC. */
  readonly month: string;
  readonly generatedAt: Instant;
  /** One for each charge of the plan, and of earlier ones: its rule and what it came to. */
  readonly charges: readonly StatementCharge[];
  /** One for each UTC day of the month, without gaps up to the newest figure. */
  readonly days: readonly StatementDay[];
  /** AWS cost seen but not counted, by category (Tax, Credit, Refund, Marketplace). */
  readonly excludedCost: readonly { readonly category: string; readonly usd: string }[];
  /** Every metering record whose units were owed for this month, oldest first. */
  readonly records: readonly StatementRecord[];
  readonly totals: StatementTotals;
}

export interface StatementCharge {
  readonly chargeId: string;
  readonly dimension: string;
  readonly unitPriceUsd: string;
  /** e.g. "20 % of the billed cost (BilledCost) of AWS account 111122223333, leaving out tax, credits, refunds, and AWS Marketplace charges". */
  readonly rule: string;
  /** What the rule counts; absent for a license fee. */
  readonly costUsd?: string;
  readonly ratedUsd: string;
}

export interface StatementDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly costUsd: string;
  /** AWS still marks the figure as estimated. */
  readonly estimated: boolean;
  /** Rated through this day, cumulative within the month. */
  readonly ratedCumulativeUsd: string;
  /** Accepted by AWS by the end of this day, cumulative within the month. */
  readonly billedCumulativeUsd: string;
}

export interface StatementRecord {
  /** The hour it was stamped with, ISO 8601; its month is the month of the invoice. */
  readonly hour: string;
  readonly dimension: string;
  /** Units of it that were owed for this service month; `recordQuantity` is the whole record. */
  readonly quantity: number;
  readonly recordQuantity: number;
  readonly unitPriceUsd: string;
  readonly amountUsd: string;
  readonly outcome: "pending" | "accepted" | "duplicate" | "expired" | "refused" | "in-doubt";
  /** AWS's id for it. */
  readonly meteringRecordId?: string;
  readonly sealedAt: Instant;
}

export interface StatementTotals {
  /** What the rules count, all percentage charges together. */
  readonly costUsd: string;
  /** Owed from earlier months and less than a unit, or not yet accepted; negative: credit. */
  readonly carriedInUsd: string;
  readonly ratedUsd: string;
  readonly billedUsd: string;
  readonly pendingUsd: string;
  readonly inDoubtUsd: string;
  readonly carriedUsd: string;
  readonly creditUsd: string;
  readonly forfeitedUsd: string;
  readonly acceptedUnits: number;
  readonly records: {
    readonly accepted: number;
    readonly duplicate: number;
    readonly expired: number;
    readonly refused: number;
    readonly inDoubt: number;
  };
}
