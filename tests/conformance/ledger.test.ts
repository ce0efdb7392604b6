import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dynamoCosts, dynamoLedger } from "../../metering/adapters/dynamo-ledger.ts";
import { dynamoPasses } from "../../metering/adapters/dynamo-passes.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { memoryCosts, memoryLedger, memoryPasses } from "../../metering/adapters/memory-ledger.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { aChainItem, describeLedger, freshKey, type LedgerStores } from "./ledger.ts";

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

function storesOf(on: DynamoDBClient): LedgerStores {
  const table = { client: documentClient(on), tableName: tableNames.ledger };
  return {
    ledger: dynamoLedger(table),
    passes: dynamoPasses(table),
    costs: dynamoCosts(table),
  };
}

describeLedger("embedded DynamoDB", async () => storesOf(client));
describeLedger("memory", async () => ({
  ledger: memoryLedger(),
  passes: memoryPasses(),
  costs: memoryCosts(),
}));

it("keeps a record within 1 KB, which is one write unit, even with the longest names", async () => {
  const key = freshKey("d".repeat(255));
  const { ledger } = storesOf(client);
  const item = aChainItem(0, {
    quantity: 2_147_483_647,
    committedBefore: 10n ** 24n,
    ratedTotal: 10n ** 24n,
    closed: { through: "2026-12", usd: 10n ** 24n, trialUsd: 10n ** 24n },
    trialCommitted: 10n ** 24n,
    allocations: "a".repeat(64),
    owner: "f47ac10b-58cc-4372-a567-0e02b2c3d479",
  });
  await ledger.seal(key, item);
  await ledger.settle(key, item, {
    kind: "in-doubt",
    reason: "the window closed before AWS gave a definite answer",
    at: item.sealedAt,
  });

  const { Item, ConsumedCapacity } = await documentClient(client).send(
    new GetCommand({
      TableName: tableNames.ledger,
      Key: { pk: `CHAIN#${key.licenseId}#${key.dimension}`, sk: "000000000000" },
      ReturnConsumedCapacity: "TOTAL",
    }),
  );

  // At least as long as DynamoDB counts it: JSON adds quotes and braces.
  expect(JSON.stringify(Item).length).toBeLessThan(1_024);
  expect(ConsumedCapacity?.CapacityUnits).toBe(0.5);
});

it("knows its own settlement again when the SDK repeats a write whose answer was lost", async () => {
  let answersToLose = 0;
  const lossy = localClient(store.endpoint);
  lossy.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (context.commandName === "UpdateItemCommand" && answersToLose > 0) {
        answersToLose -= 1;
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      }
      return answer;
    },
    { step: "finalizeRequest", priority: "low" },
  );
  const { ledger } = storesOf(lossy);
  const key = freshKey();
  await ledger.seal(key, aChainItem(0));
  answersToLose = 1;

  expect(await ledger.settle(key, aChainItem(0), { kind: "expired", at: 7 })).toBe("settled");

  expect(answersToLose).toBe(0);
  expect(await ledger.settle(key, aChainItem(0), { kind: "expired", at: 8 })).toBe("lost");
  lossy.destroy();
});

it("keeps chains, passes and costs when the folder is closed and opened again", async () => {
  const dir = mkdtempSync(join(tmpdir(), "launchmeter-ledger-"));
  const key = freshKey();
  const item = aChainItem(0, { ratedTotal: 2n ** 70n });
  const state = { doneThrough: 5, unfinished: [key.licenseId], running: {} };
  const cost = {
    deploymentId: "d-1",
    metric: "BilledCost",
    scope: "account",
    month: "2026-03",
    observedAt: 5,
    days: {},
  } as const;
  const open = async <T>(use: (stores: LedgerStores) => Promise<T>): Promise<T> => {
    const opened = await startEmbeddedDynamoDb({ dir });
    const on = localClient(opened.endpoint);
    await ensureTables(on);
    const answer = await use(storesOf(on));
    on.destroy();
    await opened.close();
    return answer;
  };
  await open(async ({ ledger, passes, costs }) => {
    await ledger.seal(key, item);
    await passes.update(0, () => state);
    await costs.put(cost);
  });

  await open(async ({ ledger, passes, costs }) => {
    expect(await ledger.chain(key)).toEqual([item]);
    expect(await passes.update(0, (stored) => stored)).toEqual(state);
    expect(await costs.month(cost)).toEqual(cost);
    expect(await ledger.seal(key, item)).toBe("taken");
  });
  rmSync(dir, { recursive: true });
});
