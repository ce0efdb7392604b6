import type { Instant } from "../../metering/domain/license.ts";
import { licenseIdOf } from "../../metering/domain/license.ts";

/** What of an AWS Marketplace notification matters here (protocol-facts A6). */
export type LifecycleEvent =
  | LicenseEvent
  | {
      readonly kind: "agreement-ended";
      readonly eventId: string;
      readonly time: Instant;
      readonly agreementId: string;
      readonly status: string;
    };

export interface LicenseEvent {
  readonly kind: "license-updated" | "license-deprovisioned";
  readonly eventId: string;
  readonly time: Instant;
  readonly agreementId: string;
  readonly licenseArn: string;
  readonly licenseId: string;
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly offerId?: string | undefined;
}

export type ParsedEvent =
  | { readonly kind: "event"; readonly event: LifecycleEvent }
  /** Well-formed but not for us; `reason` is fit for a log line. */
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "malformed"; readonly reason: string };

const SOURCE = "aws.agreement-marketplace";
const DETAIL_TYPE =
  /^(License Updated|License Deprovisioned|Purchase Agreement Ended) - (?:Manufacturer|Proposer)$/;
const ACCOUNT = /^[0-9]{12}$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** Reads an EventBridge envelope. Both suffixes count: which one comes depends on who sold. */
export function parseLifecycleEvent(
  envelope: unknown,
  ours: { sellerAccountId: string; productCode: string },
): ParsedEvent {
  const source = text(envelope, "source");
  if (source === undefined) return malformed("no source");
  if (source !== SOURCE) return ignored("another source");
  if (text(envelope, "account") !== ours.sellerAccountId) return ignored("another seller account");
  const detailType = DETAIL_TYPE.exec(text(envelope, "detail-type") ?? "")?.[1];
  if (detailType === undefined) return ignored("a detail-type that changes nothing here");

  const eventId = text(envelope, "id");
  const time = instant(text(envelope, "time"));
  const detail = field(envelope, "detail");
  const agreement = field(detail, "agreement");
  const agreementId = text(agreement, "id");
  if (eventId === undefined || time === undefined) return malformed("no id or time");
  if (agreementId === undefined || !ID.test(agreementId)) return malformed("no agreement id");
  if (detailType === "Purchase Agreement Ended") {
    const status = text(agreement, "status") ?? "unknown";
    return {
      kind: "event",
      event: { kind: "agreement-ended", eventId, time, agreementId, status },
    };
  }

  const productCode = text(field(detail, "product"), "code");
  if (productCode === undefined) return malformed("no product code");
  if (productCode !== ours.productCode) return ignored("another product");
  const licenseArn = text(field(detail, "license"), "arn") ?? "";
  const licenseId = licenseIdIn(licenseArn);
  const buyerAccountId = text(field(detail, "acceptor"), "accountId") ?? "";
  if (licenseId === undefined) return malformed("no license ARN");
  if (!ACCOUNT.test(buyerAccountId)) return malformed("no acceptor account");
  const kind = detailType === "License Updated" ? "license-updated" : "license-deprovisioned";
  // Without a readable offer the license is no less active; its price is then the public one.
  const offer = text(field(detail, "offer"), "id");
  const offerId = offer !== undefined && ID.test(offer) ? offer : undefined;
  const license = { licenseArn, licenseId, productCode, buyerAccountId, offerId };
  return { kind: "event", event: { kind, eventId, time, agreementId, ...license } };
}

const ignored = (reason: string): ParsedEvent => ({ kind: "ignored", reason });
const malformed = (reason: string): ParsedEvent => ({ kind: "malformed", reason });

function licenseIdIn(licenseArn: string): string | undefined {
  try {
    return licenseIdOf(licenseArn);
  } catch {
    return undefined;
  }
}

function instant(time: string | undefined): Instant | undefined {
  if (time === undefined || !TIME.test(time)) return undefined;
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function field(value: unknown, name: string): unknown {
  const isRecord = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isRecord ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}
