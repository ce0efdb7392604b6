import { AwsError } from "../aws-service.ts";
import {
  FINAL_REPORTING_MS,
  HOUR_MS,
  METERING_REGIONS,
  MONTH_CLOSE_HOUR,
  RECORDS_PER_REQUEST,
  REPORTING_WINDOW_MS,
  REQUEST_BYTES,
} from "./limits.ts";
import { covers, meteringTargets, requestedProduct } from "./metering-targets.ts";
import type { MeteringTarget } from "./metering-targets.ts";
import type { LicenseState, MarketplaceState, MeteringRecord } from "./state.ts";
import { parseUsageRecord, sameAllocations } from "./usage-record.ts";
import type { UsageRecord } from "./usage-record.ts";

/**
 * BatchMeterUsage by AWS's rules (protocol-facts A4, A7), without wire or clock: plain state, an
 * input as the SDKs send it, and an instant. Answers or throws what AWS would.
 *
 * Two things AWS doesn't say are assumed (protocol-facts H): an unprocessed record is surely not
 * recorded, and the time window is checked before de-duplication.
 */
export interface MeteringService {
  batchMeterUsage(
    callerAccountId: string,
    region: string,
    input: Readonly<Record<string, unknown>>,
    now: number,
    bodyBytes: number,
    /** The transient error that leaves a record unprocessed. */
    isUnprocessed?: (record: UsageRecord) => boolean,
  ): BatchMeterUsageOutput;
}

export interface BatchMeterUsageOutput {
  readonly Results: readonly UsageRecordResult[];
  readonly UnprocessedRecords: readonly EchoedRecord[];
}

export interface UsageRecordResult {
  readonly UsageRecord: EchoedRecord;
  readonly MeteringRecordId?: string;
  readonly Status: "Success" | "CustomerNotSubscribed" | "DuplicateRecord";
}

export type EchoedRecord = Readonly<Record<string, unknown>>;

export function meteringService(state: MarketplaceState): MeteringService {
  return {
    batchMeterUsage(callerAccountId, region, input, now, bodyBytes, isUnprocessed = () => false) {
      checkRequest(region, input, bodyBytes);
      const product = requestedProduct(state, callerAccountId, input["ProductCode"]);
      const parsed = (input["UsageRecords"] as unknown[]).map(parseUsageRecord);
      // One bad record refuses the whole request, so all are checked before one is taken.
      const records = parsed.map((record): TargetedRecord => {
        const targets = meteringTargets(state, callerAccountId, product, record);
        for (const target of targets) checkUsage(target, record, now);
        return { record, targets };
      });
      checkOneProduct(records);

      const results: UsageRecordResult[] = [];
      const unprocessed: EchoedRecord[] = [];
      for (const { record, targets } of records) {
        if (isUnprocessed(record)) unprocessed.push(echo(record));
        else results.push(meterAll(state, region, record, targets, now));
      }
      return { Results: results, UnprocessedRecords: unprocessed };
    },
  };
}

interface TargetedRecord {
  readonly record: UsageRecord;
  readonly targets: readonly MeteringTarget[];
}

function checkRequest(
  region: string,
  input: Readonly<Record<string, unknown>>,
  bodyBytes: number,
): void {
  if (!METERING_REGIONS.has(region)) {
    throw new AwsError("DisabledApiException", `The API is disabled in the Region ${region}.`);
  }
  if (bodyBytes >= REQUEST_BYTES) {
    throw new AwsError("ValidationException", "The request must be less than 1 MB in size.");
  }
  const raw = input["UsageRecords"];
  if (!Array.isArray(raw) || raw.length > RECORDS_PER_REQUEST) {
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value at 'usageRecords' failed to satisfy constraint: Member must be a list of at most ${RECORDS_PER_REQUEST}`,
    );
  }
}

function checkUsage({ product, license }: MeteringTarget, record: UsageRecord, now: number): void {
  if (!product.dimensions.includes(record.dimension)) {
    throw new AwsError(
      "InvalidUsageDimensionException",
      `The usage dimension ${record.dimension} is not one of the product's dimensions.`,
    );
  }
  if (!isInsideWindow(record.timestamp, now)) {
    throw new AwsError(
      "TimestampOutOfBoundsException",
      `The timestamp ${new Date(record.timestamp).toISOString()} is out of the allowed range.`,
    );
  }
  if (license !== undefined && !covers(license, record.timestamp)) {
    throw new AwsError(
      "InvalidLicenseException",
      `The usage is outside the activation period of ${license.licenseArn}.`,
    );
  }
}

function isInsideWindow(timestamp: number, now: number): boolean {
  if (timestamp > now || now - timestamp >= REPORTING_WINDOW_MS) return false;
  const today = new Date(now);
  const monthStart = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1);
  return timestamp >= monthStart || now < monthStart + MONTH_CLOSE_HOUR * HOUR_MS;
}

function checkOneProduct(records: readonly TargetedRecord[]): void {
  const targets = records.flatMap((one) => one.targets);
  if (new Set(targets.map(({ product }) => product.productCode)).size > 1) {
    throw new AwsError(
      "InvalidLicenseException",
      "All records of a request must be for licenses of one product.",
    );
  }
}

/** Billed to each target; the answer has room for one result, the license's where there is one. */
function meterAll(
  state: MarketplaceState,
  region: string,
  record: UsageRecord,
  targets: readonly MeteringTarget[],
  now: number,
): UsageRecordResult {
  const results = targets.map((target) => meter(state, region, record, target, now));
  const last = results.at(-1);
  if (last === undefined) throw new Error("a record was metered to nothing");
  return last;
}

function meter(
  state: MarketplaceState,
  region: string,
  record: UsageRecord,
  target: MeteringTarget,
  now: number,
): UsageRecordResult {
  const UsageRecord = echo(record);
  const { license } = target;
  if (license === undefined || !isSubscribed(license, now)) {
    return { UsageRecord, Status: "CustomerNotSubscribed" };
  }
  const hour = Math.floor(record.timestamp / HOUR_MS) * HOUR_MS;
  const key = deduplicationKey(region, target, license, record.dimension, hour);
  const known = state.records[key];
  if (known === undefined) {
    const recorded = newRecord(state, region, record, { target, license, hour, now });
    state.records[key] = recorded;
    return { UsageRecord, MeteringRecordId: recorded.meteringRecordId, Status: "Success" };
  }
  if (
    known.quantity === record.quantity &&
    sameAllocations(known.allocations, record.allocations)
  ) {
    return { UsageRecord, MeteringRecordId: known.meteringRecordId, Status: "Success" };
  }
  return { UsageRecord, Status: "DuplicateRecord" };
}

/** After License Deprovisioned one hour is left for the last records (protocol-facts A6). */
const isSubscribed = (license: LicenseState, now: number): boolean =>
  !license.suspended &&
  (license.endedAt === undefined || now < license.endedAt + FINAL_REPORTING_MS);

/**
 * De-duplication is per region (protocol-facts A7), and by what identified the usage: the same
 * usage by ProductCode and by LicenseArn is not recognised as the same (A4).
 */
const deduplicationKey = (
  region: string,
  { identifiedBy, product, buyerAccountId }: MeteringTarget,
  { licenseArn }: LicenseState,
  dimension: string,
  hour: number,
): string =>
  JSON.stringify(
    identifiedBy === "LicenseArn"
      ? [region, licenseArn, buyerAccountId, dimension, hour]
      : [region, product.productCode, buyerAccountId, dimension, hour],
  );

function newRecord(
  state: MarketplaceState,
  region: string,
  record: UsageRecord,
  at: { target: MeteringTarget; license: LicenseState; hour: number; now: number },
): MeteringRecord {
  state.meteringRecordCount += 1;
  return {
    meteringRecordId: recordId(state.meteringRecordCount),
    region,
    licenseArn: at.license.licenseArn,
    identifiedBy: at.target.identifiedBy,
    productCode: at.license.productCode,
    customerAwsAccountId: at.target.buyerAccountId,
    dimension: record.dimension,
    hour: at.hour,
    timestamp: record.timestamp,
    quantity: record.quantity,
    ...(record.allocations === undefined ? {} : { allocations: record.allocations }),
    receivedAt: at.now,
  };
}

/** Looks like AWS's UUIDs, differs for every count, needs no random source. */
function recordId(count: number): string {
  const hex = [1, 2, 3, 4].map((word) => mixed(count, word)).join("");
  return [8, 12, 16, 20]
    .reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex)
    .toLowerCase();
}

/** The first word is a bijection of the count, so ids can't collide below 2³². */
function mixed(count: number, word: number): string {
  let value = Math.imul(count, 0x9e3779b1) + Math.imul(word, 0x85ebca77);
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return ((value ^ (value >>> 15)) >>> 0).toString(16).padStart(8, "0");
}

const echo = (record: UsageRecord): EchoedRecord => ({
  ...record.sent,
  Timestamp: new Date(record.timestamp),
});
