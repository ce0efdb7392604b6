import type {
  BatchMeterUsageCommandInput,
  BatchMeterUsageCommandOutput,
  UsageRecord,
} from "@aws-sdk/client-marketplace-metering";
import type { Attempt, RecordAnswer } from "../domain/settlement.ts";
import type { MeteringBatchRecord, MeteringGateway } from "../ports.ts";

/** One call of BatchMeterUsage in a region; rejects as the SDK client does, without retrying. */
export type BatchMeterUsage = (
  region: string,
  input: BatchMeterUsageCommandInput,
) => Promise<Pick<BatchMeterUsageCommandOutput, "Results" | "UnprocessedRecords">>;

/**
 * The only file that speaks BatchMeterUsage.
 *
 * The SDK must not retry by itself (`maxAttempts: 1`): a retry hides that an earlier attempt went
 * unanswered, and such a record must not be taken for refused (ledger-review 3).
 */
export function awsMeteringGateway(batchMeterUsage: BatchMeterUsage): MeteringGateway {
  return {
    async send({ region, records }) {
      const sent = records.map(toUsageRecord);
      try {
        const answer = await batchMeterUsage(region, { UsageRecords: sent });
        return { kind: "answered", answers: fromResults(sent, answer) };
      } catch (error) {
        return fromError(error);
      }
    },
  };
}

/** No ProductCode beside LicenseArn: both in one hour bill twice (protocol-facts A4). */
function toUsageRecord({ license, key, item }: MeteringBatchRecord): UsageRecord {
  return {
    Timestamp: new Date(item.stamp),
    CustomerAWSAccountId: license.buyerAccountId,
    LicenseArn: license.licenseArn,
    Dimension: key.dimension,
    Quantity: item.quantity,
  };
}

function fromResults(
  sent: readonly UsageRecord[],
  { Results = [], UnprocessedRecords = [] }: Awaited<ReturnType<BatchMeterUsage>>,
): RecordAnswer[] {
  const results = new Map(Results.map((result) => [identity(result.UsageRecord), result]));
  const unprocessed = new Set(UnprocessedRecords.map(identity));
  return sent.map((record) => {
    const result = results.get(identity(record));
    if (result === undefined) {
      return { kind: unprocessed.has(identity(record)) ? "unprocessed" : "missing" };
    }
    return fromStatus(result.Status, result.MeteringRecordId);
  });
}

/** A status we don't know is no answer we may act on. */
function fromStatus(status: string | undefined, meteringRecordId = ""): RecordAnswer {
  if (status === "Success") return { kind: "accepted", meteringRecordId };
  if (status === "CustomerNotSubscribed") return { kind: "not-subscribed" };
  if (status === "DuplicateRecord") return { kind: "duplicate" };
  return { kind: "missing" };
}

/** What AWS de-duplicates by (protocol-facts A7); the answer may come in any order. */
function identity(record: UsageRecord | undefined): string {
  const { LicenseArn, CustomerAWSAccountId, Dimension, Timestamp } = record ?? {};
  return JSON.stringify([LicenseArn, CustomerAWSAccountId, Dimension, Timestamp?.getTime()]);
}

/** Refusals of a whole call that one of its records can cause: worth bisecting (design 4.9). */
const ONE_RECORD_CAN_CAUSE = new Set([
  "InvalidUsageDimensionException",
  "InvalidLicenseException",
  "TimestampOutOfBoundsException",
  "InvalidTagException",
  "InvalidUsageAllocationsException",
  "InvalidCustomerIdentifierException",
]);
const BUSY = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  // Our clock was off: the client has corrected itself from the answer's Date by the next call.
  "InvalidSignatureException",
  "RequestTimeTooSkewed",
  "RequestExpired",
]);
/** The connection was never made, so nothing was sent. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "CredentialsProviderError"]);

function fromError(error: unknown): Attempt {
  const { name, message, code, status, date } = describe(error);
  if (ONE_RECORD_CAN_CAUSE.has(name)) {
    const serverTime = date === undefined ? NaN : Date.parse(date);
    return { kind: "rejected", code: name, ...(Number.isNaN(serverTime) ? {} : { serverTime }) };
  }
  if (BUSY.has(name) || status === 429) return { kind: "busy", code: name };
  if (NEVER_SENT.has(name) || (code !== undefined && NEVER_SENT.has(code))) {
    return { kind: "busy", code: code ?? name };
  }
  // A 4xx is AWS's word that it did not take the call; a 5xx or a broken connection is not.
  if (status !== undefined && status >= 400 && status < 500) {
    return { kind: "barred", code: name, message };
  }
  return { kind: "unanswered", cause: code ?? name };
}

function describe(error: unknown) {
  const { name, message, code, $metadata, $response } = error as {
    name?: string;
    message?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string> };
  };
  return {
    name: name ?? "Error",
    message: message ?? "",
    code,
    status: $metadata?.httpStatusCode,
    date: $response?.headers?.["date"],
  };
}
