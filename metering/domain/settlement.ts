import type { MeteringRecord, Outcome } from "./chain.ts";
import type { Instant } from "./license.ts";
import { isOpen } from "./window.ts";

/** What AWS said of one record of a call that it answered (protocol-facts A7, layers 2 and 3). */
export type RecordAnswer =
  | { readonly kind: "accepted"; readonly meteringRecordId: string }
  | { readonly kind: "duplicate" }
  | { readonly kind: "not-subscribed" }
  /** Listed in UnprocessedRecords: surely not recorded, send the same again. */
  | { readonly kind: "unprocessed" }
  /** Not mentioned at all. Absence is never success, nor is it a refusal. */
  | { readonly kind: "missing" };

/** What became of one BatchMeterUsage call. */
export type Attempt =
  | { readonly kind: "answered"; readonly answers: readonly RecordAnswer[] }
  /** Layer 1: the whole call refused for what may be one record's fault. Nothing was taken. */
  | { readonly kind: "rejected"; readonly code: string; readonly serverTime?: Instant }
  /** Nothing was taken; the same call may go through later. */
  | { readonly kind: "busy"; readonly code: string }
  /** Nothing was taken, and trying again does not help: permission, region, product code. */
  | { readonly kind: "barred"; readonly code: string; readonly message: string }
  /** No definite answer: every record may have been taken. */
  | { readonly kind: "unanswered"; readonly cause: string };

/** What follows for one record. */
export type Settlement =
  | { readonly kind: "final"; readonly outcome: Outcome }
  | { readonly kind: "again" }
  /** Our clock or AWS's is wrong: nothing is concluded, a person is told. */
  | { readonly kind: "held"; readonly reason: string };

export interface RecordInFlight {
  readonly item: MeteringRecord;
  readonly endedAt: Instant | undefined;
  /** An earlier attempt, by whomever, may have been taken. */
  readonly possiblySent: boolean;
}

/** An answered call, for one of its records. */
export function settleAnswer(
  { possiblySent }: Pick<RecordInFlight, "possiblySent">,
  answer: RecordAnswer,
  at: Instant,
): Settlement {
  switch (answer.kind) {
    case "accepted":
      return final({ kind: "accepted", meteringRecordId: answer.meteringRecordId, at });
    case "duplicate":
      return final({ kind: "duplicate", at });
    case "not-subscribed":
      return final(untaken("CustomerNotSubscribed", possiblySent, at));
    case "unprocessed":
    case "missing":
      return { kind: "again" };
  }
}

/**
 * A record whose license AWS has called not subscribed in another record's answer. It isn't sent;
 * undefined: an earlier attempt may have been taken, so only AWS's own answer can settle it.
 */
export function settleStopped({ possiblySent }: RecordInFlight, at: Instant): Outcome | undefined {
  return possiblySent ? undefined : { kind: "refused", reason: "CustomerNotSubscribed", at };
}

/** A call of this one record alone, refused with a code that one record can cause. */
export function settleRejection(
  record: RecordInFlight,
  rejection: Extract<Attempt, { kind: "rejected" }>,
  at: Instant,
): Settlement {
  const { item, endedAt, possiblySent } = record;
  if (rejection.code === "TimestampOutOfBoundsException") {
    const serverTime = rejection.serverTime ?? at;
    if (isOpen(item.stamp, endedAt, serverTime)) {
      return { kind: "held", reason: "AWS refuses the timestamp although its window is open" };
    }
    return final(closed(possiblySent, at));
  }
  if (rejection.code === "ValidationException") {
    // Malformed by our own doing: mended, the same record goes through.
    return { kind: "held", reason: "AWS calls the record malformed (ValidationException)" };
  }
  return final(untaken(rejection.code, possiblySent, at));
}

/** A pending record whose window has closed: it can't be sent any more. */
export function settleClosed({ possiblySent }: RecordInFlight, at: Instant): Outcome {
  return closed(possiblySent, at);
}

function closed(possiblySent: boolean, at: Instant): Outcome {
  return possiblySent
    ? { kind: "in-doubt", reason: "the window closed before AWS gave a definite answer", at }
    : { kind: "expired", at };
}

/** A refusal proves that *this* attempt was not taken, and says nothing of an unanswered one. */
function untaken(reason: string, possiblySent: boolean, at: Instant): Outcome {
  return possiblySent
    ? { kind: "in-doubt", reason: `${reason} after an unanswered attempt`, at }
    : { kind: "refused", reason, at };
}

function final(outcome: Outcome): Settlement {
  return { kind: "final", outcome };
}
