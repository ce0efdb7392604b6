import { createHash, randomBytes, randomUUID } from "node:crypto";
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/lib-dynamodb";
import { usageHourOf } from "../domain/usage.ts";
import type { RecordedEvent, UsageSegment } from "../domain/usage-segment.ts";
import type { SegmentSum, UsageAmount, UsageDay, UsageMark, UsageStore } from "../ports.ts";

/**
 * Usage events and their sums in a table of their own, keyed by `pk` and `sk`.
 *
 * | pk                             | sk                   | what                                    |
 * | ------------------------------ | -------------------- | --------------------------------------- |
 * | `ID#<licenseId>#<hash>`        | `ID`                 | an event by (source, id), ≤ 1 KB        |
 * | `HOUR#<licenseId>#<meter>#<h>` | `<segment>#<hash>`   | its time and quantity                   |
 * | `SUMS#<licenseId>#<meter>#<h>` | `<segment>`          | what a segment comes to                 |
 * | `DAYS#<licenseId>#<meter>#<m>` | `<day>`              | what the hours of a day come to, ≤ 1 KB |
 * | `MARK#<licenseId>#<meter>#<m>` | `<hour>#<segment>`   | that a segment is to be summed again    |
 *
 * An accepted event takes 2 write units and no read; each batch 1 more for each segment it touches,
 * usually one. Summing reads every segment once or twice (0.5 read units for 4 KB: about 30
 * events) and writes its sum and its day: by the segment, not by the event. All reads are strongly
 * consistent. No transaction, scan or index.
 */
export interface UsageTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

export function dynamoUsageStore({ client, tableName }: UsageTable): UsageStore {
  const items = usageItems({ client, tableName });
  return {
    async claim(event) {
      // The SDK repeats a write whose answer was lost, and then our own claim refuses it.
      const claimId = randomBytes(12).toString("base64url");
      const item = { ...identityKey(event), value: valueOf(event), claimId };
      if (await items.putIf(item, "attribute_not_exists(pk)")) return event;
      const stored = await items.read(identityKey(event));
      if (stored === undefined) throw new Error("an identity was taken, but is not there");
      return stored["claimId"] === claimId ? event : eventOf(stored, event.licenseId);
    },
    async holder(id) {
      const stored = await items.read(identityKey(id));
      return stored && eventOf(stored, id.licenseId);
    },
    put: (event) => items.put({ ...placeKey(event), time: event.time, quantity: event.quantity }),
    has: (event) => items.has(placeKey(event)),
    mark: (segment) => items.put({ ...markKey(segment), token: randomUUID() }),
    async marks({ licenseId, meter }, month) {
      const found: UsageMark[] = [];
      for await (const { sk, token } of items.list(`MARK#${licenseId}#${meter}#${month}`)) {
        const [hour = "", segment = ""] = String(sk).split("#");
        found.push({ licenseId, meter, hour, segment, token: String(token) });
      }
      return found;
    },
    unmark: (mark) => items.removeIf(markKey(mark), mark.token),
    async *events({ licenseId, meter, hour, segment }) {
      const prefix = segment === undefined ? undefined : `${segment}#`;
      for await (const item of items.list(`HOUR#${licenseId}#${meter}#${hour}`, prefix)) {
        yield { time: item["time"], quantity: item["quantity"] } as UsageAmount;
      }
    },
    async sums({ licenseId, meter, hour }) {
      const found: SegmentSum[] = [];
      for await (const { sk, revision, quantity } of items.list(sumsPk(licenseId, meter, hour))) {
        found.push({ segment: sk, revision, quantity } as SegmentSum);
      }
      return found;
    },
    setSum: ({ licenseId, meter, hour, segment }, { revision, quantity }) =>
      items.setRevision({ pk: sumsPk(licenseId, meter, hour), sk: segment }, revision, {
        quantity,
      }),
    async days({ licenseId, meter }, month) {
      const found: UsageDay[] = [];
      for await (const item of items.list(`DAYS#${licenseId}#${meter}#${month}`)) {
        found.push(dayOf(item));
      }
      return found;
    },
    async day({ licenseId, meter }, day) {
      const item = await items.read(dayKey(licenseId, meter, day));
      return item && dayOf(item);
    },
    setDay: ({ licenseId, meter }, { day, revision, hours }) =>
      items.setRevision(dayKey(licenseId, meter, day), revision, {
        hours: renamed(hours, (hour) => hour.slice(day.length + 1)),
      }),
  };
}

/** A month is read whole at every rating, so its days are kept small: `13`, not `2026-03-01T13`. */
function dayOf({ sk, revision, hours }: Record<string, unknown>): UsageDay {
  const day = String(sk);
  const long = renamed(hours as Record<string, string>, (hour) => `${day}T${hour}`);
  return { day, revision: revision as number, hours: long };
}

function renamed(
  hours: Readonly<Record<string, string>>,
  rename: (hour: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(hours).map(([hour, text]) => [rename(hour), text]));
}

interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** The few ways in which these items are read and written. */
function usageItems({ client, tableName: TableName }: UsageTable) {
  async function* list(pk: string, prefix?: string): AsyncIterable<Record<string, unknown>> {
    let start: QueryCommandOutput["LastEvaluatedKey"];
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression:
            prefix === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :sk)",
          ExpressionAttributeValues: {
            ":pk": pk,
            ...(prefix === undefined ? {} : { ":sk": prefix }),
          },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      yield* page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }
  const read = async (Key: ItemKey) =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  async function putIf(Item: object, condition: string, values?: Record<string, unknown>) {
    const put = new PutCommand({
      TableName,
      Item: Item as Record<string, unknown>,
      ConditionExpression: condition,
      ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
    });
    return holds(client.send(put));
  }

  return {
    list,
    read,
    putIf,
    has: async (key: ItemKey) => (await read(key)) !== undefined,
    async put(Item: object) {
      await client.send(new PutCommand({ TableName, Item: Item as Record<string, unknown> }));
    },
    async removeIf(Key: ItemKey, token: string) {
      const remove = new DeleteCommand({
        TableName,
        Key,
        ConditionExpression: "#token = :token",
        ExpressionAttributeNames: { "#token": "token" },
        ExpressionAttributeValues: { ":token": token },
      });
      await holds(client.send(remove));
    },
    async setRevision(key: ItemKey, revision: number, rest: object) {
      const item = { ...key, revision, ...rest };
      const wasSet =
        revision === 1
          ? await putIf(item, "attribute_not_exists(pk)")
          : await putIf(item, "revision = :before", { ":before": revision - 1 });
      return wasSet ? "set" : "outrun";
    },
  };
}

/** Whether a conditional write was made; every other failure is the caller's to see. */
async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

/** Without what the key and the time say, so that the item stays below 1 KB. */
type StoredEvent = Omit<RecordedEvent, "licenseId" | "hour">;

function valueOf(event: RecordedEvent): StoredEvent {
  const { source, id, meter, time, quantity, segment, recordedAt, deploymentId } = event;
  return { source, id, meter, time, quantity, segment, recordedAt, deploymentId };
}

function eventOf(stored: Record<string, unknown>, licenseId: string): RecordedEvent {
  const value = stored["value"] as StoredEvent;
  return { ...value, licenseId, hour: usageHourOf(value.time) };
}

type Identity = Pick<RecordedEvent, "licenseId" | "source" | "id">;

/** Ids come from anywhere and may be long; DynamoDB's keys may not. */
function hashOf({ source, id }: Identity): string {
  return createHash("sha256")
    .update(JSON.stringify([source, id]))
    .digest("base64url");
}

const identityKey = (event: Identity): ItemKey => ({
  pk: `ID#${event.licenseId}#${hashOf(event)}`,
  sk: "ID",
});

const placeKey = (event: RecordedEvent): ItemKey => ({
  pk: `HOUR#${event.licenseId}#${event.meter}#${event.hour}`,
  sk: `${event.segment}#${hashOf(event)}`,
});

const markKey = ({ licenseId, meter, hour, segment }: UsageSegment): ItemKey => ({
  pk: `MARK#${licenseId}#${meter}#${hour.slice(0, 7)}`,
  sk: `${hour}#${segment}`,
});

const sumsPk = (licenseId: string, meter: string, hour: string) =>
  `SUMS#${licenseId}#${meter}#${hour}`;

const dayKey = (licenseId: string, meter: string, day: string): ItemKey => ({
  pk: `DAYS#${licenseId}#${meter}#${day.slice(0, 7)}`,
  sk: day,
});
