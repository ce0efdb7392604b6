import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ChainItem, ChainKey, ClosedMonths } from "../domain/chain.ts";
import type { CostMonth, MeterStatus } from "../domain/cost.ts";
import type { Costs, Ledger } from "../ports.ts";

/**
 * Chains and costs in one table, keyed by `pk` and `sk`.
 *
 * | pk                          | sk                     | what                                   |
 * | --------------------------- | ---------------------- | -------------------------------------- |
 * | `CHAIN#<licenseId>#<dim>`   | `<n>`, 12 digits       | a metering record or evidence, ≤ 1 KB  |
 * | `COST#<deploymentId>`       | `<month>#<metric>#<scope>` | a month of cost, day by day        |
 * | `COST#<deploymentId>`       | `STATUS`               | when it was read, what went wrong      |
 *
 * Money travels as decimal strings of pico-dollars: a JavaScript number would round it. No
 * transaction, scan or index (decision 0003).
 */
export interface LedgerTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

export function dynamoLedger({ client, tableName }: LedgerTable): Ledger {
  const keyOf = (key: ChainKey, n: number) => ({ pk: chainPk(key), sk: sortOf(n) });
  return {
    async head(key) {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": chainPk(key) },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      const item = page.Items?.[0];
      return item === undefined ? undefined : fromItem(item);
    },

    async item(key, n) {
      const get = new GetCommand({
        TableName: tableName,
        Key: keyOf(key, n),
        ConsistentRead: true,
      });
      const { Item } = await client.send(get);
      return Item === undefined ? undefined : fromItem(Item);
    },

    async seal(key, item) {
      const put = new PutCommand({
        TableName: tableName,
        Item: { ...keyOf(key, item.n), ...toItem(item) },
        ConditionExpression: "attribute_not_exists(pk)",
      });
      return (await conditional(client.send(put))) ? "sealed" : "taken";
    },

    async takeOver(key, record, owner) {
      const update = new UpdateCommand({
        TableName: tableName,
        Key: keyOf(key, record.n),
        UpdateExpression: "SET #owner = :me, takenOver = :yes",
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(outcome)",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":me": owner, ":yes": true },
      });
      const taken = await conditional(client.send(update));
      return taken ? { ...record, owner, takenOver: true } : undefined;
    },

    async settle(key, item, outcome) {
      const update = new UpdateCommand({
        TableName: tableName,
        Key: keyOf(key, item.n),
        UpdateExpression: "SET outcome = :outcome",
        ConditionExpression: "#owner = :me AND attribute_not_exists(outcome)",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":me": item.owner, ":outcome": outcome },
      });
      if (await conditional(client.send(update))) return "settled";
      // The SDK repeats a write whose answer was lost, and then our own outcome refuses it.
      const get = new GetCommand({
        TableName: tableName,
        Key: keyOf(key, item.n),
        ConsistentRead: true,
      });
      const { Item } = await client.send(get);
      const isOurs = Item?.["owner"] === item.owner && isDeepStrictEqual(Item["outcome"], outcome);
      return isOurs ? "settled" : "lost";
    },

    chain: (key) => wholeChain({ client, tableName }, key),
  };
}

async function wholeChain({ client, tableName }: LedgerTable, key: ChainKey): Promise<ChainItem[]> {
  const items: ChainItem[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": chainPk(key) },
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []).map(fromItem));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

export function dynamoCosts({ client, tableName }: LedgerTable): Costs {
  const pk = (deploymentId: string) => `COST#${deploymentId}`;
  const get = async (deploymentId: string, sk: string) => {
    const key = { pk: pk(deploymentId), sk };
    const found = await client.send(
      new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
    );
    return found.Item?.["value"] as unknown;
  };
  return {
    month: async ({ deploymentId, metric, scope, month }) =>
      (await get(deploymentId, `${month}#${metric}#${scope}`)) as CostMonth | undefined,

    async put(cost) {
      const { deploymentId, metric, scope, month, observedAt } = cost;
      const put = new PutCommand({
        TableName: tableName,
        Item: { pk: pk(deploymentId), sk: `${month}#${metric}#${scope}`, observedAt, value: cost },
        ConditionExpression: "attribute_not_exists(pk) OR observedAt < :now",
        ExpressionAttributeValues: { ":now": observedAt },
      });
      return (await conditional(client.send(put))) ? "put" : "stale";
    },

    status: async (deploymentId) => (await get(deploymentId, "STATUS")) as MeterStatus | undefined,

    async setStatus(status) {
      const item = { pk: pk(status.deploymentId), sk: "STATUS", value: status };
      await client.send(new PutCommand({ TableName: tableName, Item: item }));
    },
  };
}

function chainPk({ licenseId, dimension }: ChainKey): string {
  return `CHAIN#${licenseId}#${dimension}`;
}

/** Sorts as text in the order of the numbers. */
function sortOf(n: number): string {
  return n.toString().padStart(12, "0");
}

/** Money as text, wherever it stands in an item. */
const MONEY = [
  "unitPrice",
  "committedBefore",
  "ratedTotal",
  "trialCommitted",
  "correction",
] as const;

function toItem(item: ChainItem): Record<string, unknown> {
  const stored: Record<string, unknown> = { ...item };
  for (const name of MONEY) {
    if (typeof stored[name] === "bigint") stored[name] = stored[name].toString();
  }
  const { closed } = item;
  if (closed !== undefined) {
    const { through, usd, trialUsd } = closed;
    stored["closed"] = { through, usd: usd.toString(), trialUsd: trialUsd.toString() };
  }
  return stored;
}

function fromItem({ pk: _pk, sk: _sk, ...stored }: Record<string, unknown>): ChainItem {
  for (const name of MONEY) {
    if (typeof stored[name] === "string") stored[name] = BigInt(stored[name]);
  }
  const closed = stored["closed"] as Record<keyof ClosedMonths, string> | undefined;
  if (closed !== undefined) {
    const { through, usd, trialUsd } = closed;
    stored["closed"] = { through, usd: BigInt(usd), trialUsd: BigInt(trialUsd) };
  }
  return stored as unknown as ChainItem;
}

/** Whether a conditional write was made; every other failure is the caller's to see. */
async function conditional(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
