import type { Caller } from "../aws-service.ts";

/** A call to an API as CloudTrail sees it: who, what, and what came of it. */
export interface ObservedCall {
  readonly at: number;
  readonly requestId: string;
  /** The signing name and, where there is one, the JSON target prefix. */
  readonly service: string;
  readonly targetPrefix: string | undefined;
  readonly action: string;
  readonly region: string;
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly userAgent: string;
  /** Undefined when the call ended before anybody read it. */
  readonly input: Readonly<Record<string, unknown>> | undefined;
  readonly outcome:
    | { readonly kind: "answered"; readonly output: unknown }
    | { readonly kind: "refused"; readonly code: string; readonly message: string };
}

/** An event of the 90-day event history. */
export interface TrailEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly eventSource: string;
  /** Whole seconds, in epoch ms. */
  readonly eventTime: number;
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly username: string;
  readonly readOnly: boolean;
  /** JSON of the whole record, as LookupEvents hands it out. */
  readonly cloudTrailEvent: string;
}

/** How `usageRecords[].timestamp` is written: AWS documents one example, of 2018. */
export type TrailTimestamps = "documented" | "iso-8601" | "epoch-seconds";

/** The calls that AWS says CloudTrail keeps of the Metering API (UG:cloudtrail-logging). */
const RECORDED: Readonly<Record<string, string>> = {
  "AWSMPMeteringService.BatchMeterUsage": "metering-marketplace.amazonaws.com",
};

/** A larger field is left out of the record, marked as omitted (CloudTrail record contents). */
const FIELD_BYTES_MAX = 100 * 1024;

/** Undefined for calls that CloudTrail doesn't keep here. */
export function trailEvent(
  call: ObservedCall,
  eventId: string,
  timestamps: TrailTimestamps,
): TrailEvent | undefined {
  const eventSource = RECORDED[`${call.targetPrefix ?? call.service}.${call.action}`];
  if (eventSource === undefined) return undefined;
  const eventTime = Math.floor(call.at / 1000) * 1000;
  const fields = (value: unknown) => withinSize(toTrail(value ?? null, timestamps));
  const { outcome, caller } = call;
  const record = {
    eventVersion: "1.05",
    userIdentity: userIdentity(call),
    eventTime: new Date(eventTime).toISOString().replace(".000Z", "Z"),
    eventSource,
    eventName: call.action,
    awsRegion: call.region,
    sourceIPAddress: "127.0.0.1",
    userAgent: call.userAgent,
    ...(outcome.kind === "refused"
      ? { errorCode: outcome.code, errorMessage: outcome.message }
      : {}),
    requestParameters: fields(call.input),
    responseElements: outcome.kind === "answered" ? fields(outcome.output) : null,
    requestID: call.requestId,
    eventID: eventId,
    readOnly: false,
    eventType: "AwsApiCall",
    recipientAccountId: caller.accountId,
  };
  return {
    eventId,
    eventName: call.action,
    eventSource,
    eventTime,
    region: call.region,
    accountId: caller.accountId,
    accessKeyId: call.accessKeyId,
    username: nameOf(caller),
    readOnly: false,
    cloudTrailEvent: JSON.stringify(record),
  };
}

function userIdentity({ caller, accessKeyId }: ObservedCall): Record<string, unknown> {
  const { accountId, arn, userId, roleArn } = caller;
  const always = { principalId: userId, arn, accountId, accessKeyId };
  if (roleArn === undefined) return { type: "IAMUser", ...always, userName: nameOf(caller) };
  const issuer = {
    type: "Role",
    principalId: userId.split(":", 1)[0],
    arn: roleArn,
    accountId,
    userName: lastPart(roleArn),
  };
  return { type: "AssumedRole", ...always, sessionContext: { sessionIssuer: issuer } };
}

/** The user's name, or the session's for a role: the last part of either ARN. */
const nameOf = ({ arn }: Caller): string => lastPart(arn);
const lastPart = (arn: string): string => arn.split("/").at(-1) ?? arn;

/** CloudTrail writes the members' names with a small first letter. */
function toTrail(value: unknown, timestamps: TrailTimestamps, name = ""): unknown {
  if (value instanceof Date) return instantText(value.getTime(), timestamps);
  if (name === "Timestamp" && typeof value === "number") {
    return instantText(value * 1000, timestamps);
  }
  if (Array.isArray(value)) return value.map((one) => toTrail(one, timestamps));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      `${key.charAt(0).toLowerCase()}${key.slice(1)}`,
      toTrail(child, timestamps, key),
    ]),
  );
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `Apr 19, 2018 4:32:50 PM`, in UTC, without its milliseconds: the documented example. */
function instantText(instant: number, timestamps: TrailTimestamps): string | number {
  const seconds = Math.floor(instant / 1000);
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(instant);
  if (timestamps === "epoch-seconds") return seconds;
  if (timestamps === "iso-8601") return date.toISOString().replace(".000Z", "Z");
  const two = (part: number) => String(part).padStart(2, "0");
  const hour = date.getUTCHours();
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${MONTHS[date.getUTCMonth()] ?? ""} ${date.getUTCDate()}, ${date.getUTCFullYear()} ${clock} ${hour < 12 ? "AM" : "PM"}`;
}

const withinSize = (value: unknown): unknown =>
  Buffer.byteLength(JSON.stringify(value)) > FIELD_BYTES_MAX ? { omitted: true } : value;
