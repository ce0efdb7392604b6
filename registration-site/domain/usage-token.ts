import { MINUTE } from "../../metering/domain/calendar.ts";
import type { Deployment, Instant, License } from "../../metering/domain/license.ts";
import { LAST_READING_MS } from "../../metering/domain/limits.ts";
import {
  USAGE_PATH,
  USAGE_TOKEN_PATH,
  type UsageTokenPayload,
} from "../../template-src/contract.ts";
import { type UsageRefusal, usageRefusals } from "./usage-refusals.ts";

/** Short, because what it lets in is looked up at each use but a copy can't be called back. */
export const USAGE_TOKEN_LIFE_MS = 15 * MINUTE;

/** Whom a token speaks for. */
export interface UsageTokenClaims {
  readonly deploymentId: string;
  readonly licenseId: string;
}

/** What the proof for a token is signed for: not what a callback's is. */
export const usageProofAudience = (origin: string) => `${origin}${USAGE_TOKEN_PATH}`;
/** What the token itself is for. */
export const usageTokenAudience = (origin: string) => `${origin}${USAGE_PATH}`;
/** A source that no other deployment uses, for products that have no better one. */
export const usageSourceOf = (deploymentId: string) => `urn:launchmeter:deployment:${deploymentId}`;

const LONGEST_PAYLOAD = 2_048;
const REQUEST_ID = /^[A-Za-z0-9-]{16,128}$/;

/** The payload, or undefined if it is not said in the contract's form and for this purpose. */
export function parseUsageTokenPayload(text: string): UsageTokenPayload | undefined {
  if (text.length > LONGEST_PAYLOAD) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null || Array.isArray(said)) return undefined;
  // Own fields only: nothing is read from a prototype.
  const { version, purpose, requestId, stackId } = Object.fromEntries<unknown>(
    Object.entries(said),
  );
  if (version !== 1 || purpose !== "usage-token" || typeof stackId !== "string") return undefined;
  if (typeof requestId !== "string" || !REQUEST_ID.test(requestId)) return undefined;
  return { version, purpose, requestId, stackId };
}

/**
 * Why a deployment may not send usage now, or undefined. Asked at each request anew: a token that
 * was issued before says nothing about what became of deployment and license since.
 */
export function usageBar(
  deployment: Deployment | undefined,
  license: License | undefined,
  now: Instant,
): UsageRefusal | undefined {
  if (deployment === undefined || license === undefined) return usageRefusals.notRegistered();
  if (deployment.state === "awaiting-confirmation") return usageRefusals.notConfirmed();
  if (deployment.state === "ended" || deployment.goneAt !== undefined) {
    return usageRefusals.deploymentEnded();
  }
  if (license.activatedAt === undefined) return usageRefusals.notActivated();
  const { endedAt } = license;
  // Usage of before the end is taken for as long as the end hour's record waits for it.
  return endedAt !== undefined && now >= endedAt + LAST_READING_MS
    ? usageRefusals.licenseEnded(new Date(endedAt).toISOString())
    : undefined;
}
