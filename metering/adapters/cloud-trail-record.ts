import type { Instant } from "../domain/license.ts";
import { licenseIdOf } from "../domain/license.ts";
import type { Coverage, Observation, ObservedAnswer, Trail } from "../domain/observation.ts";

/** One BatchMeterUsage call, as a CloudTrail record shows it. */
export interface TrailCall {
  readonly region: string;
  readonly at: Instant;
  readonly eventId: string;
  readonly observations: readonly Observation[];
  /** Records that it sent are left out, and AWS may have billed them. */
  readonly isOmitted: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Refusals of a whole call, in AWS's words: it took nothing. An error of the service itself is no
 * such word (decision 0014), nor is one that we don't know.
 */
const TOOK_NOTHING =
  /^(?:Throttling|ThrottlingException|TooManyRequests|RequestLimitExceeded|AccessDenied|AccessDeniedException|UnauthorizedOperation|ValidationException|DisabledApiException|(?:Invalid|Timestamp)\w*|UnrecognizedClientException|ExpiredToken\w*|RequestExpired|MissingAuthenticationToken\w*)$/;

/** Undefined: another event. Throws a sentence if it is one of ours and can't be read. */
export function trailCall(record: unknown): TrailCall | undefined {
  const event = fieldsOf(record);
  if (event["eventName"] !== "BatchMeterUsage") return undefined;
  const eventId = textOf(event["eventID"]) ?? "?";
  const at = Date.parse(textOf(event["eventTime"]) ?? "");
  const region = textOf(event["awsRegion"]);
  if (Number.isNaN(at) || region === undefined) {
    throw new Error(`CloudTrail event ${eventId} has no eventTime or no awsRegion.`);
  }
  const request = fieldsOf(event["requestParameters"]);
  const answer = fieldsOf(event["responseElements"]);
  const errorCode = textOf(event["errorCode"]);
  const about = {
    region,
    at,
    eventId,
    caller: textOf(fieldsOf(event["userIdentity"])["arn"]) ?? "an unnamed caller",
    productCode: textOf(request["productCode"]),
  };
  const observe = (usage: unknown, said: ObservedAnswer) => observation(about, usage, said);
  const sent = listOf(request["usageRecords"]);
  if (errorCode !== undefined) {
    const isRefused = TOOK_NOTHING.test(errorCode);
    const said: ObservedAnswer = isRefused
      ? { kind: "not-billed", word: errorCode }
      : { kind: "unknown", why: `call ${eventId} ended in ${errorCode}, which says nothing` };
    const observations = (sent ?? []).map((usage) => observe(usage, said));
    return { ...about, observations, isOmitted: sent === undefined && !isRefused };
  }
  const results = listOf(answer["results"]);
  if (results === undefined) {
    const why = `the log leaves out what AWS answered to call ${eventId}`;
    const observations = (sent ?? []).map((usage) => observe(usage, { kind: "unknown", why }));
    return { ...about, observations, isOmitted: sent === undefined };
  }
  const unprocessed = listOf(answer["unprocessedRecords"]) ?? [];
  const observations = [
    ...results.map((result) => observe(fieldsOf(result)["usageRecord"], statusOf(result, eventId))),
    ...unprocessed.map((usage) => observe(usage, { kind: "not-billed", word: "unprocessed" })),
  ];
  return { ...about, observations, isOmitted: false };
}

export function trailOf(calls: readonly TrailCall[], coverage: readonly Coverage[]): Trail {
  // The same event may lie in two files, or in a file and in the event history.
  const once = [...new Map(calls.map((call) => [`${call.region} ${call.eventId}`, call])).values()];
  return {
    observations: once.flatMap(({ observations }) => observations),
    omitted: once
      .filter(({ isOmitted }) => isOmitted)
      .map(({ region, at, eventId }) => ({ region, at, eventId })),
    coverage,
  };
}

function statusOf(result: unknown, eventId: string): ObservedAnswer {
  const { status, meteringRecordId } = fieldsOf(result);
  if (status === "Success") {
    return { kind: "success", meteringRecordId: textOf(meteringRecordId) ?? "" };
  }
  if (status === "DuplicateRecord" || status === "CustomerNotSubscribed") {
    return { kind: "not-billed", word: status };
  }
  return { kind: "unknown", why: `call ${eventId} has a status that is not known here` };
}

function observation(
  about: Pick<Observation, "region" | "at" | "eventId" | "caller"> & {
    readonly productCode: string | undefined;
  },
  usage: unknown,
  answer: ObservedAnswer,
): Observation {
  const record = fieldsOf(usage);
  const licenseArn = textOf(record["licenseArn"]);
  const { productCode, ...call } = about;
  return {
    ...call,
    ...(licenseArn === undefined ? { productCode } : { licenseId: idOf(licenseArn) }),
    buyer: textOf(record["customerAWSAccountId"]) ?? textOf(record["customerIdentifier"]),
    dimension: textOf(record["dimension"]) ?? "",
    stamp: stampOf(record["timestamp"], about.eventId),
    quantity: typeof record["quantity"] === "number" ? record["quantity"] : 0,
    answer,
  };
}

/** A refused call may have named anything. */
function idOf(licenseArn: string): string {
  try {
    return licenseIdOf(licenseArn);
  } catch {
    return licenseArn;
  }
}

/** `Apr 19, 2018 4:32:50 PM`, AWS's one example; its zone isn't said and is taken for UTC. */
const DOCUMENTED = /^\w{3} \d{1,2}, \d{4} \d{1,2}:\d{2}:\d{2} [AP]M$/;

function stampOf(value: unknown, eventId: string): Instant {
  if (typeof value === "number") return value < 1e11 ? value * 1000 : value;
  // Newer Java runtimes write a narrow space before AM and PM.
  const text = (textOf(value) ?? "").replace(/\s/g, " ");
  const stamp = Date.parse(DOCUMENTED.test(text) ? `${text} UTC` : text);
  if (Number.isNaN(stamp)) {
    throw new Error(
      `CloudTrail event ${eventId} has a usage timestamp that can't be read: ${JSON.stringify(value)}.`,
    );
  }
  return stamp;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? (value as unknown[]) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
