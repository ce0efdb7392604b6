import { createHash } from "node:crypto";
import { AwsError } from "../aws-service.ts";
import type { TrailEvent } from "./trail-event.ts";

type Input = Readonly<Record<string, unknown>>;

export interface LookupScope {
  readonly accountId: string;
  readonly region: string;
  readonly now: number;
  /** Sandbox time between a call and its appearance. */
  readonly delayMs: number;
}

export interface LookupAnswer {
  readonly Events: readonly Record<string, unknown>[];
  readonly NextToken?: string;
}

/** The event history keeps 90 days, for each region apart. */
const HISTORY_MS = 90 * 24 * 3_600_000;
const PAGE_MAX = 50;

/** What each attribute key is compared with; events of the sandbox have no resources. */
const ATTRIBUTES: Readonly<Record<string, (event: TrailEvent) => string | undefined>> = {
  EventId: ({ eventId }) => eventId,
  EventName: ({ eventName }) => eventName,
  EventSource: ({ eventSource }) => eventSource,
  ReadOnly: ({ readOnly }) => String(readOnly),
  Username: ({ username }) => username,
  AccessKeyId: ({ accessKeyId }) => accessKeyId,
  ResourceType: () => undefined,
  ResourceName: () => undefined,
};

/**
 * LookupEvents over events in the order they happened: newest first, at most 50 a page. A token
 * goes on below the last event shown, so events that appear meanwhile neither shift nor repeat.
 */
export function lookupEvents(
  events: readonly TrailEvent[],
  input: Input,
  scope: LookupScope,
): LookupAnswer {
  const size = pageSize(input["MaxResults"]);
  const matches = attributeFilter(input["LookupAttributes"]);
  const { from, to } = timeRange(input);
  const insights = insightsWanted(input["EventCategory"]);
  const token = tokenOf(input);
  const page: number[] = [];
  let more = false;
  for (let index = Math.min(token.before, events.length) - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event === undefined || insights || !isVisible(event, scope)) continue;
    if (event.eventTime < from || event.eventTime > to || !matches(event)) continue;
    more = page.length === size;
    if (more) break;
    page.push(index);
  }
  return {
    Events: page.flatMap((index) => {
      const event = events[index];
      return event === undefined ? [] : [toWire(event)];
    }),
    ...(more ? { NextToken: token.next(page.at(-1) ?? 0) } : {}),
  };
}

const isVisible = (event: TrailEvent, { accountId, region, now, delayMs }: LookupScope): boolean =>
  event.accountId === accountId &&
  event.region === region &&
  event.eventTime + delayMs <= now &&
  event.eventTime > now - HISTORY_MS;

const toWire = (event: TrailEvent): Record<string, unknown> => ({
  EventId: event.eventId,
  EventName: event.eventName,
  ReadOnly: String(event.readOnly),
  AccessKeyId: event.accessKeyId,
  EventTime: new Date(event.eventTime),
  EventSource: event.eventSource,
  Username: event.username,
  Resources: [],
  CloudTrailEvent: event.cloudTrailEvent,
});

function pageSize(value: unknown): number {
  const size = value ?? PAGE_MAX;
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > PAGE_MAX) {
    throw new AwsError(
      "InvalidMaxResultsException",
      `A value for max results was specified that is not valid: 1 to ${PAGE_MAX} are.`,
    );
  }
  return size;
}

function attributeFilter(value: unknown): (event: TrailEvent) => boolean {
  if (value === undefined || value === null) return () => true;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return () => true;
  const { AttributeKey: key, AttributeValue: wanted } = (list[0] ?? {}) as Record<string, unknown>;
  const read = typeof key === "string" && Object.hasOwn(ATTRIBUTES, key) && ATTRIBUTES[key];
  if (list.length > 1 || !read || typeof wanted !== "string" || wanted === "") {
    throw new AwsError(
      "InvalidLookupAttributesException",
      `LookupAttributes takes one attribute, with a key of ${Object.keys(ATTRIBUTES).join(", ")} and a value.`,
    );
  }
  return (event) => read(event) === wanted;
}

function timeRange(input: Input): { from: number; to: number } {
  const from = instant(input["StartTime"]) ?? -Infinity;
  const to = instant(input["EndTime"]) ?? Infinity;
  if (from > to) throw invalidTime("The start time is after the end time.");
  return { from, to };
}

/** Both ends are inclusive. */
function instant(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw invalidTime("StartTime and EndTime are instants.");
  }
  return value * 1000;
}

/** The sandbox has no Insights events: who asks for them gets none. */
function insightsWanted(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (value === "insight") return true;
  throw new AwsError("InvalidEventCategoryException", "The only event category is insight.");
}

/** A token belongs to its request: AWS refuses it with other parameters. */
function tokenOf(input: Input): { before: number; next: (last: number) => string } {
  const { NextToken: token, ...question } = input;
  const hash = createHash("sha256").update(JSON.stringify(question)).digest("base64url");
  const next = (last: number): string => Buffer.from(`${last} ${hash}`).toString("base64url");
  if (token === undefined || token === null) return { before: Infinity, next };
  const [position = "", boundTo] = Buffer.from(String(token as string), "base64url")
    .toString()
    .split(" ");
  const before = /^\d+$/.test(position) ? Number(position) : NaN;
  if (boundTo !== hash || Number.isNaN(before)) {
    throw new AwsError(
      "InvalidNextTokenException",
      "A token that is not valid, or a token that was used with different parameters.",
    );
  }
  return { before, next };
}

const invalidTime = (message: string): AwsError =>
  new AwsError("InvalidTimeRangeException", message);
