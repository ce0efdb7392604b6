import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  type UsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import { readEventHistory } from "../../metering/adapters/cloud-trail.ts";
import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { memoryCosts, memoryLedger, memoryPasses } from "../../metering/adapters/memory-ledger.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import { createMetering } from "../../metering/create-metering.ts";
import type { License } from "../../metering/domain/license.ts";
import { reconcile } from "../../metering/reconcile.ts";
import { resolveInDoubt } from "../../metering/resolve-in-doubt.ts";
import { aFee, always, aPlan, at, BUYER, PRICES } from "./fixtures.ts";
import { wireWorld } from "./wire-world.ts";

export const HOUR = 3_600_000;
export const START = at("2026-03-09T20:30:00Z");
export const PERIOD = { start: at("2026-03-01T00:00:00Z"), end: at("2026-04-01T00:00:00Z") };

/** A license with a fee of $19 a month in tenths of a cent, metered over the wire. */
export async function reconcileWorld(over: Partial<License> = {}) {
  const world = await wireWorld(START, { concurrentAgreements: "migrating" });
  const { clock, sandbox } = world;
  const license = await world.subscribe(over);
  const { licenseId } = license;
  const licenses = memoryLicenses({ data: noLicenses(), shards: 1 });
  await licenses.update(licenseId, () => license);
  const ledger = memoryLedger();
  const costs = memoryCosts();
  let workers = 0;
  const metering = createMetering({
    clock,
    licenses,
    ledger,
    costs,
    passes: memoryPasses(),
    usage: { month: async () => undefined },
    entitlements: { periods: async () => undefined },
    source: world.source,
    gateway: world.gateway,
    alarms: { raise: () => undefined },
    plans: always([aPlan(aFee)]),
    prices: PRICES,
    zeroRecords: false,
    newOwner: () => `worker-${(workers += 1)}`,
    pause: async () => undefined,
    pace: async () => undefined,
    allocations: memoryAllocations(),
  });
  const trail = (region = "us-east-1", from = START) => {
    const client = new CloudTrailClient({
      region,
      endpoint: sandbox.origin,
      credentials: sandbox.sellerCredentials,
    });
    return readEventHistory(
      {
        lookupEvents: (_, input) => client.send(new LookupEventsCommand(input)),
        pace: async () => undefined,
        now: () => clock.now(),
      },
      region,
      { from, to: clock.now() },
    );
  };
  const deps = { clock, licenses, ledger, prices: PRICES, productCode: license.productCode };
  const key = { licenseId, dimension: "fee" };
  return {
    ...world,
    license,
    licenses,
    ledger,
    metering,
    key,
    deps,
    trail,
    pass: async (iso: string) => {
      clock.advanceTo(at(iso));
      await metering.pass(0);
    },
    moveTo: (iso: string) => void clock.advanceTo(at(iso)),
    fault: (kind: "lose-answer" | "lose-request", count = 1) =>
      world.control.addFault({
        service: "aws-marketplace",
        action: "BatchMeterUsage",
        kind,
        count,
      }),
    /** Another program of the seller's that meters, too. */
    somebodyMeters: (record: Partial<UsageRecord> = {}, region = "us-east-1") =>
      new MarketplaceMeteringClient({
        region,
        endpoint: sandbox.origin,
        credentials: sandbox.sellerCredentials,
      }).send(
        new BatchMeterUsageCommand({
          UsageRecords: [
            {
              Timestamp: new Date(clock.now() - HOUR),
              CustomerAWSAccountId: BUYER,
              LicenseArn: license.licenseArn,
              Dimension: "fee",
              Quantity: 5,
              ...record,
            },
          ],
        }),
      ),
    compare: async () => reconcile(deps, { period: PERIOD }, { trail: await trail() }),
    resolve: (finding: Parameters<typeof resolveInDoubt>[2]) =>
      resolveInDoubt({ clock, ledger, owner: "person" }, key, finding),
  };
}
