import { createHash, createHmac } from "node:crypto";
import { PROOF_REQUEST, type AccountProof } from "../../contract.ts";

export interface ProofInput {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly region: string;
  /** `sts.<region>.<URL suffix>`: made by CloudFormation, so that every partition gets its own. */
  readonly stsHost: string;
  readonly audience: string;
  readonly payload: string;
  readonly now: Date;
}

/**
 * Signs, but never sends, the one STS request that tells the site which account this is.
 *
 * The site rebuilds the same request from these five pieces and sends it to AWS itself. Audience
 * and payload are signed with it, so the proof is worth nothing elsewhere or for other words
 * (protocol-facts D1). By hand because an SDK's signer would be most of this function.
 */
export function signProof(input: ProofInput): AccountProof {
  const date = input.now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${date.slice(0, 8)}/${input.region}/sts/aws4_request`;
  const request = canonicalRequest(input, date);
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(request)}`;
  const key = scope
    .split("/")
    .reduce<string | Buffer>(hmac, `AWS4${input.credentials.secretAccessKey}`);
  return {
    accessKeyId: input.credentials.accessKeyId,
    sessionToken: input.credentials.sessionToken,
    region: input.region,
    date,
    signature: hmac(key, toSign).toString("hex"),
  };
}

function canonicalRequest(input: ProofInput, date: string): string {
  const headers = Object.entries({
    "content-type": PROOF_REQUEST.contentType,
    host: input.stsHost,
    "x-amz-date": date,
    "x-amz-security-token": input.credentials.sessionToken,
    [PROOF_REQUEST.audienceHeader]: input.audience,
    [PROOF_REQUEST.payloadHashHeader]: sha256(input.payload),
  }).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    PROOF_REQUEST.method,
    PROOF_REQUEST.path,
    "",
    ...headers.map(([name, value]) => `${name}:${value}`),
    "",
    headers.map(([name]) => name).join(";"),
    sha256(PROOF_REQUEST.body),
  ].join("\n");
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();
