import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/lib-dynamodb";

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A value with a revision, as it lies in the table. */
interface Stored<T> {
  readonly value: T;
  readonly revision: number;
  readonly writeId: string;
}

const PAGE_SIZE = 200;
/** Every lost race means that somebody else made progress; this many in a row is a bug. */
const MAX_LOST_RACES = 200;

/** Items that are changed by reading them and writing back only if nobody wrote in between. */
export function revisionedItems(client: DynamoDBDocumentClient, tableName: string) {
  async function read<T>(key: ItemKey): Promise<Stored<T> | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
    );
    return Item as Stored<T> | undefined;
  }

  /** Answers whether nobody wrote since `before` was read. */
  async function write<T>(key: ItemKey, before: Stored<T> | undefined, after: Stored<T>) {
    try {
      await client.send(
        new PutCommand({
          TableName: tableName,
          Item: { ...key, ...after },
          ...(before === undefined
            ? { ConditionExpression: "attribute_not_exists(pk)" }
            : {
                ConditionExpression: "writeId = :writeId",
                ExpressionAttributeValues: { ":writeId": before.writeId },
              }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async function get<T>(key: ItemKey): Promise<T | undefined> {
    return (await read<T>(key))?.value;
  }

  /** Applies `change` to the newest value; nothing is written when it answers the same object. */
  async function update<T>(
    key: ItemKey,
    change: (value: T | undefined) => T | undefined,
  ): Promise<T | undefined> {
    let lastWriteId: string | undefined;
    for (let race = 0; race < MAX_LOST_RACES; race += 1) {
      const before = await read<T>(key);
      // The SDK repeats a write whose answer was lost, and then its own write refuses it.
      if (before !== undefined && before.writeId === lastWriteId) return before.value;
      const value = change(before?.value);
      if (value === undefined || value === before?.value) return before?.value;
      lastWriteId = randomUUID();
      const revision = (before?.revision ?? 0) + 1;
      if (await write(key, before, { value, revision, writeId: lastWriteId })) return value;
    }
    throw new Error(`lost ${MAX_LOST_RACES} races for ${JSON.stringify(key)} in a row`);
  }

  /** Every value of a partition whose sort key begins so, in the order of the sort key. */
  async function* list<T>(
    pk: string,
    skPrefix: string,
    { consistent = true }: { readonly consistent?: boolean } = {},
  ): AsyncIterable<T> {
    let startKey: QueryCommandOutput["LastEvaluatedKey"];
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
          ExpressionAttributeValues: { ":pk": pk, ":sk": skPrefix },
          ConsistentRead: consistent,
          Limit: PAGE_SIZE,
          ExclusiveStartKey: startKey,
        }),
      );
      for (const item of page.Items ?? []) yield (item as Stored<T>).value;
      startKey = page.LastEvaluatedKey;
    } while (startKey !== undefined);
  }

  return { get, update, list };
}
