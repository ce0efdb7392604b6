import type { Balance, RecordOutcome, Resolution } from "./statement.ts";

/**
 * The part of a dimension's ledger that a statement needs: from the first item that has to do with
 * the month to the last, without gaps.
 */
export interface StatementChain {
  readonly dimension: string;
  readonly opening: ChainOpening;
  readonly items: readonly StatementItem[];
  /** One; a second one where the license began with a Marketplace free trial. */
  readonly accounts: readonly ChainAccount[];
}

export interface ChainOpening {
  /** The number of the first item; absent without items. */
  readonly n?: number;
  /** Committed by all items before it. */
  readonly committedUsd: string;
  /** What evidence from there on corrects of them. */
  readonly correctedLaterUsd: string;
}

export type StatementItem = ItemRecord | ItemZeros | ItemEvidence;

export interface ItemRecord {
  readonly kind: "record";
  readonly n: number;
  readonly hour: string;
  readonly quantity: number;
  readonly unitPriceUsd: string;
  readonly amountUsd: string;
  readonly committedBeforeUsd: string;
  /** The most that might be committed when it was sealed … */
  readonly ratedTotalUsd: string;
  /** … and how much of that was left with it. */
  readonly leftUsd: string;
  readonly outcome: RecordOutcome;
  readonly meteringRecordId?: string;
  readonly reason?: string;
  readonly identifiedBy: "license-arn" | "product-code";
  readonly sealedAt: string;
  readonly phase?: "trial";
  readonly resolved?: Resolution;
  /** Its units by the service month that they were owed for; none if AWS billed nothing of it. */
  readonly parts: readonly ItemPart[];
}

export interface ItemPart {
  readonly month: string;
  readonly quantity: number;
  readonly amountUsd: string;
}

/** Consecutive records of no units, within a month. */
export interface ItemZeros {
  readonly kind: "zeros";
  readonly n: number;
  readonly through: number;
  readonly firstHour: string;
  readonly lastHour: string;
  readonly outcome: RecordOutcome;
}

export interface ItemEvidence {
  readonly kind: "evidence";
  readonly n: number;
  /** The record that it is about. */
  readonly aboutHour: string;
  readonly unitPriceUsd: string;
  /** Units that were thought to be billed, and that were. */
  readonly billedBefore: number;
  readonly billed: number;
  readonly correctionUsd: string;
  readonly source: string;
  readonly committedBeforeUsd: string;
  readonly ratedTotalUsd: string;
  readonly leftUsd: string;
  readonly sealedAt: string;
}

/** What is owed on a dimension and what was billed of it, trial and paid time apart. */
export interface ChainAccount {
  readonly phase: "paid" | "trial";
  /** What each service month was rated at, without gaps from the first to the newest. */
  readonly rated: readonly { readonly month: string; readonly usd: string }[];
  readonly ratedUsd: string;
  /** Committed before the first item, as known today. */
  readonly committedBeforeUsd: string;
  readonly service: Balance;
  readonly invoice: Balance;
}
