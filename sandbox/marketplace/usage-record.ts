import { AwsError } from "../aws-service.ts";
import {
  ALLOCATIONS_MAX,
  DIMENSION_MAX_LENGTH,
  QUANTITY_MAX,
  TAG_KEY_MAX_LENGTH,
  TAG_VALUE_MAX_LENGTH,
  TAGS_MAX,
} from "./limits.ts";

/** A record of a BatchMeterUsage request, its form checked. */
export interface UsageRecord {
  /** Epoch ms. */
  readonly timestamp: number;
  /** Either this or the account, never both. */
  readonly customerIdentifier?: string;
  readonly customerAwsAccountId?: string;
  readonly licenseArn?: string;
  readonly dimension: string;
  readonly quantity: number;
  readonly allocations?: readonly UsageAllocation[];
  /** As sent, to be echoed. */
  readonly sent: Readonly<Record<string, unknown>>;
}

export interface UsageAllocation {
  readonly quantity: number;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

const ACCOUNT_ID = /^[0-9]+$/;
const LICENSE_ARN = /^arn:aws[a-zA-Z-]*:[A-Za-z0-9-]+:[A-Za-z0-9-]*:[0-9]*:[A-Za-z0-9:/._-]+$/;
/** AWS's `[a-zA-Z0-9+ -=._:\/@]`, of its two readings (A7) only what both allow. */
const TAG_TEXT = /^[a-zA-Z0-9+ \-=._:/@]+$/;

/** Checks what can be checked without knowing anything; every problem refuses the request. */
export function parseUsageRecord(raw: unknown): UsageRecord {
  if (typeof raw !== "object" || raw === null) throw notA("structure");
  const sent = raw as Record<string, unknown>;
  const quantity = wholeNumber(sent["Quantity"] ?? 0, "quantity");
  const allocations = parseAllocations(sent["UsageAllocations"], quantity);
  return {
    timestamp: parseTimestamp(sent["Timestamp"]),
    dimension: text(sent["Dimension"], "dimension", (value) => {
      if (value.length < 1 || value.length > DIMENSION_MAX_LENGTH) {
        throw constraint("dimension", `have length between 1 and ${DIMENSION_MAX_LENGTH}`);
      }
    }),
    ...customerOf(sent),
    ...(sent["LicenseArn"] === undefined
      ? {}
      : { licenseArn: parseLicenseArn(sent["LicenseArn"]) }),
    quantity,
    ...(allocations === undefined ? {} : { allocations }),
    sent,
  };
}

function customerOf(
  sent: Readonly<Record<string, unknown>>,
): Pick<UsageRecord, "customerIdentifier" | "customerAwsAccountId"> {
  const { CustomerIdentifier: identifier, CustomerAWSAccountId: account } = sent;
  if (identifier === undefined) {
    const customerAwsAccountId = text(account, "customerAWSAccountId", (value) => {
      if (!ACCOUNT_ID.test(value)) throw constraint("customerAWSAccountId", "match ^[0-9]+$");
    });
    return { customerAwsAccountId };
  }
  if (account !== undefined) {
    throw new AwsError(
      "InvalidCustomerIdentifierException",
      "CustomerIdentifier and CustomerAWSAccountId can't be specified in the same record.",
    );
  }
  const customerIdentifier = text(identifier, "customerIdentifier", (value) => {
    if (value.length < 1 || value.length > DIMENSION_MAX_LENGTH) {
      throw constraint("customerIdentifier", `have length between 1 and ${DIMENSION_MAX_LENGTH}`);
    }
  });
  return { customerIdentifier };
}

const parseLicenseArn = (value: unknown): string =>
  text(value, "licenseArn", (arn) => {
    if (!LICENSE_ARN.test(arn)) throw constraint("licenseArn", "be an ARN");
  });

function parseTimestamp(value: unknown): number {
  const seconds = value instanceof Date ? value.getTime() / 1000 : value;
  if (seconds === undefined) throw constraint("timestamp", "not be null");
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) throw notA("timestamp");
  return Math.round(seconds * 1000);
}

/** The SDKs send what they are given: `1.7` arrives here (libraries §2). */
function wholeNumber(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isInteger(value)) throw notA("integer");
  if (value < 0 || value > QUANTITY_MAX) {
    throw constraint(field, `be between 0 and ${QUANTITY_MAX}`);
  }
  return value;
}

function parseAllocations(raw: unknown, quantity: number): UsageAllocation[] | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (!Array.isArray(raw)) throw notA("list");
  if (raw.length < 1 || raw.length > ALLOCATIONS_MAX) {
    throw constraint("usageAllocations", `have between 1 and ${ALLOCATIONS_MAX} members`);
  }
  const allocations = raw.map(parseAllocation);
  const keys = new Set(allocations.flatMap(({ tags }) => tags.map(({ key }) => key)));
  if (keys.size > TAGS_MAX) {
    throw invalidTag(`The allocations use ${keys.size} tag keys; at most ${TAGS_MAX} are allowed.`);
  }
  if (new Set(allocations.map(tagSet)).size < allocations.length) {
    throw new AwsError(
      "InvalidUsageAllocationsException",
      "Each UsageAllocation must have a unique set of tags.",
    );
  }
  const sum = allocations.reduce((total, allocation) => total + allocation.quantity, 0);
  if (sum !== quantity) {
    throw new AwsError(
      "InvalidUsageAllocationsException",
      `The sum of the allocated quantities (${sum}) is not equal to the usage quantity (${quantity}).`,
    );
  }
  return allocations;
}

function parseAllocation(raw: unknown): UsageAllocation {
  const { AllocatedUsageQuantity: quantity, Tags: tags } = (raw ?? {}) as Record<string, unknown>;
  return {
    quantity: wholeNumber(quantity, "allocatedUsageQuantity"),
    tags: tags === undefined || tags === null ? [] : parseTags(tags),
  };
}

function parseTags(raw: unknown): UsageAllocation["tags"] {
  if (!Array.isArray(raw)) throw notA("list");
  if (raw.length < 1 || raw.length > TAGS_MAX) {
    throw invalidTag(`An allocation has ${raw.length} tags; 1 to ${TAGS_MAX} are allowed.`);
  }
  const tags = raw.map((tag: unknown) => {
    const { Key: key, Value: value } = (tag ?? {}) as Record<string, unknown>;
    return {
      key: tagText(key, TAG_KEY_MAX_LENGTH, "key"),
      value: tagText(value, TAG_VALUE_MAX_LENGTH, "value"),
    };
  });
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw invalidTag("An allocation has the same tag key twice.");
  }
  return tags.sort((left, right) => (left.key < right.key ? -1 : 1));
}

function tagText(value: unknown, maxLength: number, part: string): string {
  if (typeof value !== "string" || value.length > maxLength || !TAG_TEXT.test(value)) {
    throw invalidTag(`A tag ${part} must have 1 to ${maxLength} of the allowed characters.`);
  }
  return value;
}

const tagSet = ({ tags }: UsageAllocation): string => JSON.stringify(tags);

/** Whether two records split their quantity alike, in whatever order they say so. */
export function sameAllocations(
  left: readonly UsageAllocation[] | undefined,
  right: readonly UsageAllocation[] | undefined,
): boolean {
  if (left === undefined || right === undefined) return left === right;
  const canonical = (allocations: readonly UsageAllocation[]) =>
    allocations.map((one) => `${tagSet(one)}=${one.quantity}`).sort();
  return JSON.stringify(canonical(left)) === JSON.stringify(canonical(right));
}

function text(value: unknown, field: string, check: (value: string) => void): string {
  if (value === undefined || value === null) throw constraint(field, "not be null");
  if (typeof value !== "string") throw notA("string");
  check(value);
  return value;
}

const invalidTag = (message: string): AwsError => new AwsError("InvalidTagException", message);

const notA = (kind: string): AwsError =>
  new AwsError("SerializationException", `A value cannot be converted to ${kind}.`);

const constraint = (field: string, rule: string): AwsError =>
  new AwsError(
    "ValidationException",
    `1 validation error detected: Value at 'usageRecords.${field}' failed to satisfy constraint: Member must ${rule}`,
  );
