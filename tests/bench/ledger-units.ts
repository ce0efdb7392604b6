import { benchWorld, HOUR, PLANS, START } from "./bench-world.ts";
import { meteredClient, startBenchStore, type UnitsByKind } from "./bench-store.ts";

const LICENSES = 300;
const PASSES_AN_HOUR = 4;
const HOURS_A_DAY = 24;
/** One hour of a day, in which two workers meter the same shard at once. */
const RACE_AT = 7;

export interface LedgerUnits {
  readonly records: number;
  /** With the calls that are not full because the hour's records were all sent. */
  readonly callsPer1000RecordsByTheHour: number;
  readonly writeUnitsPerRecord: number;
  readonly readUnitsPerRecord: number;
  /** Storing what a day cost, and when it was read: not part of the two above. */
  readonly costReportWriteUnitsPerRecord: number;
  readonly costReportReadUnitsPerRecord: number;
  readonly unitsByKind: Record<string, { write: number; read: number }>;
}

/**
 * A day of a seller with hourly and daily records, passed over every quarter of an hour; in one
 * hour two workers meter the same shard at once. Every unit counts, lost races too; those of cost
 * reports apart.
 */
export async function ledgerUnits(): Promise<LedgerUnits> {
  const store = await startBenchStore();
  const units: UnitsByKind = new Map();
  try {
    const client = meteredClient(store.document, units);
    const world = await benchWorld(client, {
      licenses: LICENSES,
      planOf: (index) => PLANS[index % PLANS.length]!.id,
    });
    const [one, other] = [world.worker(), world.worker()];
    const passAt = async (hour: number) => {
      const races = hour === HOURS_A_DAY + RACE_AT;
      for (let pass = 0; pass < PASSES_AN_HOUR; pass++) {
        world.moveTo(START + hour * HOUR + (pass * HOUR) / PASSES_AN_HOUR);
        await Promise.all([one.pass(0), ...(races ? [other.pass(0)] : [])]);
      }
    };
    // After a day everything is up to date and read at its hour: the next is like any other.
    for (let hour = 0; hour < HOURS_A_DAY; hour++) await passAt(hour);
    units.clear();
    const before = { records: world.records(), calls: world.calls() };
    for (let hour = HOURS_A_DAY; hour < 2 * HOURS_A_DAY; hour++) await passAt(hour);
    const records = world.records() - before.records;
    const reports = units.get("COST") ?? { write: 0, read: 0 };
    const all = [...units.values()].reduce(
      (sum, { write, read }) => ({ write: sum.write + write, read: sum.read + read }),
      { write: 0, read: 0 },
    );
    return {
      records,
      callsPer1000RecordsByTheHour: ((world.calls() - before.calls) / records) * 1_000,
      writeUnitsPerRecord: (all.write - reports.write) / records,
      readUnitsPerRecord: (all.read - reports.read) / records,
      costReportWriteUnitsPerRecord: reports.write / records,
      costReportReadUnitsPerRecord: reports.read / records,
      unitsByKind: Object.fromEntries(units),
    };
  } finally {
    store.close();
  }
}
