import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** Every table has the string keys `pk` and `sk`, no index and no stream. */
export const tableNames = {
  licenses: "launchmeter-licenses",
  ledger: "launchmeter-ledger",
  site: "launchmeter-site",
  /** Usage events: many and small, so that they can be kept, moved or let go by themselves. */
  usage: "launchmeter-usage",
  /** The only one that holds personal data, so that it can be guarded and erased apart. */
  contacts: "launchmeter-contacts",
} as const;

const WAIT_SECONDS = 60;

/** Creates the tables that are missing and waits until all can be used. Safe to repeat. */
export async function ensureTables(client: DynamoDBClient): Promise<void> {
  await Promise.all(Object.values(tableNames).map((name) => ensureTable(client, name)));
}

async function ensureTable(client: DynamoDBClient, name: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists(
    { client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 2 },
    { TableName: name },
  );
}

/**
 * The client that the adapters share.
 *
 * Money is stored as decimal strings: a JavaScript number would round it. Numbers in items are
 * instants, revisions and quantities, all exact below 2^53.
 */
export function documentClient(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
