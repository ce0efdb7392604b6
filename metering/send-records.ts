import { amountOf, type Outcome } from "./domain/chain.ts";
import { mayBeSent } from "./domain/identification.ts";
import { usdText } from "./domain/money.ts";
import {
  type Attempt,
  type Settlement,
  settleAnswer,
  settleClosed,
  settleRejection,
  settleStopped,
} from "./domain/settlement.ts";
import type {
  Alarm,
  Alarms,
  Clock,
  Ledger,
  MeteringBatchRecord,
  MeteringGateway,
} from "./ports.ts";

export interface SendDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly gateway: MeteringGateway;
  readonly alarms: Alarms;
  /**
   * Records of this worker's own that an attempt may have been taken of. A worker that dies
   * forgets them, but then another takes them over, and that counts as possibly sent.
   */
  readonly possiblySent: Set<string>;
}

/** What is left to do after one call. What has an outcome by then is settled. */
export type Heard =
  | {
      readonly kind: "answered";
      /** To be sent again as they are. */
      readonly again: readonly MeteringBatchRecord[];
      /** Nothing is concluded; the next pass tries them again. */
      readonly held: readonly MeteringBatchRecord[];
      readonly notSubscribed: readonly MeteringBatchRecord[];
    }
  /** Refused together for what may be one record's fault. */
  | { readonly kind: "refused"; readonly records: readonly MeteringBatchRecord[] }
  | { readonly kind: "no-answer"; readonly again: readonly MeteringBatchRecord[] }
  | {
      readonly kind: "barred";
      readonly why: string;
      readonly records: readonly MeteringBatchRecord[];
    }
  /** Every window had closed: no call was made. */
  | { readonly kind: "nothing-sent" };

export function canBeSent(deps: Pick<SendDeps, "clock">, record: MeteringBatchRecord): boolean {
  return mayBeSent(record, deps.clock.now());
}

/**
 * One call. Windows are looked at here, right before it, because time may have passed since the
 * records were put together (I6). What AWS decided is settled before this returns.
 */
export async function sendRecords(
  deps: SendDeps,
  records: readonly MeteringBatchRecord[],
): Promise<Heard> {
  const open = records.filter((record) => canBeSent(deps, record));
  const closed = records.filter((record) => !open.includes(record));
  const [heard] = await all([
    callAndSettle(deps, open),
    ...closed.map((record) => settleClosedOne(deps, record)),
  ] as const);
  return heard;
}

async function callAndSettle(deps: SendDeps, open: readonly MeteringBatchRecord[]): Promise<Heard> {
  const [first] = open;
  if (first === undefined) return { kind: "nothing-sent" };
  const attempt = await attemptCall(deps, first.license.meteringRegion, open);
  switch (attempt.kind) {
    case "answered":
      return settleAnswers(deps, open, attempt.answers);
    case "rejected":
      if (open.length > 1) return { kind: "refused", records: open };
      return conclude(deps, first, settleRejection(inFlight(deps, first), attempt, now(deps)));
    case "barred":
      return { kind: "barred", why: `${attempt.code}: ${attempt.message}`, records: open };
    case "busy":
    case "unanswered":
      return { kind: "no-answer", again: open };
  }
}

/** Remembers, from before the call until a definite answer, that it may have been taken. */
async function attemptCall(
  { gateway, possiblySent }: SendDeps,
  region: string,
  records: readonly MeteringBatchRecord[],
): Promise<Attempt> {
  const earlier = new Set(records.map(recordText).filter((text) => possiblySent.has(text)));
  for (const record of records) possiblySent.add(recordText(record));
  const attempt = await gateway.send({ region, records });
  if (attempt.kind === "unanswered") return attempt;
  records.forEach((record, index) => {
    const isMissing =
      attempt.kind === "answered" && (attempt.answers[index]?.kind ?? "missing") === "missing";
    const text = recordText(record);
    if (!isMissing && !earlier.has(text)) possiblySent.delete(text);
  });
  return attempt;
}

async function settleAnswers(
  deps: SendDeps,
  records: readonly MeteringBatchRecord[],
  answers: Extract<Attempt, { kind: "answered" }>["answers"],
): Promise<Heard> {
  const answerOf = (index: number) => answers[index] ?? ({ kind: "missing" } as const);
  const settled = await all(
    records.map((record, index) =>
      conclude(deps, record, settleAnswer(inFlight(deps, record), answerOf(index), now(deps))),
    ),
  );
  return {
    kind: "answered",
    again: settled.flatMap(({ again }) => again),
    held: settled.flatMap(({ held }) => held),
    notSubscribed: records.filter((_, index) => answerOf(index).kind === "not-subscribed"),
  };
}

async function conclude(
  deps: SendDeps,
  record: MeteringBatchRecord,
  settlement: Settlement,
): Promise<Extract<Heard, { kind: "answered" }>> {
  if (settlement.kind === "final") await settle(deps, record, settlement.outcome);
  if (settlement.kind === "held") alarm(deps, record, "held", settlement.reason);
  return {
    kind: "answered",
    again: settlement.kind === "again" ? [record] : [],
    held: settlement.kind === "held" ? [record] : [],
    notSubscribed: [],
  };
}

async function settleClosedOne(deps: SendDeps, record: MeteringBatchRecord): Promise<void> {
  await settle(deps, record, settleClosed(inFlight(deps, record), now(deps)));
}

/** A record of a license that AWS calls not subscribed; answers whether it has an outcome now. */
export async function settleStoppedOne(
  deps: SendDeps,
  record: MeteringBatchRecord,
): Promise<boolean> {
  const outcome = settleStopped(inFlight(deps, record), now(deps));
  if (outcome !== undefined) await settle(deps, record, outcome);
  return outcome !== undefined;
}

async function settle(
  deps: SendDeps,
  record: MeteringBatchRecord,
  outcome: Outcome,
): Promise<void> {
  const settled = await deps.ledger.settle(record.key, record.item, outcome);
  deps.possiblySent.delete(recordText(record));
  if (settled === "lost" || outcome.kind === "accepted") return;
  alarm(deps, record, outcome.kind, "reason" in outcome ? outcome.reason : outcome.kind);
}

function inFlight(deps: SendDeps, record: MeteringBatchRecord) {
  const { item, license } = record;
  const possiblySent = item.takenOver || deps.possiblySent.has(recordText(record));
  return { item, endedAt: license.endedAt, possiblySent };
}

export function alarm(
  deps: Pick<SendDeps, "alarms">,
  { key, item }: MeteringBatchRecord,
  kind: Alarm["kind"],
  message: string,
): void {
  deps.alarms.raise({ kind, ...key, usd: usdText(amountOf(item)), message });
}

function now(deps: SendDeps) {
  return deps.clock.now();
}

function recordText({ key, item }: MeteringBatchRecord): string {
  return JSON.stringify([key.licenseId, key.dimension, item.n]);
}

/** Waits for all, then throws the first failure: nothing goes on behind a pass that has failed. */
export async function all<Work extends readonly unknown[] | []>(
  work: Work,
): Promise<{ -readonly [Place in keyof Work]: Awaited<Work[Place]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
