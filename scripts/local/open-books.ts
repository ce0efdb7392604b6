import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { MarketplaceAgreementClient } from "@aws-sdk/client-marketplace-agreement";
import { join } from "node:path";
import { dynamoPlanBook } from "../../metering/adapters/dynamo-plan-book.ts";
import { tableNames } from "../../metering/adapters/tables.ts";
import type { PlanBook } from "../../metering/domain/plan-book.ts";
import { listedPrices } from "../../metering/domain/prices.ts";
import type { Product } from "../../product/definition.ts";
import { createSandbox } from "../../sandbox/create-sandbox.ts";
import { type OpenStore, openStore } from "../usage-import/open-store.ts";
import { sandboxProduct } from "./sandbox-product.ts";

/** The seller's ledger, and AWS's own word to compare it with. */
export interface Books extends OpenStore {
  readonly planBook: PlanBook;
  cloudTrail(region: string): CloudTrailClient;
  agreements(): MarketplaceAgreementClient;
}

/** LookupEvents is throttled early, and asking again is harmless: the SDK backs off with jitter. */
const ATTEMPTS = 8;

/**
 * Opens the store; with a data folder of `launchmeter start`, its sandbox as well, which goes on
 * as long as the command runs. Without one, AWS is found as the environment names it.
 */
export async function openBooks(dataDir: string | undefined, product: Product): Promise<Books> {
  const store = await openStore(dataDir, product.seller.meteringRegion);
  try {
    const aws = dataDir === undefined ? undefined : await openSandbox(dataDir, product);
    const clock = aws?.clock ?? store.clock;
    const options = (region: string) => ({
      region,
      maxAttempts: ATTEMPTS,
      systemClockOffset: clock.now() - Date.now(),
      ...(aws === undefined ? {} : { endpoint: aws.origin, credentials: aws.sellerCredentials }),
    });
    const table = { client: store.client, tableName: tableNames.ledger };
    const planBook = await dynamoPlanBook(table, product.listing.productCode).read();
    return {
      ...store,
      clock,
      planBook: planBook ?? { versions: [], prices: listedPrices(product.listing) },
      cloudTrail: (region) => new CloudTrailClient(options(region)),
      // Its only region (protocol-facts A9).
      agreements: () => new MarketplaceAgreementClient(options("us-east-1")),
      async close() {
        await aws?.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** No buyer comes here: nothing is posted to a site while the books are open. */
const openSandbox = (dataDir: string, product: Product) =>
  createSandbox({
    port: 0,
    dataDir: join(dataDir, "sandbox"),
    products: [sandboxProduct(product, "http://127.0.0.1:9/")],
  });
