import type { Instant } from "../../metering/domain/license.ts";
import { PROOF_REQUEST, type AccountProof } from "../../template-src/contract.ts";

/**
 * How old a proof may be, either way. SigV4 requests are expected within 5 minutes of their
 * timestamp (protocol-facts D1); STS alone would take some for 15, so this is the tighter bound.
 */
export const PROOF_LIFE_MS = 5 * 60 * 1000;

/** AWS names no limit; real tokens stay well below 2 KB. A longer one is not worth sending on. */
const LONGEST_TOKEN = 4096;

/** Temporary credentials only: a function in a stack has no others. */
const ACCESS_KEY_ID = /^ASIA[A-Z0-9]{12,28}$/;
const SESSION_TOKEN = /^[A-Za-z0-9+/=_-]+$/;
const SIGNATURE = /^[0-9a-f]{64}$/;
const DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

export type ProofProblem = "malformed" | "unknown-region" | "stale";

/**
 * What is wrong with a proof before anybody is asked. Runs first, so that no host name and no
 * header is ever built from an unchecked piece.
 */
export function proofProblem(
  proof: AccountProof,
  { now, isRegion }: { now: Instant; isRegion: (region: string) => boolean },
): ProofProblem | undefined {
  if (!ACCESS_KEY_ID.test(proof.accessKeyId)) return "malformed";
  if (proof.sessionToken.length > LONGEST_TOKEN) return "malformed";
  if (!SESSION_TOKEN.test(proof.sessionToken)) return "malformed";
  if (!SIGNATURE.test(proof.signature)) return "malformed";
  const signedAt = instantOf(proof.date);
  if (signedAt === undefined) return "malformed";
  if (!isRegion(proof.region)) return "unknown-region";
  return Math.abs(now - signedAt) > PROOF_LIFE_MS ? "stale" : undefined;
}

function instantOf(date: string): Instant | undefined {
  const [, year, month, day, hour, minute, second] = (DATE.exec(date) ?? []).map(Number);
  if (year === undefined || month === undefined) return undefined;
  const instant = Date.UTC(year, month - 1, day, hour, minute, second);
  // The 31st of February would have become a day of March.
  const again = new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, "");
  return again === date ? instant : undefined;
}

/** The request to STS, rebuilt from our own constants and the checked pieces. */
export interface StsRequest {
  readonly region: string;
  readonly method: string;
  readonly path: string;
  /** Without Host, which belongs to the endpoint and is signed as well. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Reconstructs, never forwards (protocol-facts D1): if the client signed anything else, another
 * audience, payload, region or body, AWS refuses the signature.
 */
export function stsRequestFor(
  proof: AccountProof,
  ours: { audience: string; payloadSha256: string },
): StsRequest {
  const signed: Record<string, string> = {
    "content-type": PROOF_REQUEST.contentType,
    "x-amz-date": proof.date,
    "x-amz-security-token": proof.sessionToken,
    [PROOF_REQUEST.audienceHeader]: ours.audience,
    [PROOF_REQUEST.payloadHashHeader]: ours.payloadSha256,
  };
  const names = [...Object.keys(signed), "host"].sort().join(";");
  const scope = `${proof.date.slice(0, 8)}/${proof.region}/sts/aws4_request`;
  return {
    region: proof.region,
    method: PROOF_REQUEST.method,
    path: PROOF_REQUEST.path,
    headers: {
      ...signed,
      authorization:
        `AWS4-HMAC-SHA256 Credential=${proof.accessKeyId}/${scope}, ` +
        `SignedHeaders=${names}, Signature=${proof.signature}`,
    },
    body: PROOF_REQUEST.body,
  };
}
