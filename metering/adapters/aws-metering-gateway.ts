import type {
  BatchMeterUsageCommandInput,
  BatchMeterUsageCommandOutput,
  UsageAllocation,
  UsageRecord,
  UsageRecordResult,
} from "@aws-sdk/client-marketplace-metering";
import type { Allocation } from "../domain/allocations.ts";
import { callGroup } from "../domain/batching.ts";
import type { Attempt, RecordAnswer } from "../domain/settlement.ts";
import type { MeteringBatch, MeteringBatchRecord, MeteringGateway } from "../ports.ts";

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
      const input = toInput(records);
      try {
        const answer = await batchMeterUsage(region, input);
        return { kind: "answered", answers: fromResults(input.UsageRecords ?? [], answer) };
      } catch (error) {
        return fromError(error);
      }
    },
  };
}

/**
 * A LicenseArn in each record, or a ProductCode for the call: both for one buyer and hour bill
 * twice (protocol-facts A4). Built from what was sealed alone, so that a resend is the same bytes.
 */
function toInput(records: MeteringBatch["records"]): BatchMeterUsageCommandInput {
  const [first] = records;
  if (first === undefined || new Set(records.map(callGroup)).size > 1) {
    throw new RangeError("a call takes records of one region, product and identification");
  }
  const UsageRecords = records.map(toUsageRecord);
  return first.item.identifiedBy === "license-arn"
    ? { UsageRecords }
    : { ProductCode: first.license.productCode, UsageRecords };
}

function toUsageRecord(record: MeteringBatchRecord): UsageRecord {
  const { key, item, allocations = [] } = record;
  return {
    Timestamp: new Date(item.stamp),
    ...toBuyer(record),
    Dimension: key.dimension,
    Quantity: item.quantity,
    ...(allocations.length === 0 ? {} : { UsageAllocations: allocations.map(toUsageAllocation) }),
  };
}

function toBuyer(
  record: MeteringBatchRecord,
): Pick<UsageRecord, "CustomerAWSAccountId" | "CustomerIdentifier" | "LicenseArn"> {
  const { buyerAccountId, licenseArn, legacy } = record.license;
  if (record.item.identifiedBy === "license-arn") {
    return { CustomerAWSAccountId: buyerAccountId, LicenseArn: licenseArn };
  }
  const identifier = legacy?.customerIdentifier;
  return identifier === undefined
    ? { CustomerAWSAccountId: buyerAccountId }
    : { CustomerIdentifier: identifier };
}

function toUsageAllocation({ quantity, tags }: Allocation): UsageAllocation {
  return {
    AllocatedUsageQuantity: quantity,
    ...(tags.length === 0
      ? {}
      : { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
  };
}

/** The answer may come in any order. Two words on one record that differ are no word at all. */
function fromResults(
  sent: readonly UsageRecord[],
  { Results = [], UnprocessedRecords = [] }: Awaited<ReturnType<BatchMeterUsage>>,
): RecordAnswer[] {
  return sent.map((record) => {
    const [answer, ...others] = [
      ...Results.filter((result) => isAbout(record, result.UsageRecord)).map(fromResult),
      ...UnprocessedRecords.filter((one) => isAbout(record, one)).map(() => UNPROCESSED),
    ];
    const isOne = others.every(({ kind }) => kind === answer?.kind);
    return answer !== undefined && isOne ? answer : { kind: "missing" };
  });
}

const NAMING = ["LicenseArn", "CustomerAWSAccountId", "CustomerIdentifier", "Dimension"] as const;
const UNPROCESSED: RecordAnswer = { kind: "unprocessed" };

/**
 * Whether AWS's echo names what we sent: what it de-duplicates by (protocol-facts A7), and the
 * quantity. It may name more, such as the account behind an identifier.
 */
function isAbout(sent: UsageRecord, echo: UsageRecord | undefined): boolean {
  return (
    NAMING.every((field) => sent[field] === undefined || sent[field] === echo?.[field]) &&
    sent.Timestamp?.getTime() === echo?.Timestamp?.getTime() &&
    sent.Quantity === (echo?.Quantity ?? 0)
  );
}

/** A status we don't know is no answer we may act on. */
function fromResult({ Status, MeteringRecordId = "" }: UsageRecordResult): RecordAnswer {
  if (Status === "Success") return { kind: "accepted", meteringRecordId: MeteringRecordId };
  if (Status === "CustomerNotSubscribed") return { kind: "not-subscribed" };
  if (Status === "DuplicateRecord") return { kind: "duplicate" };
  return { kind: "missing" };
}

/**
 * Refusals of a whole call that one of its records can cause: worth bisecting (design 4.9). A
 * malformed ARN or dimension is a ValidationException.
 */
const ONE_RECORD_CAN_CAUSE = new Set([
  "ValidationException",
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
