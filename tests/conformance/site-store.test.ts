import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import {
  dynamoContacts,
  dynamoSiteStore,
} from "../../registration-site/adapters/dynamo-site-store.ts";
import {
  memoryContacts,
  memorySiteStore,
} from "../../registration-site/adapters/memory-site-store.ts";
import { describeSiteStore } from "./site-store.ts";

let store: EmbeddedDynamoDb;
let client: DynamoDBClient;

beforeAll(async () => {
  store = await startEmbeddedDynamoDb({});
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  client = new DynamoDBClient({ endpoint: store.endpoint, region: "us-east-1", credentials });
  await ensureTables(client);
});

afterAll(async () => {
  client.destroy();
  await store.close();
});

const overDynamo = () => ({
  siteStore: dynamoSiteStore({ client: documentClient(client), tableName: tableNames.site }),
  contacts: dynamoContacts({ client: documentClient(client), tableName: tableNames.contacts }),
});

describeSiteStore("embedded DynamoDB", async () => overDynamo());
describeSiteStore("memory", async () => ({
  siteStore: memorySiteStore(),
  contacts: memoryContacts(),
}));

it("keeps addresses in the contacts table and nowhere else", async () => {
  await overDynamo().contacts.save("l-with-address", "someone@example.com");

  for (const TableName of Object.values(tableNames)) {
    const { Items = [] } = await documentClient(client).send(new ScanCommand({ TableName }));
    const holdsAddress = JSON.stringify(Items).includes("someone@example.com");
    expect(holdsAddress).toBe(TableName === tableNames.contacts);
  }
});
