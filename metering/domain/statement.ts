import type { Charge, CostCategory } from "./charges.ts";
import type { StatementChain } from "./statement-chain.ts";

/**
 * A license's month, explained. All amounts are exact decimal strings in USD, all instants ISO 8601
 * in UTC.
 *
 * Everything on it can be recomputed from itself (`verify-statement.ts`): days × rule = rated,
 * units × price = billed, and both balances to the last digit (I3).
 */
export interface Statement {
  readonly licenseArn: string;
  readonly buyerAccountId: string;
  /** The last plan of the month. */
  readonly plan: { readonly id: string; readonly title: string };
  /** `YYYY-MM`, UTC: the service month and the invoice month. */
  readonly month: string;
  readonly generatedAt: string;
  readonly life: StatementLife;
  /** Which plan counted when, within the month. */
  readonly terms: readonly StatementTerm[];
  /** What a unit cost within the month. */
  readonly prices: readonly StatementPrice[];
  /** One for each definition that a charge had in the month; trial days apart. */
  readonly charges: readonly StatementCharge[];
  /** One for each UTC day of the month, without gaps up to the newest figure. */
  readonly days: readonly StatementDay[];
  /** AWS cost seen but not counted, by category (Tax, Credit, Refund, Marketplace). */
  readonly excludedCost: readonly { readonly category: string; readonly usd: string }[];
  /** What asking AWS for the cost cost by itself in this month. */
  readonly reading: readonly StatementReading[];
  /** Every metering record with units that were owed for this month, oldest first. */
  readonly records: readonly StatementRecord[];
  /** The ledger of each dimension, as far as it has to do with this month. */
  readonly chains: readonly StatementChain[];
  /** What could not be charged any more when the license's final hour closed. */
  readonly forfeited: readonly StatementForfeit[];
  /** Days for which AWS had reported no cost by then. */
  readonly unreportedDays: readonly string[];
  /** What was or shall be taken back from an invoice. */
  readonly adjustments: readonly StatementAdjustment[];
  /** By service month: what was rated for this month, on whichever invoice it stands. */
  readonly totals: StatementTotals;
  /** By invoice month: what is stamped within this month, whatever month it is for. */
  readonly invoice: Balance;
}

export interface StatementLife {
  readonly activatedAt: string;
  /** When the final run began, if it did. */
  readonly endsAt?: string;
  readonly endedAt?: string;
  /** Until then AWS charges nothing for what is metered. */
  readonly freeTrialEndsAt?: string;
}

export interface StatementTerm {
  readonly planId: string;
  readonly title: string;
  readonly from: string;
  readonly until: string;
  /** Whole UTC days of it. */
  readonly days: number;
  /** The seller's own trial: nothing is rated before. */
  readonly trialUntil?: string;
}

export interface StatementPrice {
  readonly dimension: string;
  readonly unitPriceUsd: string;
  /** Absent: from the beginning of the month. */
  readonly from?: string;
  readonly offerId?: string;
  readonly words: string;
}

export interface StatementCharge {
  readonly chargeId: string;
  readonly dimension: string;
  readonly planId: string;
  /** `trial`: for days of a Marketplace free trial, which AWS charges nothing for. */
  readonly phase: "paid" | "trial";
  /** The definition, as it was in force. */
  readonly charge: Charge;
  /** e.g. "20 % of the billed cost (BilledCost) of AWS account 111122223333, leaving out tax, credits, refunds, and AWS Marketplace charges". */
  readonly rule: string;
  readonly unitPriceUsd: string;
  /** When it ran within the month so far. */
  readonly periods: readonly { readonly from: string; readonly until: string }[];
  readonly working: Working;
  /** What the rule counts; for a percentage of cost only. */
  readonly costUsd?: string;
  /** What this definition alone comes to. */
  readonly ownUsd: string;
  /** Less than that where an earlier definition has paid the month, or a cap covers both. */
  readonly ratedUsd: string;
}

/** How a charge comes to its amount; the figures that a calculator needs. */
export type Working = CostWorking | UnitsWorking | FeeWorking | OnceWorking | TopUpWorking;

export interface CostWorking {
  readonly kind: "percentageOfCost";
  readonly days: readonly CostWorkingDay[];
  readonly steps: readonly WorkingStep[];
  /** Sum of the steps, floored once at 10⁻¹² USD. */
  readonly shareUsd: string;
  readonly bounds: WorkingBounds;
}

export interface CostWorkingDay {
  readonly date: string;
  readonly usd: Readonly<Partial<Record<CostCategory | "Usage", string>>>;
  /** Without the categories that the charge leaves out. */
  readonly countedUsd: string;
  readonly estimated: boolean;
}

export interface UnitsWorking {
  readonly kind: "perUnit";
  readonly days: readonly { readonly date: string; readonly units: string }[];
  readonly units: string;
  /** Units without a price; absent where a contract names no number, or was never read. */
  readonly includedUnits?: string;
  readonly includedBy: "plan" | "contract" | "contract-without-number" | "contract-unknown";
  readonly steps: readonly WorkingStep[];
  readonly shareUsd: string;
  readonly bounds: WorkingBounds;
}

/** `of` × `rate` = `comesToUsd`; the rate is a percentage, or the price of a unit. */
export interface WorkingStep {
  readonly above: string;
  readonly of: string;
  readonly rate: string;
  readonly comesToUsd: string;
}

export interface WorkingBounds {
  /** Whole days on which the charge ran, and days of the month. */
  readonly days: number;
  readonly ofDays: number;
  /** Its share for those days; owed once the month is over. */
  readonly minimumUsd?: string;
  readonly capUsd?: string;
}

export interface FeeWorking {
  readonly kind: "license";
  readonly unit: "month" | "day" | "hour";
  readonly counted: number;
  readonly of: number;
}

export interface OnceWorking {
  readonly kind: "oneTime";
  /** When it first ran, if that is in this month. */
  readonly firstRan?: string;
}

export interface TopUpWorking {
  readonly kind: "minimumSpend";
  /** What the plan's other charges came to. */
  readonly spentUsd: string;
  readonly bounds: WorkingBounds;
}

export interface StatementDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly costUsd: string;
  /** AWS still marks the figure as estimated, or has not reported it. */
  readonly estimated: boolean;
  /** Rated through this day, cumulative within the month. */
  readonly ratedCumulativeUsd: string;
  /** Accepted by AWS by the end of this day, cumulative within the month. */
  readonly billedCumulativeUsd: string;
}

export interface StatementReading {
  readonly deploymentId: string;
  readonly requests: number;
  readonly usd: string;
  readonly paidBy: "buyer" | "seller";
}

export interface StatementRecord {
  /** The hour it was stamped with; its month is the month of the invoice. */
  readonly hour: string;
  readonly dimension: string;
  /** Units of it that were owed for this service month; `recordQuantity` is the whole record. */
  readonly quantity: number;
  readonly recordQuantity: number;
  readonly unitPriceUsd: string;
  readonly amountUsd: string;
  readonly outcome: RecordOutcome;
  /** AWS's id for it. */
  readonly meteringRecordId?: string;
  /** Why AWS refused it, or why nobody knows what AWS did. */
  readonly reason?: string;
  /** Metered within a Marketplace free trial: AWS charges nothing for it. */
  readonly phase?: "trial";
  /** What was found out about a record in doubt or in conflict. */
  readonly resolved?: Resolution;
  readonly sealedAt: string;
}

export type RecordOutcome =
  "pending" | "accepted" | "duplicate" | "expired" | "refused" | "in-doubt";

export interface Resolution {
  /** Units of the record that AWS really billed. */
  readonly billed: number;
  /** Where that was seen. */
  readonly source: string;
  readonly at: string;
}

export interface StatementForfeit {
  readonly dimension: string;
  /** The day it is for; absent for what was left of earlier months. */
  readonly date?: string;
  readonly usd: string;
}

/** A billing adjustment of an issued invoice (`BatchCreateBillingAdjustmentRequest`). */
export interface StatementAdjustment {
  readonly requestId?: string;
  readonly invoiceId?: string;
  /** What is given back. */
  readonly usd: string;
  readonly reason: string;
  readonly state: "prepared" | "requested" | "completed" | "failed";
}

/** carried in + rated + credit = all that follows, exactly. */
export interface Balance {
  /** Owed from earlier months and less than a unit, or not yet accepted; negative: credit. */
  readonly carriedInUsd: string;
  readonly ratedUsd: string;
  readonly creditUsd: string;
  readonly billedUsd: string;
  /** Accepted within a Marketplace free trial, for which AWS charges nothing. */
  readonly freeTrialUsd: string;
  readonly pendingUsd: string;
  readonly inDoubtUsd: string;
  readonly carriedUsd: string;
  readonly forfeitedUsd: string;
  /** Rated for days of a free trial and not accepted when it ended. */
  readonly writtenOffUsd: string;
}

export interface StatementTotals extends Balance {
  /** What the rules count, each dollar of AWS's once. */
  readonly costUsd: string;
  readonly readingUsd: string;
  readonly readingRequests: number;
  readonly adjustedUsd: string;
  readonly acceptedUnits: number;
  /** Records of no units, stamped within this month; they are not listed. */
  readonly zeroRecords: number;
  readonly records: {
    readonly accepted: number;
    readonly duplicate: number;
    readonly expired: number;
    readonly refused: number;
    readonly inDoubt: number;
  };
}
