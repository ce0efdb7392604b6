import type { Allocation } from "./allocations.ts";
import type { ChainKey } from "./chain.ts";
import type { Identification } from "./identification.ts";
import type { Instant, License } from "./license.ts";
import { BYTES_PER_CALL, RECORDS_PER_CALL } from "./limits.ts";

/** What of a sealed record goes over the wire. */
export interface Sendable {
  readonly license: Pick<
    License,
    "licenseArn" | "buyerAccountId" | "productCode" | "meteringRegion" | "legacy" | "endedAt"
  >;
  readonly key: Pick<ChainKey, "dimension">;
  readonly item: {
    readonly stamp: Instant;
    readonly quantity: number;
    readonly identifiedBy: Identification;
  };
  readonly allocations?: readonly Allocation[] | undefined;
}

/**
 * What may share a call: one region, one product, and one way to name the buyer, since a
 * ProductCode speaks for the whole call (protocol-facts A4, A7).
 */
export function callGroup(record: Sendable): string {
  return groupText(record.license, record.item.identifiedBy);
}

/** Every group that a license's records can be in. */
export function callGroupsOf(license: BilledLicense): string[] {
  return (["license-arn", "product-code"] as const).map((by) => groupText(license, by));
}

type BilledLicense = Pick<License, "meteringRegion" | "productCode">;

function groupText({ meteringRegion, productCode }: BilledLicense, by: Identification): string {
  return JSON.stringify([meteringRegion, productCode, by]);
}

/** Field names, punctuation, timestamp and quantity of a record; the rest of the call; a tag list. */
const RECORD_FRAME = 250;
const CALL_FRAME = 250;
const ALLOCATION_FRAME = 20;

const utf8 = new TextEncoder();
const bytesOf = (value: unknown): number => utf8.encode(JSON.stringify(value)).length;

/** No fewer bytes than the record takes in the JSON that the SDK sends. */
export function wireBytes({ license, key, allocations = [] }: Sendable): number {
  const { licenseArn, buyerAccountId, legacy } = license;
  const named = [licenseArn, buyerAccountId, legacy?.customerIdentifier, key.dimension];
  const tags = allocations.length === 0 ? 0 : bytesOf(allocations);
  return RECORD_FRAME + bytesOf(named) + tags + ALLOCATION_FRAME * allocations.length;
}

/** Whether it can be sent at all. What can't must not be sealed: no later attempt would help. */
export function fitsInCall(record: Sendable): boolean {
  return CALL_FRAME + wireBytes(record) <= BYTES_PER_CALL;
}

interface Sized {
  readonly bytes: number;
}

/** Whether the records are as many as one call takes, or more. */
export function fillsCall(records: readonly Sized[]): boolean {
  return records.length >= RECORDS_PER_CALL || !hasRoom(records);
}

/** In their order, as few calls as that order allows: ≤ 25 records and < 1 MB each. */
export function packed<Record extends Sized>(records: readonly Record[]): Record[][] {
  const calls: Record[][] = [];
  for (const record of records) {
    const last = calls.at(-1);
    const fits = last !== undefined && last.length < RECORDS_PER_CALL && hasRoom([...last, record]);
    if (fits) last.push(record);
    else calls.push([record]);
  }
  return calls;
}

function hasRoom(records: readonly Sized[]): boolean {
  const bytes = records.reduce((sum, record) => sum + record.bytes, CALL_FRAME);
  return bytes <= BYTES_PER_CALL;
}

/** As equal as can be, the larger first: n records stand alone after ⌈log₂ n⌉ halvings. */
export function halves<T>(records: readonly T[]): T[][] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].filter(({ length }) => length > 0);
}
