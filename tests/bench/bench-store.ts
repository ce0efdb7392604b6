import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { documentClient, ensureTables } from "../../metering/adapters/tables.ts";

/** The embedded store in a process of its own, as DynamoDB is elsewhere. Nothing touches a disk. */
export async function startBenchStore() {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", new URL("store-process.ts", import.meta.url).pathname],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const [endpoint] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await ensureTables(client);
  return {
    document: documentClient(client),
    close() {
      client.destroy();
      child.kill();
    },
  };
}

export interface Units {
  write: number;
  read: number;
}

/** What each kind of item cost, by the beginning of its key. */
export type UnitsByKind = Map<string, Units>;

/**
 * The client, with every command's consumed capacity added up. A refused condition tells none: a
 * write unit is counted for it, as DynamoDB does for items up to 1 KB.
 */
export function meteredClient(
  document: DynamoDBDocumentClient,
  units: UnitsByKind,
): DynamoDBDocumentClient {
  const count = (kind: string, of: keyof Units, amount: number) => {
    const sum = units.get(kind) ?? { write: 0, read: 0 };
    sum[of] += amount;
    units.set(kind, sum);
  };
  const send = async (command: { input: Record<string, unknown> }) => {
    const { input } = command;
    const isRead =
      "ConsistentRead" in input || "KeyConditionExpression" in input || !isWrite(input);
    const of = isRead ? "read" : "write";
    input["ReturnConsumedCapacity"] = "TOTAL";
    try {
      const answer = (await document.send(command as never)) as {
        ConsumedCapacity?: { CapacityUnits?: number };
      };
      count(kindOf(input), of, answer.ConsumedCapacity?.CapacityUnits ?? NaN);
      return answer;
    } catch (error) {
      if ((error as Error).name === "ConditionalCheckFailedException") count(kindOf(input), of, 1);
      throw error;
    }
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

function isWrite(input: Record<string, unknown>): boolean {
  return "Item" in input || "UpdateExpression" in input;
}

function kindOf(input: Record<string, unknown>): string {
  const { Key, Item, ExpressionAttributeValues } = input as {
    Key?: { pk: string };
    Item?: { pk: string };
    ExpressionAttributeValues?: { ":pk"?: string };
  };
  const pk = Key?.pk ?? Item?.pk ?? ExpressionAttributeValues?.[":pk"] ?? "";
  return pk.split("#")[0] ?? "";
}
