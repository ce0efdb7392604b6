import { amountOf, type ChainItem, type ChainKey, type Outcome } from "./domain/chain.ts";
import { RECORDS_PER_CALL } from "./domain/limits.ts";
import { usdText } from "./domain/money.ts";
import { type Attempt, settleAnswer, settleClosed, settleRejection } from "./domain/settlement.ts";
import { isOpen } from "./domain/window.ts";
import type { Alarms, Clock, Ledger, MeteringBatchRecord, MeteringGateway } from "./ports.ts";

export interface ReportDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly gateway: MeteringGateway;
  readonly alarms: Alarms;
  /** Resolves when the next round may begin: back-off with jitter; instant in a simulation. */
  readonly pause: (round: number) => Promise<void>;
  /**
   * Records of this worker's own that an attempt may have been taken of. A worker that dies
   * forgets them, but then another takes them over, and that counts as possibly sent.
   */
  readonly possiblySent: Set<string>;
  /** The newest record of each chain that this worker has settled. */
  readonly settledThrough: Map<string, number>;
}

export function chainText({ licenseId, dimension }: ChainKey): string {
  return JSON.stringify([licenseId, dimension]);
}

/** How often a pass tries a record before it leaves it to the next pass. */
const ROUNDS_PER_PASS = 4;

/**
 * Sends sealed records, all owned by this worker, and settles what AWS answers.
 *
 * Safe to rerun at any point: a record is settled only on a definite answer, and what is sent
 * again is byte-identical, which AWS answers without billing again (I1, I2).
 */
export async function reportRecords(
  deps: ReportDeps,
  records: readonly MeteringBatchRecord[],
): Promise<void> {
  let batches = batchesOf(records);
  for (let round = 0; batches.length > 0 && round < ROUNDS_PER_PASS; round++) {
    if (round > 0) await deps.pause(round);
    const again: MeteringBatchRecord[] = [];
    for (const batch of batches) again.push(...(await sendBisecting(deps, batch)));
    batches = batchesOf(again);
  }
}

/** ≤ 25 records of one product and one region each (protocol-facts A7). */
function batchesOf(records: readonly MeteringBatchRecord[]): MeteringBatchRecord[][] {
  const groups = new Map<string, MeteringBatchRecord[]>();
  for (const record of records) {
    const group = JSON.stringify([record.license.meteringRegion, record.license.productCode]);
    groups.set(group, [...(groups.get(group) ?? []), record]);
  }
  return [...groups.values()].flatMap((group) => chunks(group, RECORDS_PER_CALL));
}

/**
 * Sends one batch; halves it while AWS refuses the whole of it for what may be one record's fault,
 * so that a bad record costs the others nothing (I6). Answers what is to be sent again.
 */
async function sendBisecting(
  deps: ReportDeps,
  batch: readonly MeteringBatchRecord[],
): Promise<MeteringBatchRecord[]> {
  const open = await settleClosedOnes(deps, batch);
  const [first] = open;
  if (first === undefined) return [];

  const before = new Set(open.map(keyText).filter((key) => deps.possiblySent.has(key)));
  for (const record of open) deps.possiblySent.add(keyText(record));
  const attempt = await deps.gateway.send({ region: first.license.meteringRegion, records: open });
  if (attempt.kind !== "unanswered") forget(deps, open, before, attempt);

  switch (attempt.kind) {
    case "answered":
      return settleAnswers(deps, open, attempt.answers);
    case "rejected": {
      if (open.length === 1) return settleLone(deps, first, attempt);
      const [left = [], right = []] = chunks(open, Math.ceil(open.length / 2));
      return [...(await sendBisecting(deps, left)), ...(await sendBisecting(deps, right))];
    }
    case "barred":
      alarm(deps, first, "barred", `${attempt.code}: ${attempt.message}. Nothing is lost yet.`);
      return [];
    case "busy":
    case "unanswered":
      return [...open];
  }
}

/** A definite answer: only those stay "possibly sent" that were so before, or weren't mentioned. */
function forget(
  deps: ReportDeps,
  open: readonly MeteringBatchRecord[],
  before: ReadonlySet<string>,
  attempt: Attempt,
): void {
  open.forEach((record, index) => {
    const missing = attempt.kind === "answered" && attempt.answers[index]?.kind === "missing";
    if (!missing && !before.has(keyText(record))) deps.possiblySent.delete(keyText(record));
  });
}

async function settleClosedOnes(
  deps: ReportDeps,
  batch: readonly MeteringBatchRecord[],
): Promise<MeteringBatchRecord[]> {
  const open: MeteringBatchRecord[] = [];
  for (const record of batch) {
    const { item, license } = record;
    if (isOpen(item.stamp, license.endedAt, deps.clock.now())) open.push(record);
    else await settle(deps, record, settleClosed(inFlight(deps, record), deps.clock.now()));
  }
  return open;
}

async function settleAnswers(
  deps: ReportDeps,
  records: readonly MeteringBatchRecord[],
  answers: Extract<Attempt, { kind: "answered" }>["answers"],
): Promise<MeteringBatchRecord[]> {
  const again: MeteringBatchRecord[] = [];
  for (const [index, record] of records.entries()) {
    const answer = answers[index] ?? { kind: "missing" };
    const settlement = settleAnswer(inFlight(deps, record), answer, deps.clock.now());
    if (settlement.kind === "final") await settle(deps, record, settlement.outcome);
    else again.push(record);
  }
  return again;
}

async function settleLone(
  deps: ReportDeps,
  record: MeteringBatchRecord,
  rejection: Extract<Attempt, { kind: "rejected" }>,
): Promise<MeteringBatchRecord[]> {
  const settlement = settleRejection(inFlight(deps, record), rejection, deps.clock.now());
  if (settlement.kind === "final") await settle(deps, record, settlement.outcome);
  if (settlement.kind === "held") alarm(deps, record, "held", settlement.reason);
  return [];
}

async function settle(
  deps: ReportDeps,
  record: MeteringBatchRecord,
  outcome: Outcome,
): Promise<void> {
  // Before the write: if its answer is lost, the record may be final all the same.
  deps.settledThrough.set(chainText(record.key), record.item.n);
  const settled = await deps.ledger.settle(record.key, record.item, outcome);
  deps.possiblySent.delete(keyText(record));
  if (settled === "lost" || outcome.kind === "accepted") return;
  alarm(deps, record, outcome.kind, "reason" in outcome ? outcome.reason : outcome.kind);
}

function inFlight(deps: ReportDeps, record: MeteringBatchRecord) {
  const { item, license } = record;
  const possiblySent = item.takenOver || deps.possiblySent.has(keyText(record));
  return { item, endedAt: license.endedAt, possiblySent };
}

function alarm(
  deps: ReportDeps,
  { key, item }: MeteringBatchRecord,
  kind: Exclude<Outcome["kind"], "accepted"> | "held" | "barred",
  message: string,
): void {
  deps.alarms.raise({ kind, ...key, usd: usdText(amountOf(item)), message });
}

function keyText({ key, item }: { key: MeteringBatchRecord["key"]; item: ChainItem }): string {
  return JSON.stringify([key.licenseId, key.dimension, item.n]);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
