import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { anEvent, at, aUsageWorld, LICENSE_ID, METER } from "./usage-world.ts";

let store: EmbeddedDynamoDb;
let client: DynamoDBClient;
let units = { write: 0, read: 0 };

beforeAll(async () => {
  store = await startEmbeddedDynamoDb({});
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  client = new DynamoDBClient({ endpoint: store.endpoint, region: "us-east-1", credentials });
  await ensureTables(client);
  // What the store itself says that each request took.
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
        const answer = await next(args);
        const { ConsumedCapacity } = answer.output as {
          ConsumedCapacity?: { CapacityUnits: number };
        };
        const kind = /^(?:Put|Delete|Update)/.test(commandName) ? "write" : "read";
        units[kind] += ConsumedCapacity?.CapacityUnits ?? 0;
        return answer;
      },
    { step: "initialize" },
  );
});

afterAll(async () => {
  client.destroy();
  await store.close();
});

async function taking(work: () => Promise<unknown>): Promise<typeof units> {
  units = { write: 0, read: 0 };
  await work();
  return units;
}

it("takes 2 write units for an event and 1 for its batch, and reads a segment about once", async () => {
  const world = aUsageWorld({
    store: dynamoUsageStore({ client: documentClient(client), tableName: tableNames.usage }),
  });
  const batch = (count: number, time = "2026-03-01T13:05:00Z") =>
    Array.from({ length: count }, () => anEvent({ quantity: "12.5", time }));
  const events = batch(500);

  expect(await taking(() => world.record(...events))).toEqual({ write: 1_001, read: 0 });
  // The mark, 500 events of some 150 bytes, and the sums; then sum, day and mark are written.
  const summing = await taking(() => world.hours());
  expect(summing.write).toBe(3);
  expect(summing.read).toBeGreaterThan(15);
  expect(summing.read).toBeLessThan(35);
  // Nothing new: whether there is a mark, and the days.
  const idle = await taking(() => world.hours());
  expect(idle.write).toBe(0);
  expect(idle.read).toBeLessThanOrEqual(2);

  // Late ones don't make what is summed be read again.
  world.now = at("2026-03-20T08:00Z");
  await world.record(...batch(10));
  expect((await taking(() => world.hours())).read).toBeLessThan(8);
});

it("reads a month of 31 full days for at most 4 read units", async () => {
  const usage = dynamoUsageStore({
    client: documentClient(client),
    tableName: tableNames.usage,
  });
  const world = aUsageWorld({ store: usage });
  const of = { licenseId: LICENSE_ID, meter: METER };
  for (let n = 1; n <= 31; n += 1) {
    const day = `2026-01-${String(n).padStart(2, "0")}`;
    const names = Array.from({ length: 24 }, (_, h) => `${day}T${String(h).padStart(2, "0")}`);
    const hours = Object.fromEntries(names.map((hour) => [hour, "123456.75"]));
    await usage.setDay(of, { day, revision: 1, hours });
  }
  expect(Object.keys((await world.hours("2026-01")) ?? {})).toHaveLength(744);

  expect((await taking(() => world.hours("2026-01"))).read).toBeLessThanOrEqual(4);
});
