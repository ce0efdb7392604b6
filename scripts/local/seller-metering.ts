import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { GetEntitlementsCommand } from "@aws-sdk/client-marketplace-entitlement-service";
import { BatchMeterUsageCommand } from "@aws-sdk/client-marketplace-metering";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { awsClients, type Credentials } from "../../metering/adapters/aws-clients.ts";
import { awsEntitlements } from "../../metering/adapters/aws-entitlements.ts";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { chosenCostSource } from "../../metering/adapters/chosen-cost-source.ts";
import { dynamoAdjustments } from "../../metering/adapters/dynamo-adjustments.ts";
import { dynamoAllocations } from "../../metering/adapters/dynamo-allocations.ts";
import { dynamoEntitlements } from "../../metering/adapters/dynamo-entitlements.ts";
import { dynamoCosts, dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoPasses } from "../../metering/adapters/dynamo-passes.ts";
import { dynamoPlanBook } from "../../metering/adapters/dynamo-plan-book.ts";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import { createPacer } from "../../metering/adapters/pacer.ts";
import { tableNames } from "../../metering/adapters/tables.ts";
import { statementAdjustments } from "../../metering/adjust-billing.ts";
import { createMetering, type Metering } from "../../metering/create-metering.ts";
import { openPlanBook } from "../../metering/open-plan-book.ts";
import type { PlanBook } from "../../metering/domain/plan-book.ts";
import type { Alarm, Clock, Licenses } from "../../metering/ports.ts";
import { readEntitlements } from "../../metering/read-entitlements.ts";
import { usageOf } from "../../metering/roll-up-usage.ts";
import type { Product } from "../../product/definition.ts";
import type { SiteLog } from "../../registration-site/app.tsx";
import { COST_TAG_KEY } from "../../template-src/contract.ts";

export interface SellerMeteringOptions {
  readonly product: Product;
  readonly clock: Clock;
  /** Of the role that the seller's service runs as. */
  readonly credentials: () => Promise<Credentials>;
  readonly client: DynamoDBDocumentClient;
  readonly licenses: Licenses;
  readonly log: SiteLog;
  readonly alarm: (alarm: Alarm) => void;
}

/** Metering as the seller runs it: DynamoDB's adapters, and the SDK's clients for everything else. */
export async function sellerMetering(options: SellerMeteringOptions): Promise<Metering> {
  const { product, clock, client, licenses } = options;
  const table = { client, tableName: tableNames.ledger };
  const { versions, prices } = await rememberPlans(options);
  const aws = awsClients({ clock, credentials: options.credentials });
  const alarms = { raise: options.alarm };
  const entitlements = dynamoEntitlements(table);
  const entitlementSource = awsEntitlements((input) =>
    aws.entitlements().send(new GetEntitlementsCommand(input)),
  );
  return createMetering({
    clock,
    licenses,
    ledger: dynamoLedger(table),
    passes: dynamoPasses(table),
    costs: dynamoCosts(table),
    usage: usageOf(dynamoUsageStore({ client, tableName: tableNames.usage })),
    entitlements,
    readEntitlements: (asked) =>
      readEntitlements({ clock, entitlements, entitlementSource, alarms }, asked),
    allocations: dynamoAllocations(table),
    allocateBy: product.listing.allocateBy,
    source: chosenCostSource(
      { aws, sellerRegion: product.seller.meteringRegion, costTagKey: COST_TAG_KEY },
      product.costSource,
    ),
    gateway: awsMeteringGateway((region, input) =>
      aws.metering(region).send(new BatchMeterUsageCommand(input)),
    ),
    alarms,
    plans: versions,
    prices,
    adjustments: statementAdjustments(dynamoAdjustments(table)),
    zeroRecords: product.listing.zeroRecords,
    newOwner: randomUUID,
    ...createPacer({ monotonicNow: () => performance.now(), sleep, random: Math.random }),
  });
}

/** A product that contradicts what was billed must not start; what else changed is told. */
async function rememberPlans({
  product,
  clock,
  client,
  log,
}: SellerMeteringOptions): Promise<PlanBook> {
  const table = { client, tableName: tableNames.ledger };
  const planBook = dynamoPlanBook(table, product.listing.productCode);
  const opened = await openPlanBook({ clock, planBook }, product);
  if (opened.kind === "refused") {
    throw new Error(["The product can't be metered as it is:", ...opened.problems].join("\n  "));
  }
  for (const note of opened.notes) log("error", note);
  return opened.book;
}
