import { memoryLedger } from "../../metering/adapters/memory-ledger.ts";
import type { Allocation } from "../../metering/domain/allocations.ts";
import { callGroup } from "../../metering/domain/batching.ts";
import { identifiedBy, mayBeSent } from "../../metering/domain/identification.ts";
import type { License } from "../../metering/domain/license.ts";
import type { Attempt, RecordAnswer } from "../../metering/domain/settlement.ts";
import type { Alarm, MeteringBatch, MeteringBatchRecord } from "../../metering/ports.ts";
import { createReporter } from "../../metering/report-records.ts";
import { aLicense, anItem, at } from "./fixtures.ts";

export const NOW = at("2026-03-15T12:05:00Z");
export const STAMP = at("2026-03-15T11:00:00Z");

export const licenseIdOf = (n: number) => `l-${n.toString(16).padStart(32, "0")}`;

export interface RecordOver {
  readonly dimension?: string;
  readonly license?: Partial<License>;
  readonly stamp?: number;
  readonly quantity?: number;
  readonly takenOver?: boolean;
}

/** A sealed record of its own license, not yet in a ledger. */
export function aRecord(n: number, over: RecordOver = {}): MeteringBatchRecord {
  const { dimension = "cents", stamp = STAMP, quantity = 7, takenOver = false } = over;
  const license = aLicense({ licenseId: licenseIdOf(n), ...over.license });
  return {
    license,
    key: { licenseId: license.licenseId, dimension },
    item: anItem({
      hour: stamp,
      stamp,
      quantity,
      takenOver,
      identifiedBy: identifiedBy(license, stamp),
    }),
  };
}

export const records = (count: number, over: RecordOver = {}) =>
  Array.from({ length: count }, (_, n) => aRecord(n, over));

export const answered = (
  batch: MeteringBatch,
  kind: (record: MeteringBatchRecord) => RecordAnswer["kind"] = () => "accepted",
): Attempt => ({
  kind: "answered",
  answers: batch.records.map((record) => {
    const answer = kind(record);
    return answer === "accepted" ? { kind: answer, meteringRecordId: "id" } : { kind: answer };
  }),
});

/**
 * AWS at the gateway's port, with answers written by the test. It answers all calls that are under
 * way at once, which makes a round, and is strict about what no call may ever be.
 */
export function scriptedAws(options: { now?: number } = {}) {
  let now = options.now ?? NOW;
  const waiting: (() => void)[] = [];
  const ledger = memoryLedger();
  const calls: MeteringBatch[] = [];
  const rounds: MeteringBatch[][] = [];
  const alarms: Alarm[] = [];
  const paused: number[] = [];
  const paced: string[] = [];
  const broken: string[] = [];
  const lists = new Map<string, readonly Allocation[]>();
  const script = {
    answer: (batch: MeteringBatch): Attempt | Promise<Attempt> => answered(batch),
    onPace: () => undefined as void,
  };

  async function send(batch: MeteringBatch): Promise<Attempt> {
    if (batch.records.length < 1 || batch.records.length > 25) broken.push("size");
    if (new Set(batch.records.map(callGroup)).size > 1) broken.push("group");
    if (!batch.records.every((record) => mayBeSent(record, now))) broken.push("window");
    calls.push(batch);
    if (waiting.length === 0) {
      rounds.push([]);
      setImmediate(() => waiting.splice(0).forEach((go) => go()));
    }
    rounds.at(-1)?.push(batch);
    await new Promise<void>((go) => waiting.push(go));
    return script.answer(batch);
  }

  const deps = {
    clock: { now: () => now },
    ledger,
    gateway: { send },
    alarms: { raise: (alarm: Alarm) => void alarms.push(alarm) },
    possiblySent: new Set<string>(),
    allocations: { get: async (hash: string) => lists.get(hash) },
    pause: async (round: number) => void paused.push(round),
    pace: async (region: string) => {
      paced.push(region);
      script.onPace();
    },
  };
  const reporter = createReporter(deps);
  return {
    deps,
    script,
    calls,
    rounds,
    alarms,
    paused,
    paced,
    broken,
    lists,
    reporter,
    moveTo: (instant: number) => void (now = instant),
    async seal(sealed: readonly MeteringBatchRecord[]) {
      for (const { key, item } of sealed) await ledger.seal(key, item);
    },
    /** Seals and hands over in portions, then sends the rest. */
    async report(sealed: readonly MeteringBatchRecord[], portion = sealed.length) {
      await this.seal(sealed);
      for (let from = 0; from < sealed.length; from += portion) {
        await reporter.add(sealed.slice(from, from + portion));
      }
      return reporter.flush();
    },
    async outcomeOf({ key }: MeteringBatchRecord): Promise<string> {
      return ((await ledger.head(key)) as { outcome?: { kind: string } }).outcome?.kind ?? "none";
    },
    async outcomes(of: readonly MeteringBatchRecord[]) {
      return Promise.all(of.map((record) => this.outcomeOf(record)));
    },
  };
}
