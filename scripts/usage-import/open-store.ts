import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import { dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import type { Clock, Ledger, Licenses, UsageStore } from "../../metering/ports.ts";
import { dynamoSiteStore } from "../../registration-site/adapters/dynamo-site-store.ts";
import type { SiteStore } from "../../registration-site/site-store.ts";
import { type ClockSnapshot, movableClock } from "../../sandbox/clock.ts";
import { readState } from "../../sandbox/state-file.ts";

export interface OpenStore {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly usageStore: UsageStore;
  readonly ledger: Ledger;
  readonly siteStore: SiteStore;
  /** For whatever else lies in it. */
  readonly client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

/**
 * The seller's own store: a data folder of `launchmeter start`, with its sandbox's time; or, without
 * one, DynamoDB as the environment names it (`AWS_REGION`, `AWS_ENDPOINT_URL_DYNAMODB`, credentials).
 */
export async function openStore(dataDir: string | undefined, region: string): Promise<OpenStore> {
  return dataDir === undefined ? openDynamoDb(region) : openFolder(dataDir, region);
}

async function openFolder(dataDir: string, region: string): Promise<OpenStore> {
  const folder = join(dataDir, "store");
  await access(folder).catch(() => {
    throw new Error(
      `There is no store in ${dataDir}. Name the folder that launchmeter start keeps its state in; it says it in its first line.`,
    );
  });
  // Refuses in words while another process has it.
  const embedded = await startEmbeddedDynamoDb({ dir: folder });
  try {
    const client = new DynamoDBClient({
      region,
      endpoint: embedded.endpoint,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    await ensureTables(client);
    const clock = await sandboxTime(dataDir);
    // As the local service keeps its licenses.
    const store = storeOn(client, { shards: 1, buckets: 1 });
    const close = async () => {
      client.destroy();
      await embedded.close();
    };
    return { ...store, clock, close };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

/** The sandbox's time goes on while nothing runs, by its distance from the machine's. */
async function sandboxTime(dataDir: string): Promise<Clock> {
  const state = await readState(join(dataDir, "sandbox"));
  const clock = movableClock();
  if (state !== undefined) clock.restore((state as { clock: ClockSnapshot }).clock);
  return clock;
}

function openDynamoDb(region: string): OpenStore {
  const client = new DynamoDBClient({ region });
  const store = storeOn(client, { shards: 1 });
  return { ...store, clock: { now: () => Date.now() }, close: async () => client.destroy() };
}

function storeOn(database: DynamoDBClient, sharding: { shards: number; buckets?: number }) {
  const client = documentClient(database);
  return {
    client,
    licenses: dynamoLicenses({ client, tableName: tableNames.licenses, ...sharding }),
    siteStore: dynamoSiteStore({ client, tableName: tableNames.site }),
    ledger: dynamoLedger({ client, tableName: tableNames.ledger }),
    usageStore: dynamoUsageStore({ client, tableName: tableNames.usage }),
  };
}
