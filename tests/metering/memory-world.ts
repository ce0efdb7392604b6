import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { memoryCosts, memoryLedger, memoryPasses } from "../../metering/adapters/memory-ledger.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import { createMetering } from "../../metering/create-metering.ts";
import type { AllocateBy } from "../../metering/domain/allocations.ts";
import type { ChainKey } from "../../metering/domain/chain.ts";
import type { Plan } from "../../metering/domain/charges.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { Attempt } from "../../metering/domain/settlement.ts";
import type {
  Alarm,
  CostReading,
  CostRequest,
  CostSource,
  MeteringBatch,
} from "../../metering/ports.ts";
import { always, aPlan, aShare, aSource, PRICES, recordsOf } from "./fixtures.ts";

/** Metering over memory, with AWS's answers written by the test. */
export async function memoryWorld(given: {
  now: number;
  plans?: readonly Plan[];
  licenses?: readonly License[];
  deployments?: readonly Deployment[];
  allocateBy?: readonly AllocateBy[];
}) {
  let now = given.now;
  const sent: MeteringBatch[] = [];
  const requests: CostRequest[] = [];
  const alarms: Alarm[] = [];
  const licenses = memoryLicenses({ data: noLicenses(), shards: 1 });
  for (const license of given.licenses ?? []) {
    await licenses.update(license.licenseId, () => license);
  }
  for (const deployment of given.deployments ?? []) {
    const { licenseId, deploymentId } = deployment;
    await licenses.updateDeployment(licenseId, deploymentId, () => deployment);
  }
  const aws = {
    answer: (batch: MeteringBatch): Attempt => ({
      kind: "answered",
      answers: batch.records.map(({ item, license }) => ({
        kind: "accepted",
        meteringRecordId: `${license.licenseId}-${item.n}`,
      })),
    }),
    reading: (_: CostRequest): CostReading | Promise<CostReading> => ({
      kind: "read",
      days: {},
      requests: 1,
    }),
    stack: "exists" as Awaited<ReturnType<CostSource["stack"]>>,
  };
  let births = 0;
  const deps = {
    clock: { now: () => now },
    licenses,
    ledger: memoryLedger(),
    passes: memoryPasses(),
    usage: { month: async () => undefined },
    entitlements: { periods: async () => undefined },
    costs: memoryCosts(),
    source: {
      describe: () => aSource,
      async read(request: CostRequest) {
        requests.push(request);
        return aws.reading(request);
      },
      stack: async () => aws.stack,
    },
    gateway: {
      async send(batch: MeteringBatch) {
        sent.push(batch);
        return aws.answer(batch);
      },
    },
    alarms: { raise: (alarm: Alarm) => void alarms.push(alarm) },
    plans: always(given.plans ?? [aPlan(aShare)]),
    prices: PRICES,
    zeroRecords: false,
    newOwner: () => `worker-${(births += 1)}`,
    pause: async () => undefined,
    pace: async () => undefined,
    allocations: memoryAllocations(),
    allocateBy: given.allocateBy,
  };
  return {
    aws,
    deps,
    sent,
    requests,
    alarms,
    licenses,
    metering: createMetering(deps),
    records: async (key: ChainKey) => recordsOf(await deps.ledger.chain(key)),
    moveTo(instant: number) {
      now = instant;
    },
  };
}

export type MemoryWorld = Awaited<ReturnType<typeof memoryWorld>>;

/** A reading of the same cost for each day asked for. */
export function everyDay(usd: string) {
  return ({ from, to }: CostRequest): CostReading => {
    const days: Record<string, { estimated: boolean; usd: { Usage: string } }> = {};
    for (let day = Date.parse(from); day < Date.parse(to); day += 86_400_000) {
      const date = new Date(day).toISOString().slice(0, 10);
      days[date] = { estimated: true, usd: { Usage: usd } };
    }
    return { kind: "read", days, requests: 1 };
  };
}
