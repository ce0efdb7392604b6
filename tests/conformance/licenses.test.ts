import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { aLicense, describeLicenses, freshLicenseId } from "./licenses.ts";

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

const dynamoWith = (shards: number) =>
  dynamoLicenses({ client: documentClient(client), tableName: tableNames.licenses, shards });

const data = noLicenses();

describeLicenses("embedded DynamoDB", async (shards) => dynamoWith(shards));
describeLicenses("memory", async (shards) => memoryLicenses({ data, shards }));

it("takes its own write, repeated by the SDK after a lost answer, for its own", async () => {
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
  const licenses = dynamoLicenses({
    client: documentClient(lossy),
    tableName: tableNames.licenses,
    shards: 1,
  });
  const id = freshLicenseId();
  const applied: number[] = [];

  await licenses.update(id, (known) => {
    applied.push(known?.activatedAt ?? 0);
    return { ...(known ?? aLicense(id)), activatedAt: (known?.activatedAt ?? 0) + 1 };
  });

  expect(answersToLose).toBe(0);
  expect((await licenses.get(id))?.activatedAt).toBe(1);
  expect(applied).toEqual([0]);
  lossy.destroy();
});

it("refuses a number of shards that buckets can't be grouped into", () => {
  expect(() => dynamoWith(0)).toThrow("shards must be 1 to 64, got 0");
  expect(() => dynamoWith(65)).toThrow("shards must be 1 to 64, got 65");
});
