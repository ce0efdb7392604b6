import { floorDivide, type Usd } from "./money.ts";
import type { Instant } from "./license.ts";
import { MAX_QUANTITY, REFUSAL_PAUSE_MS } from "./limits.ts";
import { type LicenseLife, slotAt } from "./window.ts";

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

export interface ChainItem {
  readonly n: number;
  readonly hour: Instant;
  readonly stamp: Instant;
  readonly quantity: number;
  /** The price of one unit when it was sealed; a later price never revalues it. */
  readonly unitPrice: Usd;
  /** Money committed by items 0 … n−1, at their own prices. */
  readonly committedBefore: Usd;
  /** The rated total it was sealed on, and the revision of those figures. */
  readonly ratedTotal: Usd;
  readonly figuresRevision: number;
  readonly sealedAt: Instant;
  /** Who may send and settle it. */
  readonly owner: string;
  /** Another worker sealed it: it may have been sent before. */
  readonly takenOver: boolean;
  /** Absent while sealed; then final for ever. */
  readonly outcome?: Outcome;
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

export function amountOf(item: Pick<ChainItem, "quantity" | "unitPrice">): Usd {
  return BigInt(item.quantity) * item.unitPrice;
}

/** Whether its money may have reached the buyer's bill; such money is never owed again (I4). */
export function isCommitted(outcome: Outcome | undefined): boolean {
  return outcome === undefined || (outcome.kind !== "expired" && outcome.kind !== "refused");
}

/** Money committed by items 0 … n, this one included. */
export function committedThrough(item: ChainItem | undefined): Usd {
  if (item === undefined) return 0n;
  return item.committedBefore + (isCommitted(item.outcome) ? amountOf(item) : 0n);
}

export interface SealInput {
  readonly head: ChainItem | undefined;
  /** Σ of all charges on the dimension, all service periods; and the revision it comes from. */
  readonly rated: { readonly total: Usd; readonly revision: number };
  readonly unitPriceAt: (stamp: Instant) => Usd;
  readonly life: LicenseLife;
  readonly now: Instant;
  readonly owner: string;
}

/** The next record, or why there is none now. Pure: putting it is the caller's. */
export function nextRecord({ head, rated, unitPriceAt, life, now, owner }: SealInput):
  | { readonly kind: "seal"; readonly item: ChainItem }
  | {
      readonly kind: "wait";
      readonly for: "pending-record" | "newer-figures" | "refusal-pause" | "hour" | "owed-unit";
    } {
  if (head !== undefined && head.outcome === undefined) return wait("pending-record");
  if (head !== undefined && rated.revision < head.figuresRevision) return wait("newer-figures");
  if (head?.outcome?.kind === "refused" && now < head.outcome.at + REFUSAL_PAUSE_MS) {
    return wait("refusal-pause");
  }
  const slot = slotAt(life, head?.hour, now);
  if (slot === undefined) return wait("hour");

  const committedBefore = committedThrough(head);
  const unitPrice = unitPriceAt(slot.stamp);
  const quantity = quantityFor(rated.total - committedBefore, unitPrice);
  if (quantity === 0) return wait("owed-unit");
  const item: ChainItem = {
    n: head === undefined ? 0 : head.n + 1,
    ...slot,
    quantity,
    unitPrice,
    committedBefore,
    ratedTotal: rated.total,
    figuresRevision: rated.revision,
    sealedAt: now,
    owner,
    takenOver: false,
  };
  return { kind: "seal", item };
}

/** Whole units, down, never negative (credit waits), capped (the rest waits an hour). */
function quantityFor(owed: Usd, unitPrice: Usd): number {
  const units = floorDivide(owed, unitPrice);
  if (units <= 0n) return 0;
  return units > BigInt(MAX_QUANTITY) ? MAX_QUANTITY : Number(units);
}

function wait<Reason extends string>(reason: Reason) {
  return { kind: "wait", for: reason } as const;
}
