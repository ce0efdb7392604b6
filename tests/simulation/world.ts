import { addAgreement, addProduct, emptyMarketplace } from "../../sandbox/marketplace/state.ts";
import { meteringService } from "../../sandbox/marketplace/batch-meter-usage.ts";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import type { BatchMeterUsage } from "../../metering/adapters/aws-metering-gateway.ts";
import { memoryCosts, memoryLedger, memoryPasses } from "../../metering/adapters/memory-ledger.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { Alarm, CostSource } from "../../metering/ports.ts";
import type { Random } from "./random.ts";
import { CALM, DAY, type Story } from "./story.ts";

export const LICENSE_ID = "l-0123456789abcdef0123456789abcdef";
export const LICENSE_ARN = `arn:aws:license-manager::294406891311:license:${LICENSE_ID}`;
const SELLER = "999988887777";
const BUYER = "111122223333";

/** AWS and the store, without the wire: one world for each run. */
export async function createWorld(story: Story, random: Random) {
  let now = story.start;
  const aws = emptyMarketplace();
  addProduct(aws, {
    productCode: "code",
    productId: "prod-1",
    title: "Product",
    sellerAccountId: SELLER,
    dimensions: ["cents", "fee"],
  });
  addAgreement(aws, {
    agreementId: "agmt-1",
    offerId: "offer-1",
    licenseArn: LICENSE_ARN,
    productCode: "code",
    buyerAccountId: BUYER,
    acceptedAt: story.activatedAt,
    activatedAt: story.activatedAt,
  });
  const service = meteringService(aws);
  const licenses = memoryLicenses({ data: noLicenses(), shards: 1 });
  await licenses.update(LICENSE_ID, () => licenseOf(story));
  await licenses.updateDeployment(LICENSE_ID, "d-1", () => deploymentOf(story));
  const calls: { input: unknown; error?: string }[] = [];

  const batchMeterUsage: BatchMeterUsage = async (region, input) => {
    const calm = now >= story.end;
    const happens = (probability: number) => !calm && random.chance(probability);
    const { faults } = story;
    const dark = !calm && story.darkness.some(({ from, to }) => now >= from && now < to);
    if (happens(faults.lostRequest)) throw broken("ECONNRESET");
    if (happens(faults.throttled)) throw refused("ThrottlingException", 400, now);
    if (happens(faults.serverError)) throw refused("InternalServiceErrorException", 500, now);
    const isUnprocessed = () => happens(faults.unprocessed);
    try {
      const wire = JSON.parse(JSON.stringify(input)) as { UsageRecords: { Timestamp: string }[] };
      const records = wire.UsageRecords.map((record) => ({
        ...record,
        Timestamp: Date.parse(record.Timestamp) / 1_000,
      }));
      const bytes = JSON.stringify(wire).length;
      const answer = service.batchMeterUsage(
        SELLER,
        region,
        { UsageRecords: records },
        now,
        bytes,
        isUnprocessed,
      );
      calls.push({ input });
      if (dark || happens(faults.lostAnswer)) throw broken("ECONNRESET");
      if (happens(faults.serverError)) throw refused("InternalServiceErrorException", 500, now);
      return answer as unknown as Awaited<ReturnType<BatchMeterUsage>>;
    } catch (error) {
      const { name } = error as Error;
      if (!name.endsWith("Exception") || name.startsWith("Internal")) throw error;
      calls.push({ input, error: name });
      throw refused(name, 400, now);
    }
  };

  const alarms: Alarm[] = [];
  return {
    story,
    aws,
    calls,
    alarms,
    licenses,
    clock: { now: () => now },
    ledger: memoryLedger({ staleHead: () => now < story.end && random.chance(story.staleReads) }),
    passes: memoryPasses(),
    usage: { month: async () => undefined },
    entitlements: { periods: async () => undefined },
    costs: memoryCosts(),
    source: costSource(story, () => now),
    gateway: awsMeteringGateway(batchMeterUsage),
    /** Forward only; what AWS and its events do by themselves happens on the way. */
    async advanceTo(instant: number) {
      now = Math.max(now, Math.min(instant, story.end + CALM));
      const license = aws.licenses[LICENSE_ARN];
      if (license === undefined) throw new Error("the license is unknown to AWS");
      const { suspended } = story;
      license.suspended = suspended !== undefined && now >= suspended.from && now < suspended.to;
      if (story.license === undefined || now < story.license.endedAt) return;
      license.endedAt = story.license.endedAt;
      if (now < story.license.heardAt) return;
      const { endedAt } = story.license;
      await licenses.update(LICENSE_ID, (known) =>
        known === undefined || known.endedAt !== undefined
          ? known
          : { ...known, endingAt: endedAt, endedAt },
      );
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

function licenseOf(story: Story): License {
  return {
    licenseArn: LICENSE_ARN,
    licenseId: LICENSE_ID,
    productCode: "code",
    buyerAccountId: BUYER,
    meteringRegion: "us-east-1",
    activatedAt: story.activatedAt,
    plan: { id: story.plan.id, since: story.activatedAt },
  };
}

function deploymentOf(story: Story): Deployment {
  return {
    deploymentId: "d-1",
    licenseId: LICENSE_ID,
    accountId: BUYER,
    partition: "aws",
    region: "eu-west-1",
    stackId: `arn:aws:cloudformation:eu-west-1:${BUYER}:stack/product/guid`,
    templateVersion: "1.0.0",
    readRoleArn: `arn:aws:iam::${BUYER}:role/read`,
    externalIds: ["external"],
    state: "active",
    registeredAt: story.registeredAt,
  };
}

/** The newest figure of each day that AWS shows at an instant. */
export function shownCost(story: Story, day: string, now: number): bigint | undefined {
  return story.costs[day]?.findLast(({ from }) => from <= now)?.usd14;
}

function costSource(story: Story, now: () => number): CostSource {
  return {
    describe: () => ({
      kind: "cost-explorer",
      lagHours: 24,
      finality: "",
      usdPerRequest: "0.01",
      paidBy: "buyer",
    }),
    async read({ from, to }) {
      const days: Record<string, { estimated: boolean; usd: { Usage: string } }> = {};
      for (let at = Date.parse(from); at < Date.parse(to); at += DAY) {
        const day = new Date(at).toISOString().slice(0, 10);
        const usd14 = shownCost(story, day, now());
        if (usd14 === undefined) continue;
        days[day] = { estimated: true, usd: { Usage: `${usd14}E-14` } };
      }
      return { kind: "read", days, requests: 1 };
    },
    stack: async () => "exists",
  };
}

function broken(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function refused(name: string, status: number, now: number): Error {
  return Object.assign(new Error(name), {
    name,
    $metadata: { httpStatusCode: status },
    $response: { headers: { date: new Date(now).toUTCString() } },
  });
}
