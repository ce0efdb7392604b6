import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  MarketplaceMeteringClient,
  BatchMeterUsageCommand,
} from "@aws-sdk/client-marketplace-metering";
import { SQSClient } from "@aws-sdk/client-sqs";
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { awsClients, type Credentials } from "../../metering/adapters/aws-clients.ts";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { costExplorerSource } from "../../metering/adapters/cost-explorer-source.ts";
import { dynamoCosts, dynamoFigures, dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import { dynamoPlanBook } from "../../metering/adapters/dynamo-plan-book.ts";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { createMetering, type Metering } from "../../metering/create-metering.ts";
import { openPlanBook } from "../../metering/open-plan-book.ts";
import type { Alarm, Clock, Licenses, Usage } from "../../metering/ports.ts";
import { metersOf } from "../../metering/domain/usage-admission.ts";
import { recordUsage } from "../../metering/record-usage.ts";
import { usageOf } from "../../metering/roll-up-usage.ts";
import type { Product } from "../../product/definition.ts";
import {
  dynamoContacts,
  dynamoSiteStore,
} from "../../registration-site/adapters/dynamo-site-store.ts";
import { marketplaceResolver } from "../../registration-site/adapters/marketplace-resolver.ts";
import { pollLifecycleQueue } from "../../registration-site/adapters/sqs-lifecycle.ts";
import { stsIdentity } from "../../registration-site/adapters/sts-identity.ts";
import { type UsageTokenKey, usageTokens } from "../../registration-site/adapters/usage-tokens.ts";
import { createApp, type SiteLog } from "../../registration-site/app.tsx";
import { applyLifecycleEvent } from "../../registration-site/apply-lifecycle-event.ts";
import { createSiteUseCases } from "../../registration-site/create-site-use-cases.ts";
import type {
  InstallCode,
  MeteringForSite,
  PublishedTemplate,
} from "../../registration-site/ports.ts";
import type { SiteStore } from "../../registration-site/site-store.ts";
import { createUsageUseCases } from "../../registration-site/usage-use-cases.ts";
import { COST_TAG_KEY, launchParameters } from "../../template-src/contract.ts";
import { launchUrl } from "../../template-src/publish/launch-link.ts";
import type { OpenPort } from "./listen.ts";

export interface SellerServiceOptions {
  readonly product: Product;
  readonly clock: Clock;
  readonly template: PublishedTemplate;
  readonly storeEndpoint: string;
  /** Of the role that the seller's service runs as. */
  readonly credentials: () => Promise<Credentials>;
  readonly queueUrl: string;
  /** Where the console is: the sandbox's origin. */
  readonly consoleOrigin: string;
  readonly marketplaceUrl: string;
  /** Where buyers reach the site. */
  readonly sitePort: OpenPort;
  /** Sign the tokens with which deployments send usage; newest first. */
  readonly usageTokenKeys: readonly UsageTokenKey[];
  readonly log: SiteLog;
  readonly alarm: (alarm: Alarm) => void;
}

export interface SellerService {
  readonly origin: string;
  readonly licenses: Licenses;
  readonly metering: Metering;
  /** What was recorded of product usage. */
  readonly usage: Usage;
  /** Measures, rates, seals and reports for every license. */
  meterAll(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The seller's side in one process: the registration site, its queue consumer, and metering, over
 * the real SDK clients. Endpoints and credentials come from the environment, as anywhere.
 */
export async function startSellerService(options: SellerServiceOptions): Promise<SellerService> {
  const { product, clock, log } = options;
  const region = product.seller.meteringRegion;
  const database = new DynamoDBClient({
    region,
    endpoint: options.storeEndpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await ensureTables(database);
  const client = documentClient(database);
  await rememberPlans(options, client);
  const licenses = dynamoLicenses({
    client,
    tableName: tableNames.licenses,
    shards: 1,
    buckets: 1,
  });
  const metering = createMetering({
    clock,
    licenses,
    ...meteringAdapters(options, client),
    alarms: { raise: options.alarm },
    plans: product.plans,
    dimensions: product.listing.dimensions,
    newOwner: randomUUID,
    pause: (round) => sleep(2 ** round * 50 * (0.5 + Math.random())),
  });
  const siteStore = dynamoSiteStore({ client, tableName: tableNames.site });
  const { credentials } = options;
  const aws = { credentials, systemClockOffset: clock.now() - Date.now() };
  const useCases = createSiteUseCases({
    clock,
    licenses,
    siteStore,
    contacts: dynamoContacts({ client, tableName: tableNames.contacts }),
    marketplace: marketplaceResolver({
      client: new MarketplaceMeteringClient({ region, ...aws }),
      log,
    }),
    identity: stsIdentity({ env: process.env, allowEndpointOverride: true }),
    metering: forSite(metering),
    product,
    audience: options.sitePort.origin,
    randomBytes,
    // A person pushes this clock by days; nobody wants to sign in again after each push.
    sessionMs: 7 * 24 * 3_600_000,
    log,
  });
  const app = createApp({
    useCases,
    usage: usageUseCases(options, client, { licenses, siteStore }),
    product,
    template: () => options.template,
    launchUrl: (input) => launchLink(options, input),
    origin: options.sitePort.origin,
    marketplaceUrl: options.marketplaceUrl,
    clock,
    secureCookies: false,
    log,
  });
  options.sitePort.answerWith((request) => app.fetch(request));
  const poller = pollLifecycleQueue({
    client: new SQSClient({ region: "us-east-1", ...aws }),
    queueUrl: options.queueUrl,
    apply: (envelope) => applyLifecycleEvent({ licenses, siteStore, product, log }, envelope),
    log,
  });
  return {
    origin: options.sitePort.origin,
    licenses,
    metering,
    usage: usageOf(usageStore(client)),
    async meterAll() {
      for (let shard = 0; shard < licenses.shards; shard++) await metering.pass(shard);
    },
    async close() {
      await poller.stop();
      database.destroy();
    },
  };
}

const usageStore = (client: ReturnType<typeof documentClient>) =>
  dynamoUsageStore({ client, tableName: tableNames.usage });

/** Deployments of every product may ask; one whose plans count no usage refuses every event. */
function usageUseCases(
  { product, clock, sitePort, usageTokenKeys, log }: SellerServiceOptions,
  client: ReturnType<typeof documentClient>,
  { licenses, siteStore }: { licenses: Licenses; siteStore: SiteStore },
) {
  const { origin } = sitePort;
  const deps = { clock, usageStore: usageStore(client), meters: metersOf(product.plans) };
  return createUsageUseCases({
    clock,
    licenses,
    siteStore,
    audience: origin,
    identity: stsIdentity({ env: process.env, allowEndpointOverride: true }),
    tokens: usageTokens({ clock, origin, keys: () => usageTokenKeys }),
    recordUsage: (batch) => recordUsage(deps, batch),
    log,
  });
}

/** A product that contradicts what was billed must not start; what else changed is told. */
async function rememberPlans(
  { product, clock, log }: SellerServiceOptions,
  client: ReturnType<typeof documentClient>,
): Promise<void> {
  const table = { client, tableName: tableNames.ledger };
  const planBook = dynamoPlanBook(table, product.listing.productCode);
  const opened = await openPlanBook({ clock, planBook }, product);
  if (opened.kind === "refused") {
    throw new Error(["The product can't be metered as it is:", ...opened.problems].join("\n  "));
  }
  for (const note of opened.notes) log("error", note);
}

function meteringAdapters(
  { product, clock, credentials }: SellerServiceOptions,
  client: ReturnType<typeof documentClient>,
) {
  const table = { client, tableName: tableNames.ledger };
  const aws = awsClients({ clock, credentials });
  return {
    ledger: dynamoLedger(table),
    figures: dynamoFigures(table),
    costs: dynamoCosts(table),
    source: costExplorerSource({
      aws,
      sellerRegion: product.seller.meteringRegion,
      costTagKey: COST_TAG_KEY,
    }),
    gateway: awsMeteringGateway((region, input) =>
      aws.metering(region).send(new BatchMeterUsageCommand(input)),
    ),
  };
}

function forSite(metering: Metering): MeteringForSite {
  return {
    statement: (licenseId, month) => metering.statement(licenseId, month),
    statementMonths: (licenseId) => metering.statementMonths(licenseId),
    readFinalCost: (deployment, timeoutMs) => metering.readFinalCost(deployment, timeoutMs),
    async meterStatus({ deploymentId }) {
      const { lastDay, readAt, problem } = (await metering.meterStatus(deploymentId)) ?? {};
      return {
        ...(lastDay === undefined ? {} : { lastCostDay: lastDay }),
        ...(readAt === undefined ? {} : { lastReadAt: readAt }),
        ...(problem === undefined ? {} : { readProblem: problem.message }),
      };
    },
  };
}

function launchLink(
  { product, template, consoleOrigin }: SellerServiceOptions,
  { region, size, code }: { region: string; size: string; code: InstallCode },
): string {
  return launchUrl({
    region,
    templateUrl: template.url,
    stackName: product.name,
    parameters: {
      [launchParameters.installCode]: code.code,
      [launchParameters.externalIds]: code.externalIds.join(","),
      [launchParameters.size]: size,
    },
    consoleOrigin,
  });
}
