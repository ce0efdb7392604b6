import { HOUR } from "./calendar.ts";
import type { Instant, License } from "./license.ts";
import { WINDOW_MARGIN_MS } from "./limits.ts";
import { isOpen } from "./window.ts";

/**
 * How AWS is told whose record it is: by the license, or, for listings from before Concurrent
 * Agreements, by the product code of the call. Both for one buyer and hour bill twice
 * (protocol-facts A4), so it is sealed with the record and never changed on a resend.
 */
export type Identification = "license-arn" | "product-code";

/** Product code for the hours before `legacy.until`, the license from that hour on. */
export function identifiedBy(license: Pick<License, "legacy">, stamp: Instant): Identification {
  const isLegacy = license.legacy !== undefined && stamp < (license.legacy.until ?? Infinity);
  return isLegacy ? "product-code" : "license-arn";
}

/** What of a sealed record and its license decides how and until when it can be sent. */
export interface IdentifiedRecord {
  readonly license: Pick<License, "legacy" | "endedAt">;
  readonly item: { readonly stamp: Instant; readonly identifiedBy: Identification };
}

/**
 * Whether a record may enter a call now: its window is open (I6), and it does not name the product
 * any more when the license's first hour can be sent. AWS does not say whether "within the same
 * hour" means the hour of use or of the call, so neither ever sees both.
 */
export function mayBeSent({ license, item }: IdentifiedRecord, now: Instant): boolean {
  if (!isOpen(item.stamp, license.endedAt, now)) return false;
  if (item.identifiedBy === "license-arn") return true;
  const until = license.legacy?.until ?? Infinity;
  return now < until + HOUR - WINDOW_MARGIN_MS;
}
