import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import { dynamoAllocations } from "../../metering/adapters/dynamo-allocations.ts";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { hashedText } from "../../metering/adapters/allocation-hash.ts";
import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { type Allocation, allocate } from "../../metering/domain/allocations.ts";
import type { Allocations } from "../../metering/ports.ts";

const hashOf = (list: readonly Allocation[]) => hashedText(list).hash;

async function embedded(): Promise<Allocations> {
  const store = await startEmbeddedDynamoDb({});
  const client = new DynamoDBClient({
    endpoint: store.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(async () => {
    client.destroy();
    await store.close();
  });
  await ensureTables(client);
  return dynamoAllocations({ client: documentClient(client), tableName: tableNames.ledger });
}

const LIST: readonly Allocation[] = [
  { quantity: 4, tags: [{ key: "Region", value: "eu-west-1" }] },
  { quantity: 3, tags: [] },
];

describe.each([
  ["memory", async () => memoryAllocations()],
  ["embedded DynamoDB", embedded],
])("allocations in %s", (_, make) => {
  it("are read to the byte as they were written, under their hash", async () => {
    const allocations = await make();
    const hash = await allocations.put(LIST);

    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const read = await allocations.get(hash);
    expect(JSON.stringify(read)).toBe(JSON.stringify(LIST));
    expect(hashOf(read ?? [])).toBe(hash);
  });

  it("that were never written are not there", async () => {
    const allocations = await make();

    expect(await allocations.get("0".repeat(64))).toBeUndefined();
  });

  it("may be written again, by whomever", async () => {
    const allocations = await make();
    await Promise.all([1, 2, 3].map(() => allocations.put(LIST)));

    expect(await allocations.get(hashOf(LIST))).toEqual(LIST);
  });

  it("fit at their largest", async () => {
    const allocations = await make();
    const weights = Array.from({ length: 5_000 }, (_each, n) => ({
      tags: [{ key: "StackId", value: `${n}`.padStart(256, "x") }],
      weight: BigInt(n),
    }));
    const list = allocate(2_147_483_647, weights);

    expect(await allocations.get(await allocations.put(list))).toEqual(list);
  });
});

it("has another hash for another split, and the same for the same", () => {
  const [first, second] = LIST;
  if (first === undefined || second === undefined) throw new Error("no list");
  const others = [[second, first], [{ ...first, quantity: 5 }, second], [first]];

  expect(new Set([LIST, ...others].map(hashOf)).size).toBe(4);
  expect(hashOf([{ tags: first.tags, quantity: 4 }, second])).toBe(hashOf(LIST));
});
