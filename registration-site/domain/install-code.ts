import type { Instant } from "../../metering/domain/license.ts";
import { base32 } from "./base32.ts";

/** 80 bits: with a code living for a day, guessing one is hopeless. */
export const INSTALL_CODE_BYTES = 10;
export const INSTALL_CODE_LIFE_MS = 24 * 60 * 60 * 1000;
/** 160 bits: lives as long as its deployment. */
export const EXTERNAL_ID_BYTES = 20;

/** What is kept of a code: never the code itself, only what its hash leads to. */
export interface InstallCodeRecord {
  readonly licenseId: string;
  readonly externalIds: readonly string[];
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly spentBy?: { readonly deploymentId: string; readonly at: Instant } | undefined;
}

/** `XXXX-XXXX-XXXX-XXXX`. */
export function installCodeFrom(random: Uint8Array): string {
  return (base32(random).match(/.{4}/g) ?? []).join("-");
}

export function externalIdFrom(random: Uint8Array): string {
  return base32(random);
}

const CODE = /^[0-9A-HJKMNP-TV-Z]{16}$/;

/** As typed by a person: case, hyphens, spaces and look-alike letters don't count. */
export function normalizedInstallCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined;
  const code = typed.toUpperCase().replace(/[-\s]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return CODE.test(code) ? code : undefined;
}

/** What a code is worth to this deployment now. */
export function judgeCode(
  record: InstallCodeRecord | undefined,
  deploymentId: string,
  now: Instant,
): "usable" | "spent-by-this" | "unknown" | "spent-by-another" | "expired" {
  if (record === undefined) return "unknown";
  // Before the expiry: a stack that spent its code in time may repeat its Create later.
  if (record.spentBy?.deploymentId === deploymentId) return "spent-by-this";
  if (record.spentBy !== undefined) return "spent-by-another";
  return now >= record.expiresAt ? "expired" : "usable";
}
