import { type ChainItem, committedThrough, type Evidence, isPending } from "./chain.ts";
import type { Instant } from "./license.ts";
import { MAX_QUANTITY } from "./limits.ts";

export interface Finding {
  /** The number of the record that is in doubt, or that AWS holds another quantity for. */
  readonly about: number;
  /** Units of it that AWS really billed; 0 means that it never took the record. */
  readonly billed: number;
  readonly source: string;
}

export type EvidenceResult =
  | { readonly kind: "evidence"; readonly item: Evidence }
  | { readonly kind: "refused"; readonly why: string };

/**
 * The item that resolves a record in doubt or in conflict. It is the only way: evidence is written
 * behind the chain's newest item, and corrects the committed money from there on (I5).
 */
export function evidenceOf(
  chain: readonly ChainItem[],
  { about, billed, source }: Finding,
  { now, owner }: { readonly now: Instant; readonly owner: string },
): EvidenceResult {
  const head = chain.at(-1);
  const record = chain[about];
  if (head === undefined || record?.kind !== "record") {
    return refused(`there is no metering record ${about} in this chain`);
  }
  if (record.outcome?.kind !== "in-doubt" && record.outcome?.kind !== "duplicate") {
    return refused(
      `record ${about} is ${record.outcome?.kind ?? "pending"}: only one that is in doubt or a conflicting duplicate needs evidence`,
    );
  }
  if (isPending(head)) {
    return refused(`record ${head.n} is still being sent: try again when it has an outcome`);
  }
  if (!Number.isInteger(billed) || billed < 0 || billed > MAX_QUANTITY) {
    return refused(`billed must be a whole number from 0 to ${MAX_QUANTITY}`);
  }
  const known = billedOf(chain, about);
  if (known !== undefined && known.billed === billed) {
    return refused(`evidence of ${billed} units is in the chain already (item ${known.n})`);
  }
  const before = known?.billed ?? record.quantity;
  const correction = (BigInt(billed) - BigInt(before)) * record.unitPrice;
  // A free trial is settled by itself: what it committed is corrected on both sides, or money that
  // was written off when it ended would be owed at the full price (ledger-review 17).
  const isOfEndedTrial = record.trialCommitted === undefined && head.trialCommitted !== undefined;
  const inTrial = isOfEndedTrial ? correction : 0n;
  const item: Evidence = {
    kind: "evidence",
    n: head.n + 1,
    hour: head.hour,
    about,
    billed,
    correction,
    source,
    committedBefore: committedThrough(head),
    ratedTotal: head.ratedTotal + inTrial,
    observedAt: head.observedAt,
    ...(head.closed === undefined ? {} : { closed: head.closed }),
    ...(head.trialCommitted === undefined ? {} : { trialCommitted: head.trialCommitted + inTrial }),
    sealedAt: now,
    owner,
  };
  return { kind: "evidence", item };
}

/** The newest evidence about a record. */
export function billedOf(chain: readonly ChainItem[], about: number): Evidence | undefined {
  return chain.findLast(
    (item): item is Evidence => item.kind === "evidence" && item.about === about,
  );
}

function refused(why: string): EvidenceResult {
  return { kind: "refused", why };
}
