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
      const records = requestRecords(region, input, bodyBytes);
      // One bad record refuses the whole request, so all are checked before one is taken.
      for (const record of records) checkRecord(state, callerAccountId, record, now);
      checkOneProduct(state, records);

      const results: UsageRecordResult[] = [];
      const unprocessed: EchoedRecord[] = [];
      for (const record of records) {
        if (isUnprocessed(record)) unprocessed.push(echo(record));
        else results.push(meter(state, region, record, now));
      }
      return { Results: results, UnprocessedRecords: unprocessed };
    },
  };
}

function requestRecords(
  region: string,
  input: Readonly<Record<string, unknown>>,
  bodyBytes: number,
): UsageRecord[] {
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
  if (input["ProductCode"] !== undefined) {
    // Both in one hour bill twice; AWS refuses it for products with Concurrent Agreements.
    throw new AwsError(
      "InvalidProductCodeException",
      "ProductCode must not be sent with LicenseArn: the LicenseArn of each record identifies the product.",
    );
  }
  return raw.map(parseUsageRecord);
}

function checkRecord(
  state: MarketplaceState,
  callerAccountId: string,
  record: UsageRecord,
  now: number,
): void {
  const license = state.licenses[record.licenseArn];
  if (license === undefined || license.sellerAccountId !== callerAccountId) {
    throw invalidLicense(`The license ${record.licenseArn} is not valid for this seller.`);
  }
  if (license.buyerAccountId !== record.customerAwsAccountId) {
    throw invalidLicense(
      `The license ${record.licenseArn} does not belong to account ${record.customerAwsAccountId}.`,
    );
  }
  const product = state.products.find(({ productCode }) => productCode === license.productCode);
  if (product?.dimensions.includes(record.dimension) !== true) {
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
  const afterEnd = license.endedAt !== undefined && record.timestamp > license.endedAt;
  if (record.timestamp < license.activatedAt || afterEnd) {
    throw invalidLicense(`The usage is outside the activation period of ${record.licenseArn}.`);
  }
}

function isInsideWindow(timestamp: number, now: number): boolean {
  if (timestamp > now || now - timestamp >= REPORTING_WINDOW_MS) return false;
  const today = new Date(now);
  const monthStart = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1);
  return timestamp >= monthStart || now < monthStart + MONTH_CLOSE_HOUR * HOUR_MS;
}

function checkOneProduct(state: MarketplaceState, records: readonly UsageRecord[]): void {
  const codes = new Set(records.map(({ licenseArn }) => state.licenses[licenseArn]?.productCode));
  if (codes.size > 1) {
    throw invalidLicense("All records of a request must be for licenses of one product.");
  }
}

function meter(
  state: MarketplaceState,
  region: string,
  record: UsageRecord,
  now: number,
): UsageRecordResult {
  const UsageRecord = echo(record);
  const license = state.licenses[record.licenseArn];
  if (license === undefined || !isSubscribed(license, now)) {
    return { UsageRecord, Status: "CustomerNotSubscribed" };
  }
  const hour = Math.floor(record.timestamp / HOUR_MS) * HOUR_MS;
  const key = deduplicationKey(region, record, hour);
  const known = state.records[key];
  if (known === undefined) {
    const recorded = newRecord(state, region, record, hour, now, license.productCode);
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

/** De-duplication is per region (protocol-facts A7). */
const deduplicationKey = (region: string, record: UsageRecord, hour: number): string =>
  JSON.stringify([region, record.licenseArn, record.customerAwsAccountId, record.dimension, hour]);

function newRecord(
  state: MarketplaceState,
  region: string,
  record: UsageRecord,
  hour: number,
  now: number,
  productCode: string,
): MeteringRecord {
  state.meteringRecordCount += 1;
  return {
    meteringRecordId: recordId(state.meteringRecordCount),
    region,
    licenseArn: record.licenseArn,
    productCode,
    customerAwsAccountId: record.customerAwsAccountId,
    dimension: record.dimension,
    hour,
    timestamp: record.timestamp,
    quantity: record.quantity,
    ...(record.allocations === undefined ? {} : { allocations: record.allocations }),
    receivedAt: now,
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

const invalidLicense = (message: string): AwsError =>
  new AwsError("InvalidLicenseException", message);
