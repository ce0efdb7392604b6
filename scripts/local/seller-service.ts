import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { MarketplaceMeteringClient } from "@aws-sdk/client-marketplace-metering";
import { SQSClient } from "@aws-sdk/client-sqs";
import { randomBytes } from "node:crypto";
import type { Credentials } from "../../metering/adapters/aws-clients.ts";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import type { Metering } from "../../metering/create-metering.ts";
import { metersOf } from "../../metering/domain/usage-admission.ts";
import type { Alarm, Clock, Licenses, Usage } from "../../metering/ports.ts";
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
import type { CoreDeps } from "../../registration-site/core-deps.ts";
import { createUsageUseCases } from "../../registration-site/usage-use-cases.ts";
import { launchParameters } from "../../template-src/contract.ts";
import { launchUrl } from "../../template-src/publish/launch-link.ts";
import type { OpenPort } from "./listen.ts";
import { sellerMetering } from "./seller-metering.ts";

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
  const licenses = dynamoLicenses({
    client,
    tableName: tableNames.licenses,
    shards: 1,
    buckets: 1,
  });
  const metering = await sellerMetering({ ...options, client, licenses });
  const siteStore = dynamoSiteStore({ client, tableName: tableNames.site });
  const { credentials } = options;
  const aws = { credentials, systemClockOffset: clock.now() - Date.now() };
  // One for all who ask: it bounds how many questions to AWS are open at once.
  const identity = stsIdentity({ env: process.env, allowEndpointOverride: true });
  const useCases = createSiteUseCases({
    clock,
    licenses,
    siteStore,
    contacts: dynamoContacts({ client, tableName: tableNames.contacts }),
    marketplace: marketplaceResolver({
      client: new MarketplaceMeteringClient({ region, ...aws }),
      log,
    }),
    identity,
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
    usage: usageUseCases(options, client, { licenses, siteStore, identity }),
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
  { licenses, siteStore, identity }: Pick<CoreDeps, "licenses" | "siteStore" | "identity">,
) {
  const { origin } = sitePort;
  const deps = { clock, usageStore: usageStore(client), meters: metersOf(product.plans) };
  return createUsageUseCases({
    clock,
    licenses,
    siteStore,
    audience: origin,
    identity,
    tokens: usageTokens({ clock, origin, keys: () => usageTokenKeys }),
    recordUsage: (batch) => recordUsage(deps, batch),
    log,
  });
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
