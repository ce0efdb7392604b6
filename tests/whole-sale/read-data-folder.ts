import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { isRecord, type MeteringRecord as LedgerRecord } from "../../metering/domain/chain.ts";
import { type Deployment, licenseIdOf } from "../../metering/domain/license.ts";
import type { MeteringRecord } from "../../sandbox/control/control-types.ts";

export interface DataFolder {
  /** What AWS has, from the sandbox's own state. */
  readonly atAws: readonly MeteringRecord[];
  /** What the seller's ledger has. */
  readonly chain: readonly LedgerRecord[];
  readonly deployments: readonly Deployment[];
}

/** Both sides of the books, as a killed or finished sale left them on disk. */
export async function readDataFolder(dir: string, dimension: string): Promise<DataFolder> {
  const state = join(dir, "sandbox", "sandbox-state.json");
  if (!existsSync(state)) return { atAws: [], chain: [], deployments: [] };
  const { parts, logBytes } = JSON.parse(readFileSync(state, "utf8")) as {
    parts: { marketplace: { state: { licenses: Record<string, unknown> } } };
    logBytes: number;
  };
  const { licenses } = parts.marketplace.state;
  const [licenseArn] = Object.keys(licenses);
  if (licenseArn === undefined) return { atAws: [], chain: [], deployments: [] };
  const licenseId = licenseIdOf(licenseArn);

  const store = await startEmbeddedDynamoDb({ dir: join(dir, "store") });
  const database = new DynamoDBClient({
    endpoint: store.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    await ensureTables(database);
    const client = documentClient(database);
    const ledger = dynamoLedger({ client, tableName: tableNames.ledger });
    const known = dynamoLicenses({ client, tableName: tableNames.licenses, shards: 1, buckets: 1 });
    return {
      atAws: recordsIn(join(dir, "sandbox", "sandbox-log.jsonl"), logBytes),
      chain: (await ledger.chain({ licenseId, dimension })).filter(isRecord),
      deployments: await known.deployments(licenseId),
    };
  } finally {
    database.destroy();
    await store.close();
  }
}

/** The log beyond the state's own part was never answered for. */
function recordsIn(log: string, bytes: number): MeteringRecord[] {
  if (!existsSync(log)) return [];
  return readFileSync(log)
    .subarray(0, bytes)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as [part: string, entry: [key: string, MeteringRecord]])
    .filter(([part]) => part === "marketplace")
    .map(([, [, record]]) => record);
}

/** A record in the words that both sides know. */
export const atAwsText = (record: MeteringRecord) =>
  `${new Date(record.timestamp).toISOString()} ${record.quantity} ${record.meteringRecordId}`;

export const inLedgerText = ({ stamp, quantity, outcome }: LedgerRecord) =>
  `${new Date(stamp).toISOString()} ${quantity} ${outcome?.kind === "accepted" ? outcome.meteringRecordId : (outcome?.kind ?? "pending")}`;
