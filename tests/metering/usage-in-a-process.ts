/** Records usage on a store on disk, and tells each write and each answered batch, until killed. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoUsageStore } from "../../metering/adapters/dynamo-usage.ts";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import type { UsageStore } from "../../metering/ports.ts";
import { anEvent, aUsageWorld } from "./usage-world.ts";

export interface UsageJob {
  readonly dir: string;
  readonly now: string;
  readonly events: number;
  readonly batch: number;
}

const job = JSON.parse(process.argv[2] ?? "") as UsageJob;
const server = await startEmbeddedDynamoDb({ dir: job.dir });
const client = new DynamoDBClient({
  endpoint: server.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
await ensureTables(client);
const inner = dynamoUsageStore({
  client: documentClient(client),
  tableName: tableNames.usage,
});
const tell = (line: string) => process.stdout.write(`${line}\n`);
const WRITES = ["claim", "put", "mark", "unmark", "setSum", "setDay"];
const store = Object.fromEntries(
  Object.entries(inner).map(([name, method]) => {
    const perform = method as (...args: unknown[]) => Promise<unknown>;
    if (!WRITES.includes(name)) return [name, perform];
    return [
      name,
      async (...args: unknown[]) => {
        const answer = await perform(...args);
        tell("effect");
        return answer;
      },
    ];
  }),
) as unknown as UsageStore;
const world = aUsageWorld({ store, now: job.now });
for (let from = 0; from < job.events; from += job.batch) {
  const ids = Array.from({ length: job.batch }, (_, n) => `k-${from + n}`);
  await world.record(...ids.map((id) => anEvent({ id })));
  tell(`answered ${from + job.batch}`);
  tell(`summed ${(await world.hours())?.["2026-03-01T13"] ?? "0"}`);
}
client.destroy();
await server.close();
