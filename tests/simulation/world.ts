import {
  type MeteringService,
  meteringService,
} from "../../sandbox/marketplace/batch-meter-usage.ts";
import {
  addAgreement,
  addProduct,
  emptyMarketplace,
  type MarketplaceState,
} from "../../sandbox/marketplace/state.ts";
import { memoryCosts, memoryLedger, memoryPasses } from "../../metering/adapters/memory-ledger.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import { memoryUsageStore } from "../../metering/adapters/memory-usage.ts";
import type { Deployment } from "../../metering/domain/license.ts";
import type { Alarm, Costs, Ledger, Licenses, Passes, UsageStore } from "../../metering/ports.ts";
import type { WireRecord } from "./aws.ts";
import { costTruth, type CostTruth } from "./cost-truth.ts";
import { eventsOf, firstLicense } from "./events.ts";
import { type Random, seededRandom } from "./random.ts";
import { CALM, isWithin, type Story } from "./story.ts";
import { DIMENSIONS } from "./story-plans.ts";

export const SELLER = "999988887777";
export const PRODUCT = "code";

/** AWS, the store and the time, without the wire. */
export interface World {
  readonly story: Story;
  readonly aws: MarketplaceState;
  readonly service: MeteringService;
  readonly alarms: Alarm[];
  readonly licenses: Licenses;
  readonly ledger: Ledger;
  readonly passes: Passes;
  readonly usageStore: UsageStore;
  readonly costs: Costs;
  readonly truth: CostTruth;
  readonly clock: { now: () => number };
  isCalm(): boolean;
  /** What AWS refused by itself, or called not subscribed. */
  readonly refusals: WireRecord[];
  deploymentsNow(licenseId: string): readonly Deployment[];
  /** Called before a deployment's role goes, as the site does. */
  onDelete: (deploymentId: string, licenseId: string) => Promise<void>;
  /** Forward only; what AWS and its events do by themselves happens on the way. */
  advanceTo(instant: number): Promise<void>;
}

/** AWS and the store, without the wire: one world for each run. */
export async function createWorld(story: Story, random: Random, seed: number): Promise<World> {
  let now = story.start;
  const aws = emptyMarketplace();
  const listed = (names: readonly string[]) =>
    addProduct(aws, {
      productCode: PRODUCT,
      productId: "prod-1",
      title: "Product",
      sellerAccountId: SELLER,
      dimensions: names,
      concurrentAgreements: story.licenses.some(({ legacy }) => legacy !== undefined)
        ? "migrating"
        : true,
    });
  const data = noLicenses();
  const licenses = memoryLicenses({ data, shards: 1 });
  listed(DIMENSIONS);
  for (const license of story.licenses) {
    addAgreement(aws, {
      agreementId: `agmt-${license.id}`,
      offerId: license.offerId,
      licenseArn: license.arn,
      productCode: PRODUCT,
      buyerAccountId: license.buyer,
      acceptedAt: license.activatedAt,
      activatedAt: license.activatedAt,
    });
    await licenses.update(license.id, () => firstLicense(license));
  }
  const alarms: Alarm[] = [];
  const service = meteringService(aws);
  const truth = costTruth(story, seededRandom(seed ^ 0x5bd1e995));
  const events = story.licenses.flatMap((license) => eventsOf(license)).sort((a, b) => a.at - b.at);
  const refusals: WireRecord[] = [];

  const world: World = {
    story,
    aws,
    service,
    alarms,
    licenses,
    truth,
    refusals,
    clock: { now: () => now },
    isCalm: () => now >= story.end,
    ledger: memoryLedger({ staleHead: () => now < story.end && random.chance(story.staleReads) }),
    passes: memoryPasses(),
    usageStore: memoryUsageStore(),
    costs: memoryCosts(),
    deploymentsNow: (licenseId) => [...(data.deployments.get(licenseId)?.values() ?? [])],
    onDelete: async () => undefined,
    async advanceTo(instant) {
      const to = Math.min(instant, story.end + CALM);
      for (let next = events[0]; next !== undefined && next.at <= to; next = events[0]) {
        events.shift();
        now = Math.max(now, next.at);
        await next.happen(world);
      }
      now = Math.max(now, to);
      for (const { arn, suspended } of story.licenses) {
        const license = aws.licenses[arn];
        if (license !== undefined) license.suspended = isWithin(suspended, now);
      }
      const isUnlisted = story.unlisted !== undefined && isWithin([story.unlisted], now);
      listed(isUnlisted ? DIMENSIONS.filter((name) => name !== "units") : DIMENSIONS);
    },
  };
  return world;
}
