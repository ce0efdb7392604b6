import { S3Client } from "@aws-sdk/client-s3";
import { join } from "node:path";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import type { Alarm } from "../../metering/ports.ts";
import type { Product } from "../../product/definition.ts";
import type { SiteLog } from "../../registration-site/app.tsx";
import { type SandboxControl, sandboxControl } from "../../sandbox/control-client.ts";
import { createSandbox, type Sandbox } from "../../sandbox/create-sandbox.ts";
import { templateFor } from "../commands/template-args.ts";
import { openPort } from "./listen.ts";
import { sandboxProduct } from "./sandbox-product.ts";
import { sellerRole } from "./seller-role.ts";
import { publishTemplate } from "./publish-template.ts";
import { type SellerService, startSellerService } from "./seller-service.ts";
import { usageTokenKeys } from "./usage-token-keys.ts";

/** Left to the person at the browser; the played sale has an account of its own. */
const BUYERS = [
  { accountId: "111122223333", name: "Your company" },
  { accountId: "444455556666", name: "Your company, workloads" },
];

export interface WorldOptions {
  readonly product: Product;
  readonly dataDir: string;
  /** The account that the played buyer subscribes and deploys in. */
  readonly playedBuyer?: string;
  readonly sitePort: number;
  readonly sandboxPort: number;
  /** Where the sandbox's clock begins; an existing world goes on from where it was. */
  readonly startAt: number;
  readonly seed?: number;
  readonly log: SiteLog;
  readonly alarm: (alarm: Alarm) => void;
}

/** A whole market on a laptop: AWS, the seller's service, and the store, each behind its wire. */
export interface World {
  readonly product: Product;
  readonly sandbox: Sandbox;
  readonly control: SandboxControl;
  readonly seller: SellerService;
  /** Where another of the seller's services would find the same store. */
  readonly storeEndpoint: string;
  close(): Promise<void>;
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { product } = options;
  // First the store: if another process holds the folder, nothing else must start.
  const store = await startEmbeddedDynamoDb({ dir: join(options.dataDir, "store") });
  const closing: (() => Promise<void>)[] = [() => store.close()];
  const close = async () => {
    for (const step of closing.reverse()) await step();
  };
  try {
    const sitePort = await openPort(options.sitePort);
    closing.push(() => sitePort.close());
    const siteOrigin = sitePort.origin;
    const sandbox = await createSandbox({
      port: options.sandboxPort,
      startAt: options.startAt,
      dataDir: join(options.dataDir, "sandbox"),
      products: [sandboxProduct(product, siteOrigin)],
      buyers: buyersWith(options.playedBuyer),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    });
    closing.push(() => sandbox.close());
    pointSdkAt(sandbox);

    const template = await publishTemplate(
      new S3Client({
        region: product.seller.meteringRegion,
        forcePathStyle: true,
        systemClockOffset: sandbox.clock.now() - Date.now(),
      }),
      sandbox.origin,
      product,
      templateFor(product, siteOrigin),
    );
    const seller = await startSellerService({
      product,
      clock: sandbox.clock,
      template,
      storeEndpoint: store.endpoint,
      credentials: await sellerRole(sandbox, product),
      queueUrl: sandbox.lifecycleQueueUrl,
      consoleOrigin: sandbox.origin,
      marketplaceUrl: `${sandbox.origin}/marketplace/subscriptions`,
      sitePort,
      usageTokenKeys: await usageTokenKeys(options.dataDir, sandbox.clock.now()),
      log: options.log,
      alarm: options.alarm,
    });
    closing.push(() => seller.close());
    const control = sandboxControl(sandbox.origin);
    const storeEndpoint = store.endpoint;
    return { product, sandbox, control, seller, storeEndpoint, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function buyersWith(played: string | undefined) {
  const others = BUYERS.filter(({ accountId }) => accountId !== played);
  return played === undefined
    ? others
    : [...others, { accountId: played, name: "The buyer that was played" }];
}

/** Production code finds the sandbox as it finds AWS: by endpoint and credentials. */
function pointSdkAt({ origin, sellerCredentials }: Sandbox): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: origin,
    AWS_ENDPOINT_URL_STS: origin,
    AWS_ACCESS_KEY_ID: sellerCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sellerCredentials.secretAccessKey,
    AWS_REGION: "us-east-1",
  });
  delete process.env["AWS_SESSION_TOKEN"];
  delete process.env["AWS_PROFILE"];
}
