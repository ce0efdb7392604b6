/**
 * One pass over many license-dimensions that are not kept anywhere: whatever memory grows with
 * their number is the pass's own. Prints the peak of the live heap in megabytes.
 */
import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { memoryPasses } from "../../metering/adapters/memory-ledger.ts";
import { createMetering } from "../../metering/create-metering.ts";
import type { License } from "../../metering/domain/license.ts";
import type { Licenses, Ledger } from "../../metering/ports.ts";
import { DAY, PLANS, START } from "./bench-world.ts";

const count = Number(process.argv[2]);
let seen = 0;
let peak = 0;

const ledger: Pick<Ledger, "head" | "item" | "seal" | "settle"> = {
  head: async () => undefined,
  item: async () => undefined,
  seal: async () => "sealed",
  settle: async () => "settled",
};

const licenses = {
  shards: 1,
  async *inShard() {
    for (let index = 0; index < count; index++) {
      if (index % 5_000 === 4_999) measure();
      yield licenseOf(index);
    }
  },
  deployments: async () => [],
} as unknown as Licenses;

const metering = createMetering({
  clock: { now: () => START },
  licenses,
  ledger: ledger as Ledger,
  passes: memoryPasses(),
  costs: {} as never,
  usage: { month: async () => undefined },
  entitlements: { periods: async () => undefined },
  allocations: memoryAllocations(),
  source: {} as never,
  gateway: {
    async send({ records }) {
      seen += records.length;
      return {
        kind: "answered",
        answers: records.map(({ item }) => ({ kind: "accepted", meteringRecordId: `${item.n}` })),
      };
    },
  },
  alarms: {
    raise(alarm) {
      throw new Error(alarm.message);
    },
  },
  plans: PLANS.map((plan) => ({ plan, since: 0 })),
  prices: {
    dimensions: [{ dimension: "fee", steps: [{ from: 0, unitPrice: "0.001" }] }],
    offers: [],
  },
  zeroRecords: false,
  newOwner: () => "bench",
  pause: async () => undefined,
  pace: async () => undefined,
});

await metering.pass(0);
measure();
if (seen !== count) throw new Error(`${seen} records instead of ${count}`);
process.stdout.write(String(peak));

function measure(): void {
  globalThis.gc?.();
  peak = Math.max(peak, process.memoryUsage().heapUsed / 2 ** 20);
}

function licenseOf(index: number): License {
  const licenseId = `l-${index.toString(16).padStart(32, "0")}`;
  return {
    licenseArn: `arn:aws:license-manager::294406891311:license:${licenseId}`,
    licenseId,
    productCode: "code",
    buyerAccountId: "111122223333",
    meteringRegion: "us-east-1",
    activatedAt: START - 30 * DAY,
    plan: { id: "hourly-fee", since: START - 30 * DAY },
  };
}
