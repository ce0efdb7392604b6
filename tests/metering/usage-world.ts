import { memoryUsageStore } from "../../metering/adapters/memory-usage.ts";
import type { License } from "../../metering/domain/license.ts";
import type { UsageResult } from "../../metering/domain/usage-admission.ts";
import { recordUsage } from "../../metering/record-usage.ts";
import { usageOf } from "../../metering/roll-up-usage.ts";
import type { UsageStore } from "../../metering/ports.ts";

export const LICENSE_ID = `l-${"a".repeat(32)}`;
export const METER = "video_minutes";
export const at = (iso: string): number => Date.parse(iso);

export function aLicense(over: Partial<License> = {}): License {
  return {
    licenseArn: `arn:aws:license-manager::294406891311:license:${LICENSE_ID}`,
    licenseId: LICENSE_ID,
    productCode: "code",
    buyerAccountId: "111122223333",
    meteringRegion: "us-east-1",
    activatedAt: at("2026-01-15T10:20Z"),
    ...over,
  };
}

let made = 0;

/** A CloudEvent as JSON. */
export function anEvent(
  over: { quantity?: string; time?: string; id?: string; meter?: string } = {},
) {
  made += 1;
  const { id = `e-${made}`, time = "2026-03-01T13:05:00Z", quantity = "1", meter = METER } = over;
  return {
    specversion: "1.0",
    id,
    source: "/player",
    type: `com.example.usage.${meter}`,
    time,
    data: { quantity },
  };
}

/** The recording of usage over a store in memory, at a time that a test sets. */
export function aUsageWorld(over: { now?: string; store?: UsageStore } = {}) {
  const store = over.store ?? memoryUsageStore();
  const world = {
    now: at(over.now ?? "2026-03-01T13:10Z"),
    license: aLicense(),
    store,
    usage: usageOf(store),
    async record(...events: readonly unknown[]): Promise<UsageResult[]> {
      const { license } = world;
      return recordUsage(depsOn(world.store), { license, events });
    },
    async kinds(...events: readonly unknown[]): Promise<string[]> {
      return (await world.record(...events)).map(({ kind }) => kind);
    },
    hours: async (month = "2026-03", meter = METER) =>
      (await world.usage.month(LICENSE_ID, meter, month))?.hours,
  };
  const depsOn = (usageStore: UsageStore) => ({
    clock: { now: () => world.now },
    usageStore,
    meters: new Set([METER, "seats"]),
  });
  return world;
}
