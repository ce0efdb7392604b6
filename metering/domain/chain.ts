import type { Month } from "./calendar.ts";
import { hourOf } from "./calendar.ts";
import { floorDivide, type Usd } from "./money.ts";
import type { Instant } from "./license.ts";
import { MAX_QUANTITY, REFUSAL_PAUSE_MS } from "./limits.ts";
import { type LicenseLife, type Slot, slotAt } from "./window.ts";

/**
 * The ledger of one license × dimension: items numbered 0, 1, 2 … without gaps.
 *
 * The key is the number, not the hour: item n+1 is put only if free and only after item n was read
 * final, so one condition on one item keeps two workers from billing the same money twice. Final
 * items never change, which makes eventually consistent reads safe (decision 0003).
 */
export interface ChainKey {
  readonly licenseId: string;
  readonly dimension: string;
}

export type ChainItem = MeteringRecord | Evidence;

/** What every item tells the next one, so that the newest alone is enough to go on from. */
interface Link {
  readonly n: number;
  readonly hour: Instant;
  /** Money committed by items 0 … n−1, at their own prices. */
  readonly committedBefore: Usd;
  /** The most that may be committed, this item included, by the figures it was sealed on. */
  readonly ratedTotal: Usd;
  /** Before those figures were read. */
  readonly observedAt: Instant;
  /** What months came to that can't change any more; absent while there is none. */
  readonly closed?: ClosedMonths | undefined;
  /** Committed by the end of a Marketplace free trial; absent without one, and while it lasts. */
  readonly trialCommitted?: Usd | undefined;
  readonly sealedAt: Instant;
  /** Who wrote it; of a record, who may send and settle it. */
  readonly owner: string;
}

/** All months through one, summed: a chain never needs more than the months that are still open. */
export interface ClosedMonths {
  readonly through: Month;
  readonly usd: Usd;
  /** The part that was rated for days of a Marketplace free trial, not in `usd`. */
  readonly trialUsd: Usd;
}

/** One sealed quantity for license × dimension × hour. */
export interface MeteringRecord extends Link {
  readonly kind: "record";
  /** The timestamp sent. */
  readonly stamp: Instant;
  readonly quantity: number;
  /** The price of one unit when it was sealed; a later price never revalues it. */
  readonly unitPrice: Usd;
  /** How AWS is told whose record it is; both for one hour would bill it twice. */
  readonly identifiedBy: "license-arn" | "product-code";
  /** SHA-256 of its usage allocations, which are stored apart. */
  readonly allocations?: string | undefined;
  /** Another worker sealed it: it may have been sent before. */
  readonly takenOver: boolean;
  /** Absent while sealed; then final for ever. */
  readonly outcome?: Outcome | undefined;
}

/**
 * What was found out about an earlier record that AWS gave no definite answer for. It corrects the
 * committed money from here on; the record itself is never edited (ledger-review 12).
 */
export interface Evidence extends Link {
  readonly kind: "evidence";
  /** The number of the record. */
  readonly about: number;
  /** Units of it that AWS really billed. */
  readonly billed: number;
  /** What that changes in the money committed: negative when less was billed than thought. */
  readonly correction: Usd;
  /** Where it was seen, in words, such as a CloudTrail event id. */
  readonly source: string;
}

/** What became of a record. Exactly one for each (I5); every case is expected, none is thrown. */
export type Outcome =
  | { readonly kind: "accepted"; readonly meteringRecordId: string; readonly at: Instant }
  /** AWS holds another quantity for this hour: somebody else wrote it. Stays committed. */
  | { readonly kind: "duplicate"; readonly at: Instant }
  /** Its window closed and no attempt can have been taken: the money is owed again. */
  | { readonly kind: "expired"; readonly at: Instant }
  /** AWS refused it and no attempt can have been taken: the money is owed again. */
  | { readonly kind: "refused"; readonly reason: string; readonly at: Instant }
  /** Possibly taken, and no way left to find out from AWS's answers. Stays committed. */
  | { readonly kind: "in-doubt"; readonly reason: string; readonly at: Instant };

export function isRecord(item: ChainItem): item is MeteringRecord {
  return item.kind === "record";
}

/** Sealed and without an outcome: the chain waits for it. */
export function isPending(item: ChainItem | undefined): item is MeteringRecord {
  return item?.kind === "record" && item.outcome === undefined;
}

export function amountOf(record: Pick<MeteringRecord, "quantity" | "unitPrice">): Usd {
  return BigInt(record.quantity) * record.unitPrice;
}

/** Whether its money may have reached the buyer's bill; such money is never owed again (I4). */
export function isCommitted(outcome: Outcome | undefined): boolean {
  return outcome === undefined || (outcome.kind !== "expired" && outcome.kind !== "refused");
}

/** Money committed by items 0 … n, this one included. */
export function committedThrough(item: ChainItem | undefined): Usd {
  if (item === undefined) return 0n;
  if (item.kind === "evidence") return item.committedBefore + item.correction;
  return item.committedBefore + (isCommitted(item.outcome) ? amountOf(item) : 0n);
}

/** A dimension's rated money, from inputs that were read after the chain's newest item. */
export interface RatedMoney {
  /** Σ of all charges on the dimension, all service periods, days of a free trial apart. */
  readonly usd: Usd;
  readonly trialUsd: Usd;
  readonly closed: ClosedMonths | undefined;
  readonly observedAt: Instant;
}

export interface SealInput {
  readonly head: ChainItem | undefined;
  readonly rated: RatedMoney;
  readonly unitPriceAt: (stamp: Instant) => Usd;
  readonly identifiedBy: (stamp: Instant) => MeteringRecord["identifiedBy"];
  readonly life: LicenseLife;
  /** When a Marketplace free trial ends: until then AWS bills nothing for what is metered. */
  readonly freeTrialEndsAt?: Instant | undefined;
  /** Whether an hour in which nothing is owed gets a record of 0 units (protocol-facts A7). */
  readonly zeroRecords: boolean;
  readonly now: Instant;
  readonly owner: string;
}

export type NextRecord =
  | { readonly kind: "seal"; readonly item: MeteringRecord }
  | {
      readonly kind: "wait";
      readonly for: "pending-record" | "refusal-pause" | "hour" | "owed-unit";
    };

/** The next record, or why there is none now. Pure: putting it is the caller's. */
export function nextRecord(input: SealInput): NextRecord {
  const { head, rated, life, now, owner } = input;
  if (isPending(head)) return wait("pending-record");
  if (head !== undefined && isPaused(head, now)) return wait("refusal-pause");

  const committedBefore = committedThrough(head);
  const slot = slotAt(life, head?.hour, now);
  const { ratedTotal, trialCommitted } = billable(input, committedBefore, slot?.stamp ?? now);
  const unitPrice = input.unitPriceAt(slot?.stamp ?? hourOf(now));
  const quantity = quantityFor(ratedTotal - committedBefore, unitPrice);
  if (quantity === 0 && !(slot !== undefined && isZeroWanted(input, slot))) {
    return wait("owed-unit");
  }
  if (slot === undefined) return wait("hour");
  const item: MeteringRecord = {
    kind: "record",
    n: head === undefined ? 0 : head.n + 1,
    ...slot,
    quantity,
    unitPrice,
    committedBefore,
    ratedTotal,
    observedAt: rated.observedAt,
    ...(rated.closed === undefined ? {} : { closed: rated.closed }),
    ...(trialCommitted === undefined ? {} : { trialCommitted }),
    identifiedBy: input.identifiedBy(slot.stamp),
    sealedAt: now,
    owner,
    takenOver: false,
  };
  return { kind: "seal", item };
}

/** A refused license is asked again once a day, not every hour. */
function isPaused(head: ChainItem, now: Instant): boolean {
  const outcome = head.kind === "record" ? head.outcome : undefined;
  return outcome?.kind === "refused" && now < outcome.at + REFUSAL_PAUSE_MS;
}

/**
 * The most that may be committed. A free trial is settled by itself: what was rated for its days
 * and not committed when it ended is never billed at the full price (ledger-review 17).
 */
function billable(
  { head, rated, freeTrialEndsAt }: SealInput,
  committedBefore: Usd,
  stamp: Instant,
): { ratedTotal: Usd; trialCommitted?: Usd | undefined } {
  if (freeTrialEndsAt === undefined || stamp < freeTrialEndsAt) {
    return { ratedTotal: rated.usd + rated.trialUsd };
  }
  const trialCommitted = head?.trialCommitted ?? committedBefore;
  return { ratedTotal: rated.usd + trialCommitted, trialCommitted };
}

/** Whole units, down, never negative (credit waits), capped (the rest waits an hour). */
function quantityFor(owed: Usd, unitPrice: Usd): number {
  const units = floorDivide(owed, unitPrice);
  if (units <= 0n) return 0;
  return units > BigInt(MAX_QUANTITY) ? MAX_QUANTITY : Number(units);
}

/** Never in the hour of the end: it is kept for the last reading (ledger-review 13). */
function isZeroWanted({ zeroRecords, life }: SealInput, slot: Slot): boolean {
  const ending = life.endedAt ?? life.endingAt;
  return zeroRecords && (ending === undefined || slot.hour < hourOf(ending));
}

function wait<Reason extends string>(reason: Reason) {
  return { kind: "wait", for: reason } as const;
}
