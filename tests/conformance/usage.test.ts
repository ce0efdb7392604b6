import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { memoryUsageStore } from "../../metering/adapters/memory-usage.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { aRecordedEvent, describeUsageStore } from "./usage.ts";

let store: EmbeddedDynamoDb;
let client: DynamoDBClient;

beforeAll(async () => {
  store = await startEmbeddedDynamoDb({});
  client = localClient(store.endpoint);
  await ensureTables(client);
});

afterAll(async () => {
  client.destroy();
  await store.close();
});

function localClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
}

const storeOn = (on: DynamoDBClient) =>
  dynamoUsageStore({ client: documentClient(on), tableName: tableNames.usage });

describeUsageStore("embedded DynamoDB", async () => storeOn(client));
const memory = memoryUsageStore();
describeUsageStore("memory", async () => memory);

it("keeps every item of an event within 1 KB, which is one write unit, with the longest names", async () => {
  const event = aRecordedEvent({
    source: "s".repeat(256),
    id: "€".repeat(128),
    meter: "m".repeat(64),
    quantity: "999999999999999.999999999999",
    deploymentId: `d-${"0".repeat(32)}`,
  });
  const usage = storeOn(client);
  await usage.claim(event);
  await usage.put(event);
  await usage.mark(event);

  const { Items = [] } = await documentClient(client).send(
    new ScanCommand({ TableName: tableNames.usage }),
  );
  const own = Items.filter((item) => String(item["pk"]).includes(event.licenseId));

  expect(own).toHaveLength(3);
  for (const Item of own) {
    const again = new PutCommand({
      TableName: tableNames.usage,
      Item,
      ReturnConsumedCapacity: "TOTAL",
    });
    const { ConsumedCapacity } = await documentClient(client).send(again);
    expect(ConsumedCapacity?.CapacityUnits).toBe(1);
  }
});

it("takes its own claim, repeated by the SDK after a lost answer, for its own", async () => {
  let answersToLose = 1;
  const lossy = localClient(store.endpoint);
  lossy.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (context.commandName === "PutItemCommand" && answersToLose > 0) {
        answersToLose -= 1;
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      }
      return answer;
    },
    { step: "finalizeRequest", priority: "low" },
  );
  const event = aRecordedEvent();

  expect(await storeOn(lossy).claim(event)).toBe(event);

  expect(answersToLose).toBe(0);
  expect(await storeOn(lossy).claim({ ...event })).not.toBe(event);
  lossy.destroy();
});
