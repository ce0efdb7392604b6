import { randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { dynamoCosts, dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import { dynamoPasses } from "../../metering/adapters/dynamo-passes.ts";
import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { tableNames } from "../../metering/adapters/tables.ts";
import { createMetering, type MeteringDeps } from "../../metering/create-metering.ts";
import type { Charge, Plan } from "../../metering/domain/charges.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { CostSource } from "../../metering/ports.ts";
import { meteringService } from "../../sandbox/marketplace/batch-meter-usage.ts";
import { addAgreement, addProduct, emptyMarketplace } from "../../sandbox/marketplace/state.ts";

const SELLER = "999988887777";
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Mid-month, so that no month is closing: what a day costs is what most days cost. */
export const START = Date.UTC(2026, 2, 20, 0, 5);

const share: Charge = {
  id: "share",
  kind: "percentageOfCost",
  dimension: "cents",
  percent: "20",
  costMetric: "BilledCost",
  costScope: "account",
  exclude: ["Tax", "Credit", "Refund", "Marketplace"],
};
const fee: Charge = {
  id: "fee",
  kind: "license",
  dimension: "fee",
  perMonth: "4999.99",
  proration: "hourly",
};
const plan = (id: string, ...charges: Charge[]): Plan => ({ id, title: id, summary: "", charges });

/** One dimension that owes something every hour, one that does once a day, and both. */
export const PLANS = [
  plan("hourly-fee", fee),
  plan("daily-share", share),
  plan("both", { ...share, id: "share-2" }, { ...fee, id: "fee-2" }),
];

/** Metering with DynamoDB's adapters; AWS itself is the sandbox's rules, without wire. */
export async function benchWorld(
  document: DynamoDBDocumentClient,
  given: { readonly licenses: number; readonly planOf: (index: number) => string },
) {
  let now = START;
  let calls = 0;
  const aws = emptyMarketplace();
  addProduct(aws, {
    productCode: "code",
    productId: "prod-1",
    title: "Product",
    sellerAccountId: SELLER,
    dimensions: ["cents", "fee"],
  });
  const service = meteringService(aws);
  const table = { client: document, tableName: tableNames.ledger };
  const licenses = dynamoLicenses({
    client: document,
    tableName: tableNames.licenses,
    shards: 1,
    buckets: 1,
  });
  for (let index = 0; index < given.licenses; index++) {
    const license = licenseOf(index, given.planOf(index));
    addAgreement(aws, {
      agreementId: `agmt-${index}`,
      offerId: "offer-1",
      licenseArn: license.licenseArn,
      productCode: "code",
      buyerAccountId: license.buyerAccountId,
      acceptedAt: START - 30 * DAY,
      activatedAt: START - 30 * DAY,
    });
    const deployment = deploymentOf(license);
    await licenses.update(license.licenseId, () => license);
    await licenses.updateDeployment(license.licenseId, deployment.deploymentId, () => deployment);
  }
  const deps: MeteringDeps = {
    clock: { now: () => now },
    licenses,
    ledger: dynamoLedger(table),
    passes: dynamoPasses(table),
    costs: dynamoCosts(table),
    usage: { month: async () => undefined },
    entitlements: { periods: async () => undefined },
    allocations: memoryAllocations(),
    source: costSource,
    gateway: awsMeteringGateway(async (region, input) => {
      calls += 1;
      const wire = JSON.parse(JSON.stringify(input)) as { UsageRecords: { Timestamp: string }[] };
      const records = wire.UsageRecords.map((record) => ({
        ...record,
        Timestamp: Date.parse(record.Timestamp) / 1_000,
      }));
      const answer = service.batchMeterUsage(SELLER, region, { UsageRecords: records }, now, 1);
      return answer as never;
    }),
    alarms: {
      raise(alarm) {
        throw new Error(`the bench raised an alarm: ${JSON.stringify(alarm)}`);
      },
    },
    plans: PLANS.map((each) => ({ plan: each, since: 0 })),
    prices: {
      dimensions: ["cents", "fee"].map((dimension) => ({
        dimension,
        steps: [{ from: 0, unitPrice: "0.001" }],
      })),
      offers: [],
    },
    zeroRecords: false,
    newOwner: randomUUID,
    pause: async () => undefined,
    pace: async () => undefined,
  };
  return {
    worker: () => createMetering(deps),
    records: () => Object.keys(aws.records).length,
    calls: () => calls,
    moveTo(instant: number) {
      now = instant;
    },
  };
}

function licenseOf(index: number, planId: string): License {
  // Spread, as AWS's ids are: their hash decides when a license's cost is read.
  const licenseId = `l-${((BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) % 2n ** 128n).toString(16).padStart(32, "0")}`;
  return {
    licenseArn: `arn:aws:license-manager::294406891311:license:${licenseId}`,
    licenseId,
    productCode: "code",
    buyerAccountId: `${100_000_000_000 + index}`,
    agreementId: `agmt-${index}`,
    offerId: "offer-1",
    meteringRegion: "us-east-1",
    activatedAt: START - 30 * DAY,
    plan: { id: planId, since: START - 30 * DAY },
  };
}

function deploymentOf({ licenseId, buyerAccountId }: License): Deployment {
  return {
    deploymentId: `d-${licenseId}`,
    licenseId,
    accountId: buyerAccountId,
    partition: "aws",
    region: "eu-west-1",
    stackId: `arn:aws:cloudformation:eu-west-1:${buyerAccountId}:stack/product/${licenseId}`,
    templateVersion: "1.0.0",
    readRoleArn: `arn:aws:iam::${buyerAccountId}:role/read`,
    externalIds: ["external"],
    state: "active",
    registeredAt: START - 30 * DAY,
  };
}

/** A few dollars for each day; the days through yesterday are known. */
const costSource: CostSource = {
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
      days[day] = { estimated: true, usd: { Usage: `3.${at % 9_999_991}` } };
    }
    return { kind: "read", days, requests: 1 };
  },
  stack: async () => "exists",
};
