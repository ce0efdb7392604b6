import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { tableNames } from "../../metering/adapters/tables.ts";
import { benchWorld, HOUR, START } from "./bench-world.ts";
import { startBenchStore } from "./bench-store.ts";

const LICENSES = 2_000;
/** The store is asked at its best: so many at once as serves it most, whatever a pass does. */
const AT_ONCE = [25, 50, 100];

export interface LedgerSpeed {
  readonly licenseDimensionsPerSecond: number;
  readonly ceilingPerSecond: number;
  readonly shareOfStoreCeiling: number;
  readonly callsPer1000Records: number;
  readonly ceiling: Ceiling;
}

/** A second. */
interface Ceiling {
  readonly puts: number;
  readonly queries: number;
  readonly updates: number;
}

/**
 * License-dimensions a second from rating to settlement, against what the store itself can do of
 * the three operations that each one needs: a query, a conditional put and a conditional update.
 */
export async function ledgerSpeed(): Promise<LedgerSpeed> {
  const store = await startBenchStore();
  try {
    const world = await benchWorld(store.document, {
      licenses: LICENSES,
      planOf: () => "hourly-fee",
    });
    const worker = world.worker();
    // Warms up the store, the client and the compiler.
    await worker.pass(0);
    const ceilings = [await rawCeiling(store.document, "a")];
    const runs: number[] = [];
    let calls = 0;
    for (let hour = 1; hour <= 3; hour++) {
      world.moveTo(START + hour * HOUR);
      const before = { records: world.records(), calls: world.calls() };
      const seconds = await timed(() => worker.pass(0));
      const records = world.records() - before.records;
      if (records !== LICENSES) throw new Error(`${records} records instead of ${LICENSES}`);
      runs.push(records / seconds);
      calls += world.calls() - before.calls;
      ceilings.push(await rawCeiling(store.document, `b${hour}`));
    }
    const ceiling = {
      puts: median(ceilings.map(({ puts }) => puts)),
      queries: median(ceilings.map(({ queries }) => queries)),
      updates: median(ceilings.map(({ updates }) => updates)),
    };
    const ceilingPerSecond = 1 / (1 / ceiling.puts + 1 / ceiling.queries + 1 / ceiling.updates);
    const licenseDimensionsPerSecond = median(runs);
    return {
      licenseDimensionsPerSecond,
      ceilingPerSecond,
      shareOfStoreCeiling: licenseDimensionsPerSecond / ceilingPerSecond,
      callsPer1000Records: (calls / (LICENSES * runs.length)) * 1_000,
      ceiling,
    };
  } finally {
    store.close();
  }
}

/** Single items of a record's shape through the same client. */
async function rawCeiling(document: DynamoDBDocumentClient, run: string): Promise<Ceiling> {
  const tries: Ceiling[] = [];
  for (const atOnce of AT_ONCE) tries.push(await rawRates(document, `${run}-${atOnce}`, atOnce));
  return {
    puts: Math.max(...tries.map(({ puts }) => puts)),
    queries: Math.max(...tries.map(({ queries }) => queries)),
    updates: Math.max(...tries.map(({ updates }) => updates)),
  };
}

async function rawRates(
  document: DynamoDBDocumentClient,
  run: string,
  atOnce: number,
): Promise<Ceiling> {
  const TableName = tableNames.ledger;
  const count = 1_000;
  const key = (n: number) => ({
    pk: `RAW#${run}#l-0123456789abcdef0123456789abcdef#${n}`,
    sk: "0",
  });
  const record = {
    ...{ kind: "record", n: 1, hour: START, stamp: START, quantity: 6_944, takenOver: false },
    ...{ unitPrice: "1000000000", committedBefore: "5000000000000", ratedTotal: "5006944430555" },
    ...{ observedAt: START, sealedAt: START, identifiedBy: "license-arn" },
    owner: "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    closed: { through: "2026-02", usd: "1000000000000", trialUsd: "0" },
  };
  const outcome = { kind: "accepted", meteringRecordId: record.owner, at: START };
  const puts = await rate(count, atOnce, (n) =>
    document.send(
      new PutCommand({
        TableName,
        Item: { ...key(n), ...record },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
  const queries = await rate(count, atOnce, (n) =>
    document.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": key(n).pk },
        ScanIndexForward: false,
        Limit: 1,
      }),
    ),
  );
  const updates = await rate(count, atOnce, (n) =>
    document.send(
      new UpdateCommand({
        TableName,
        Key: key(n),
        UpdateExpression: "SET outcome = :outcome",
        ConditionExpression: "#owner = :me AND attribute_not_exists(outcome)",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":me": record.owner, ":outcome": outcome },
      }),
    ),
  );
  const { Item } = await document.send(new GetCommand({ TableName, Key: key(0) }));
  if (Item?.["outcome"] === undefined) throw new Error("the store's ceiling was not measured");
  return { puts, queries, updates };
}

async function rate(
  count: number,
  atOnce: number,
  work: (n: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const seconds = await timed(() =>
    Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (next < count) await work(next++);
      }),
    ),
  );
  return count / seconds;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
