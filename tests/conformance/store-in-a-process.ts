/** Writes items 1, 2, 3 … and prints each number once the store acknowledged it, until killed. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";

const dir = process.argv[2] ?? "";
const store = await startEmbeddedDynamoDb({ dir });
const client = new DynamoDBClient({
  endpoint: store.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
await ensureTables(client);
for (let n = 1; ; n += 1) {
  const Item = { pk: "a", sk: String(n), n };
  await documentClient(client).send(new PutCommand({ TableName: tableNames.ledger, Item }));
  process.stdout.write(`${n}\n`);
}
