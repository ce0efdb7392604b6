import { callGroup, callGroupsOf, wireBytes } from "./domain/batching.ts";
import type { License } from "./domain/license.ts";
import type { Allocations, MeteringBatchRecord } from "./ports.ts";
import { createLane, type Failure, type Lane, type LaneDeps } from "./report-lane.ts";
import { alarm, all } from "./send-records.ts";

export interface ReporterDeps extends LaneDeps {
  readonly allocations: Pick<Allocations, "get">;
}

/**
 * Sends sealed records, all owned by this worker, and settles what AWS answers. One for each pass.
 *
 * Safe to rerun at any point: a record is settled only on a definite answer, and what is sent
 * again is byte-identical, which AWS answers without billing again (I1, I2).
 */
export interface Reporter {
  /**
   * Hands records over. Sends a call whenever one is full, so that 1,000 records take 40 calls in
   * whatever portions they come; waits while enough calls are under way, so that memory stays flat.
   */
  add(records: readonly MeteringBatchRecord[]): Promise<void>;
  /**
   * Sends what is left, once every `add` has resolved; answers the records that are still without
   * an outcome. Throws what failed, such as the store: then this worker knows nothing for sure any
   * more, and a new one must take its records over.
   */
  flush(): Promise<readonly MeteringBatchRecord[]>;
  /**
   * Whether a record of the license could be sent in this pass. Not so when its region has been
   * silent or AWS refuses its product: what isn't sealed now is owed later, with a later window.
   */
  accepts(license: Pick<License, "meteringRegion" | "productCode">): boolean;
}

export function createReporter(deps: ReporterDeps): Reporter {
  const failure: Failure = {};
  const lanes = new Map<string, Lane>();
  const left: MeteringBatchRecord[] = [];

  const laneOf = (region: string): Lane => {
    const lane = lanes.get(region) ?? createLane(deps, region, failure);
    lanes.set(region, lane);
    return lane;
  };

  async function addOne(given: MeteringBatchRecord): Promise<void> {
    if (failure.cause !== undefined) throw failure.cause.error;
    const record = await withAllocations(deps, given);
    if (record === undefined) left.push(given);
    else {
      const travelling = { record, bytes: wireBytes(record), tries: 0 };
      await laneOf(record.license.meteringRegion).add(callGroup(record), travelling);
    }
  }

  return {
    async add(records) {
      for (const record of records) await addOne(record);
    },
    async flush() {
      const unsettled = await all([...lanes.values()].map((lane) => lane.flush()));
      if (failure.cause !== undefined) throw failure.cause.error;
      return [...left.splice(0), ...unsettled.flat()];
    },
    accepts: (license) => lanes.get(license.meteringRegion)?.isOpen(callGroupsOf(license)) ?? true,
  };
}

/** The allocations that the record was sealed with: another list would be another record. */
async function withAllocations(
  deps: ReporterDeps,
  record: MeteringBatchRecord,
): Promise<MeteringBatchRecord | undefined> {
  const hash = record.item.allocations;
  if (hash === undefined || record.allocations !== undefined) return record;
  const allocations = await deps.allocations.get(hash);
  if (allocations !== undefined) return { ...record, allocations };
  alarm(deps, record, "held", `its usage allocations ${hash} are not in the store`);
  return undefined;
}
