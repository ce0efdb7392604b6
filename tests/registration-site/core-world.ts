import { createHash, randomBytes } from "node:crypto";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import type { License } from "../../metering/domain/license.ts";
import type { Licenses } from "../../metering/ports.ts";
import type { Product } from "../../product/definition.ts";
import {
  memoryContacts,
  memorySiteStore,
} from "../../registration-site/adapters/memory-site-store.ts";
import { stsIdentity } from "../../registration-site/adapters/sts-identity.ts";
import { applyLifecycleEvent } from "../../registration-site/apply-lifecycle-event.ts";
import type { CoreDeps, MarketplaceResolver } from "../../registration-site/core-deps.ts";
import { createSiteUseCases } from "../../registration-site/create-site-use-cases.ts";
import type { MeteringForSite, Session } from "../../registration-site/ports.ts";
import type { SiteStore } from "../../registration-site/site-store.ts";
import {
  type AccountProof,
  type CallbackEnvelope,
  type CallbackPayload,
  PROOF_REQUEST,
} from "../../template-src/contract.ts";
import { type RoleSession, sign, type StrictSts } from "./strict-sts.ts";

export const SELLER = "999988887777";
export const BUYER = "111122223333";
export const OTHER_ACCOUNT = "444455556666";
export const AUDIENCE = "https://site.example.com";
export const NOW = Date.UTC(2026, 10, 21, 12);
const PRODUCT_CODE = "exampleproductcode0000001";

export function aProduct(over: Partial<Product> = {}): Product {
  return {
    title: "Example",
    name: "example",
    listing: {
      productCode: PRODUCT_CODE,
      productId: "prod-example",
      dimensions: [{ name: "cents", description: "Cents", unitPrice: "0.01" }],
      zeroRecords: false,
      identifiedBy: "license-arn",
    },
    seller: {
      name: "Example Seller",
      accountId: SELLER,
      supportEmail: "support@example.com",
      meteringRegion: "us-east-1",
    },
    costSource: { kind: "cost-explorer" },
    plans: [
      {
        id: "share",
        title: "Share",
        summary: "20 % of cost",
        charges: [
          {
            kind: "percentageOfCost",
            id: "share-of-cost",
            dimension: "cents",
            percent: "20",
            costMetric: "BilledCost",
            costScope: "account",
            exclude: [],
          },
        ],
      },
      {
        id: "flat",
        title: "Flat",
        summary: "$19 a month",
        charges: [
          { kind: "license", id: "fee", dimension: "cents", perMonth: "19", proration: "daily" },
        ],
      },
      {
        id: "tagged",
        title: "Tagged",
        summary: "20 % of what carries the tag",
        charges: [
          {
            kind: "percentageOfCost",
            id: "share-of-tag",
            dimension: "cents",
            percent: "20",
            costMetric: "BilledCost",
            costScope: "tag",
            exclude: [],
          },
        ],
      },
    ],
    launchStack: {
      version: "1.0.0",
      regions: ["eu-central-1", "us-east-1"],
      sizes: ["dev", "production"],
      defaultSize: "production",
    },
    ...over,
  };
}

export interface World extends CoreDeps {
  now: number;
  readonly lines: string[];
  readonly finalReads: string[];
}

/** The core over memory stores and a real wire to the strict STS. */
export function aWorld(
  sts: Pick<StrictSts, "url">,
  over: Partial<Omit<CoreDeps, "clock" | "log">> = {},
): World {
  const lines: string[] = [];
  const finalReads: string[] = [];
  const world: World = {
    now: NOW,
    lines,
    finalReads,
    clock: { now: () => world.now },
    licenses: memoryLicenses({ data: noLicenses(), shards: 4 }),
    siteStore: memorySiteStore(),
    contacts: memoryContacts(),
    marketplace: tokenTable({}),
    identity: stsIdentity({ env: { AWS_ENDPOINT_URL_STS: sts.url }, allowEndpointOverride: true }),
    metering: quietMetering(finalReads),
    product: aProduct(),
    audience: AUDIENCE,
    randomBytes: (length) => randomBytes(length),
    log: (level, message, fields) => lines.push(JSON.stringify({ level, message, ...fields })),
    ...over,
  };
  return world;
}

export const useCasesOf = (world: CoreDeps) => createSiteUseCases(world);

function quietMetering(finalReads: string[]): MeteringForSite {
  return {
    statement: async () => undefined,
    statementMonths: async () => [],
    readFinalCost: async (deployment) => {
      finalReads.push(deployment.deploymentId);
      return "read";
    },
    meterStatus: async () => ({}),
  };
}

/** ResolveCustomer by a table of tokens. */
export function tokenTable(
  table: Readonly<Record<string, Awaited<ReturnType<MarketplaceResolver["resolve"]>>>>,
): MarketplaceResolver {
  return { resolve: async (token) => table[token] ?? { kind: "invalid-token" } };
}

export const licenseArnOf = (licenseId: string) =>
  `arn:aws:license-manager::294406891311:license:${licenseId}`;

let licensesMade = 0;

/** A license that AWS activated an hour ago. */
export async function anActiveLicense(
  { licenses }: { licenses: Licenses },
  over: Partial<License> = {},
): Promise<License> {
  licensesMade += 1;
  const licenseId = over.licenseId ?? `l-${licensesMade.toString(16).padStart(32, "0")}`;
  const license: License = {
    licenseArn: licenseArnOf(licenseId),
    licenseId,
    productCode: PRODUCT_CODE,
    buyerAccountId: BUYER,
    meteringRegion: "us-east-1",
    activatedAt: NOW - 3_600_000,
    ...over,
  };
  await licenses.update(licenseId, () => license);
  return license;
}

export function sessionOf({ licenseId, buyerAccountId }: License): Session {
  return { licenseId, buyerAccountId, csrfToken: "csrf", expiresAt: NOW + 1e9 };
}

let keysMade = 0;

/** Credentials of the callback function of a stack in this account, known to the strict STS. */
export function aRoleSession(
  sts: Pick<StrictSts, "sessions">,
  over: Partial<RoleSession> = {},
): RoleSession {
  keysMade += 1;
  const session: RoleSession = {
    accessKeyId: `ASIA${String(keysMade).padStart(16, "0")}`,
    secretAccessKey: randomBytes(20).toString("hex"),
    sessionToken: `token+of/session${keysMade}==`,
    accountId: BUYER,
    partition: "aws",
    roleName: "example-stack-CallbackRole-1A2B3C4D5E6F",
    ...over,
  };
  sts.sessions.push(session);
  return session;
}

let stacksMade = 0;

export function aStackId(over: { accountId?: string; region?: string; name?: string } = {}) {
  stacksMade += 1;
  const guid = `00000000-0000-4000-8000-${stacksMade.toString(16).padStart(12, "0")}`;
  const { accountId = BUYER, region = "eu-central-1", name = "example-stack" } = over;
  return `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${guid}`;
}

let requestsMade = 0;

export function aPayload(over: Partial<CallbackPayload> = {}): CallbackPayload {
  requestsMade += 1;
  const stackId = over.stackId ?? aStackId();
  const accountId = stackId.split(":")[4] ?? "";
  return {
    version: 1,
    requestType: "Create",
    requestId: `10000000-0000-4000-8000-${requestsMade.toString(16).padStart(12, "0")}`,
    stackId,
    logicalResourceId: "Registration",
    installCode: "0000-0000-0000-0000",
    templateVersion: "1.0.0",
    resources: { readRoleArn: `arn:aws:iam::${accountId}:role/example-stack-CostReadRole-1` },
    ...over,
  };
}

/** Signs as the stack does, with the SDK's signer; `over` is what an attacker would change. */
export async function signedEnvelope(
  session: RoleSession,
  payload: CallbackPayload | string,
  over: { now?: number; region?: string; audience?: string } = {},
): Promise<CallbackEnvelope> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const date = new Date(over.now ?? NOW).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const region = over.region ?? text.match(/cloudformation:([a-z0-9-]+):/)?.[1] ?? "eu-central-1";
  const host = `sts.${region}.amazonaws.com`;
  const authorization = await sign(session, {
    region,
    host,
    date,
    body: PROOF_REQUEST.body,
    headers: {
      host,
      "content-type": PROOF_REQUEST.contentType,
      [PROOF_REQUEST.audienceHeader]: over.audience ?? AUDIENCE,
      [PROOF_REQUEST.payloadHashHeader]: createHash("sha256").update(text).digest("hex"),
    },
  });
  const proof: AccountProof = {
    accessKeyId: session.accessKeyId,
    sessionToken: session.sessionToken,
    region,
    date,
    signature: authorization.slice(-64),
  };
  return { payload: text, proof };
}

/** Delivers a lifecycle event and forgets nothing on the way. */
export const deliver = (world: CoreDeps, envelope: unknown) => applyLifecycleEvent(world, envelope);

export function lifecycleEnvelope(
  detailType: string,
  over: {
    id?: string;
    time?: number;
    agreementId?: string;
    status?: string;
    licenseId?: string;
    account?: string;
    productCode?: string;
    licenseArn?: string;
    buyer?: string;
    offerId?: string;
  } = {},
): Record<string, unknown> {
  const agreement = { id: over.agreementId ?? "agmt-1", status: over.status };
  const common = { requestId: "r", catalog: "AWSMarketplace", agreement };
  const licenseId = over.licenseId ?? `l-${"a".repeat(32)}`;
  const isLicense = detailType.startsWith("License");
  return {
    version: "0",
    id: over.id ?? `event-${detailType}-${over.time ?? NOW}`,
    "detail-type": detailType,
    source: "aws.agreement-marketplace",
    account: over.account ?? SELLER,
    time: new Date(over.time ?? NOW).toISOString(),
    region: "us-east-1",
    resources: [`arn:aws:aws-marketplace::aws:agreement:${agreement.id}`],
    detail: isLicense
      ? {
          ...common,
          product: { code: over.productCode ?? PRODUCT_CODE, id: "prod-example" },
          license: { arn: over.licenseArn ?? licenseArnOf(licenseId) },
          acceptor: { accountId: over.buyer ?? BUYER },
          proposer: { accountId: SELLER },
          offer: { id: over.offerId ?? "offer-1" },
        }
      : {
          ...common,
          acceptor: { accountId: over.buyer ?? BUYER },
          proposer: { accountId: SELLER },
        },
  };
}

/** Everything stored, for "the same end state" and "nothing was written". */
export async function snapshot(
  world: { licenses: Licenses; siteStore: SiteStore },
  ids: { licenseId: string; deploymentId: string; account?: string },
): Promise<unknown> {
  return {
    license: await world.licenses.get(ids.licenseId),
    deployments: await world.licenses.deployments(ids.licenseId),
    stack: await world.siteStore.stacks.get(ids.deploymentId),
    claims: await world.siteStore.costClaims.get(`aws:${ids.account ?? BUYER}`),
  };
}
