import { hourOf } from "./calendar.ts";
import type { Identification } from "./identification.ts";
import type { Instant, License } from "./license.ts";
import { closesAt } from "./window.ts";

/** One record of a metering call, as a log shows it. */
export interface Observation {
  readonly region: string;
  /** When it was called. */
  readonly at: Instant;
  readonly eventId: string;
  /** Whose call it was: an ARN. */
  readonly caller: string;
  readonly licenseId?: string | undefined;
  /** Of the whole call, for listings from before Concurrent Agreements. */
  readonly productCode?: string | undefined;
  /** The account or the CustomerIdentifier that the record names. */
  readonly buyer?: string | undefined;
  readonly dimension: string;
  readonly stamp: Instant;
  readonly quantity: number;
  readonly answer: ObservedAnswer;
}

export type ObservedAnswer =
  | { readonly kind: "success"; readonly meteringRecordId: string }
  /** AWS said that it billed nothing: a status, an error of the whole call, or unprocessed. */
  | { readonly kind: "not-billed"; readonly word: string }
  /** The log doesn't show what AWS answered: it may have billed the record. */
  | { readonly kind: "unknown"; readonly why: string };

/** A call whose records the log leaves out; it may have billed anything. */
export interface OmittedCall {
  readonly region: string;
  readonly at: Instant;
  readonly eventId: string;
}

/** What of a region a log shows: calls made from one instant through another. */
export interface Coverage {
  readonly region: string;
  readonly from: Instant;
  readonly through: Instant;
  readonly readAt: Instant;
  /** No call in between can be missing. Exported files can have gaps that nobody sees. */
  readonly isComplete: boolean;
  /** Where it was read, in words. */
  readonly source: string;
}

export interface Trail {
  readonly observations: readonly Observation[];
  readonly omitted: readonly OmittedCall[];
  readonly coverage: readonly Coverage[];
}

export const NO_TRAIL: Trail = { observations: [], omitted: [], coverage: [] };

export function joinTrails(trails: readonly Trail[]): Trail {
  return {
    observations: trails.flatMap(({ observations }) => observations),
    omitted: trails.flatMap(({ omitted }) => omitted),
    coverage: trails.flatMap(({ coverage }) => coverage),
  };
}

/** What AWS billed of an hour, in one region and by one identification. */
export interface Billing {
  readonly region: string;
  readonly identifiedBy: Identification;
  readonly stamp: Instant;
  readonly quantity: number;
  /** Another one that AWS says it accepted, too, which can't be (protocol-facts A7). */
  readonly otherQuantity?: number | undefined;
  /** Usually one: an identical resend gets the same (protocol-facts A7). */
  readonly meteringRecordIds: readonly string[];
  readonly caller: string;
  readonly at: Instant;
  readonly eventId: string;
}

export function identificationOf({ licenseId }: Observation): Identification {
  return licenseId === undefined ? "product-code" : "license-arn";
}

/**
 * What was billed by all successful calls of one license, dimension and hour. AWS de-duplicates
 * within a region and an identification, and the first write wins (protocol-facts A4, A7).
 */
export function billingsOf(observations: readonly Observation[]): Billing[] {
  const billings = new Map<string, Billing>();
  const oldestFirst = [...observations].sort((a, b) => a.at - b.at);
  for (const one of oldestFirst) {
    if (one.answer.kind !== "success") continue;
    const { region, stamp, quantity, caller, at, eventId, answer } = one;
    const identifiedBy = identificationOf(one);
    const key = `${identifiedBy} ${region}`;
    const first = billings.get(key);
    const ids = new Set([...(first?.meteringRecordIds ?? []), answer.meteringRecordId]);
    const otherQuantity =
      first === undefined || first.quantity === quantity ? first?.otherQuantity : quantity;
    const begun = first ?? { region, identifiedBy, stamp, quantity, caller, at, eventId };
    billings.set(key, { ...begun, otherQuantity, meteringRecordIds: [...ids] });
  }
  return [...billings.values()];
}

/** CloudTrail shows a call after about 15 minutes (protocol-facts A7), which AWS doesn't promise … */
export const TRAIL_DELAY_MS = 15 * 60_000;
/** … so, ours: what isn't there counts as never made only an hour after it could have been made. */
export const SETTLE_MS = 60 * 60_000;
/** Protocol-facts A7: the event history's length. */
export const TRAIL_DAYS_MS = 90 * 24 * 60 * 60_000;

export type CoverageAnswer =
  /** No call is missing: what isn't there was not billed. */
  | { readonly kind: "complete"; readonly source: string }
  /** The log covers it, but may have gaps. */
  | { readonly kind: "partial"; readonly source: string }
  | { readonly kind: "none"; readonly why: string };

/**
 * Whether the log would show any call that could have billed the record: everything from its stamp
 * until AWS stops accepting it, with no call in between whose records are left out.
 */
export function coverageOf(
  { coverage, omitted }: Pick<Trail, "coverage" | "omitted">,
  record: { readonly region: string; readonly stamp: Instant },
): CoverageAnswer {
  const start = hourOf(record.stamp);
  const close = closesAt(record.stamp, undefined);
  const spans = coverage.filter(({ region }) => region === record.region);
  const hidden = omitted.find(
    ({ region, at }) => region === record.region && at >= start && at < close,
  );
  if (hidden !== undefined) {
    return {
      kind: "none",
      why: `the log leaves out what call ${hidden.eventId} sent, and it may have been this record`,
    };
  }
  const around = spans.filter(({ from, through }) => from <= start && through >= close);
  const complete = around.find(
    ({ isComplete, readAt }) => isComplete && readAt >= close + SETTLE_MS,
  );
  if (complete !== undefined) return { kind: "complete", source: complete.source };
  const [partial] = around;
  if (partial !== undefined) return { kind: "partial", source: partial.source };
  const why =
    spans.length === 0
      ? `no log of ${record.region} was read`
      : "the log does not hold the whole time in which AWS accepts this record";
  return { kind: "none", why };
}

/** What of a license says whose record a call names. */
export type NamedLicense = Pick<
  License,
  "licenseId" | "productCode" | "buyerAccountId" | "legacy" | "activatedAt"
>;

/**
 * The license that an observation bills. By ProductCode it names the buyer only: then it is a
 * license that is metered that way in the hour, else the account's newest of the product.
 */
export function licenseOfObservation(
  observation: Observation,
  licenses: readonly NamedLicense[],
): string | undefined {
  const { licenseId, productCode, buyer, stamp } = observation;
  if (licenseId !== undefined) {
    return licenses.find((license) => license.licenseId === licenseId)?.licenseId;
  }
  const named = licenses
    .filter((license) => license.productCode === productCode)
    .filter(
      ({ buyerAccountId, legacy }) =>
        buyer !== undefined && (buyer === buyerAccountId || buyer === legacy?.customerIdentifier),
    )
    .sort((a, b) => (b.activatedAt ?? 0) - (a.activatedAt ?? 0));
  const metered = named.find(
    ({ legacy }) => legacy !== undefined && stamp < (legacy.until ?? Infinity),
  );
  return (metered ?? named.find(({ activatedAt = 0 }) => activatedAt <= stamp) ?? named[0])
    ?.licenseId;
}
