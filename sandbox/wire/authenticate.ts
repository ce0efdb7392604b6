import { timingSafeEqual } from "node:crypto";
import { AwsError } from "../aws-service.ts";
import type { Caller } from "../aws-service.ts";
import type { IamStore } from "../iam/iam-store.ts";
import type { SandboxClock } from "../sandbox.ts";
import { claimedScope, verifySignature } from "./signature-v4.ts";
import type { CredentialScope, SignedRequest } from "./signature-v4.ts";

export interface Authenticated {
  readonly caller: Caller;
  readonly scope: CredentialScope;
}

/** The families name the same refusals differently; SDKs react to the names. */
export type ErrorFamily = "query" | "json" | "s3";

type Refusal =
  | "missing"
  | "incomplete"
  | "unknown-key"
  | "expired-token"
  | "mismatch"
  | "skewed"
  | "wrong-scope";

const CODES: Record<ErrorFamily, Record<Refusal, readonly [code: string, status: number]>> = {
  query: {
    missing: ["MissingAuthenticationToken", 403],
    incomplete: ["IncompleteSignature", 400],
    "unknown-key": ["InvalidClientTokenId", 403],
    "expired-token": ["ExpiredToken", 403],
    mismatch: ["SignatureDoesNotMatch", 403],
    skewed: ["SignatureDoesNotMatch", 403],
    "wrong-scope": ["SignatureDoesNotMatch", 403],
  },
  json: {
    missing: ["MissingAuthenticationTokenException", 400],
    incomplete: ["IncompleteSignatureException", 400],
    "unknown-key": ["UnrecognizedClientException", 400],
    "expired-token": ["ExpiredTokenException", 400],
    mismatch: ["InvalidSignatureException", 400],
    skewed: ["InvalidSignatureException", 400],
    "wrong-scope": ["InvalidSignatureException", 400],
  },
  s3: {
    missing: ["AccessDenied", 403],
    incomplete: ["AuthorizationHeaderMalformed", 400],
    "unknown-key": ["InvalidAccessKeyId", 403],
    "expired-token": ["ExpiredToken", 400],
    mismatch: ["SignatureDoesNotMatch", 403],
    skewed: ["RequestTimeTooSkewed", 403],
    "wrong-scope": ["AuthorizationHeaderMalformed", 400],
  },
};

const MESSAGES: Record<Refusal, string> = {
  missing: "Request is missing Authentication Token",
  incomplete: "The request signature is incomplete.",
  "unknown-key": "The security token included in the request is invalid.",
  "expired-token": "The security token included in the request is expired",
  mismatch:
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  skewed: "The request is outside the allowed time.",
  "wrong-scope": "Credential should be scoped to a valid region and to the correct service.",
};

/** A regional endpoint only takes what was signed for its own region (protocol-facts D1). */
const REGIONAL_HOST =
  /^[a-z0-9.-]+?\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws)(?::\d+)?$/;

/** Who signed this request; throws the `AwsError` that AWS answers otherwise. */
export function authenticate(
  { clock, iam }: { clock: Pick<SandboxClock, "now">; iam: Pick<IamStore, "credentials"> },
  request: SignedRequest,
  family: ErrorFamily,
  signingNames: readonly string[],
): Authenticated {
  const refuse = (refusal: Refusal, reason?: string): AwsError => {
    const [code, status] = CODES[family][refusal];
    return new AwsError(code, reason ?? MESSAGES[refusal], { status });
  };
  if (!request.headers.has("authorization")) throw refuse("missing");
  const scope = claimedScope(request);
  const credentials = scope && iam.credentials(scope.accessKeyId);
  if (scope !== undefined && credentials === undefined) throw refuse("unknown-key");
  const verdict = verifySignature(request, credentials?.secretAccessKey ?? "", clock.now());
  if (verdict.kind !== "valid") {
    throw refuse(verdict.kind, "reason" in verdict ? verdict.reason : undefined);
  }
  if (credentials === undefined) throw refuse("unknown-key");
  const token = request.headers.get("x-amz-security-token")?.[0];
  if (!sameToken(credentials.sessionToken, token)) throw refuse("unknown-key");
  if (credentials.expiration !== undefined && credentials.expiration <= clock.now()) {
    throw refuse("expired-token");
  }
  const host = request.headers.get("host")?.[0] ?? "";
  const hostRegion = REGIONAL_HOST.exec(host)?.[1];
  if (!signingNames.includes(verdict.scope.service)) throw refuse("wrong-scope");
  if (hostRegion !== undefined && hostRegion !== verdict.scope.region) throw refuse("wrong-scope");
  return { caller: credentials.caller, scope: verdict.scope };
}

function sameToken(expected: string | undefined, actual: string | undefined): boolean {
  if (expected === undefined || actual === undefined) return expected === actual;
  const [left, right] = [Buffer.from(expected), Buffer.from(actual)];
  return left.length === right.length && timingSafeEqual(left, right);
}
