import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/**
 * Verifies Signature Version 4 in its header form, from the request as it arrived: what was sent
 * counts, never what it was meant to be (the Host header included, so that a request signed for
 * `sts.eu-west-1.amazonaws.com` can be checked here).
 */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as received, still encoded. */
  readonly target: string;
  /** Lowercase names; one entry for each time the header was sent. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
}

export interface CredentialScope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export type SignatureVerdict =
  | { readonly kind: "valid"; readonly scope: CredentialScope }
  | { readonly kind: "missing" }
  | { readonly kind: "incomplete"; readonly reason: string }
  | { readonly kind: "mismatch"; readonly reason?: string }
  | { readonly kind: "skewed"; readonly reason: string };

/** AWS refuses requests whose time differs by more (protocol-facts D1). */
const MAX_SKEW_MS = 5 * 60 * 1000;
const ALGORITHM = "AWS4-HMAC-SHA256";
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
const SIGNING_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
/** S3 lets a client leave the body out of the signature. */
const UNSIGNED_BODIES = ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"];

interface Authorization {
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** The scope a request claims, unverified: enough to look up the key and to route. */
export function claimedScope(request: SignedRequest): CredentialScope | undefined {
  const header = only(request, "authorization");
  return header === undefined ? undefined : parseAuthorization(header)?.scope;
}

export function verifySignature(
  request: SignedRequest,
  secretAccessKey: string,
  now: number,
): SignatureVerdict {
  if (!request.headers.has("authorization")) return { kind: "missing" };
  const repeated = repeatedHeader(request);
  if (repeated !== undefined) {
    return { kind: "incomplete", reason: `Header '${repeated}' was sent more than once.` };
  }
  const authorization = parseAuthorization(only(request, "authorization") ?? "");
  if (authorization === undefined) {
    return {
      kind: "incomplete",
      reason: `Authorization header requires '${ALGORITHM}' with 'Credential', 'SignedHeaders' and 'Signature' parameters.`,
    };
  }
  const date = only(request, "x-amz-date") ?? "";
  const signedAt = parseSigningDate(date);
  if (signedAt === undefined) {
    return { kind: "incomplete", reason: "Authorization header requires a valid 'X-Amz-Date'." };
  }
  const unsigned = unsignedHeader(request, authorization.signedHeaders);
  if (unsigned !== undefined) {
    return { kind: "mismatch", reason: `'${unsigned}' must be a 'SignedHeader'.` };
  }
  if (authorization.scope.date !== date.slice(0, 8)) {
    return {
      kind: "mismatch",
      reason: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.",
    };
  }
  const bodyHash = signedBodyHash(request, authorization.scope.service);
  if (bodyHash === undefined) {
    return {
      kind: "mismatch",
      reason: "The body does not match the hash in 'x-amz-content-sha256'.",
    };
  }
  const expected = signatureOf(request, authorization, bodyHash, date, secretAccessKey);
  if (!equalInConstantTime(expected, authorization.signature)) return { kind: "mismatch" };
  return (
    skew(date, signedAt, now) ?? {
      kind: "valid",
      scope: authorization.scope,
    }
  );
}

function skew(date: string, signedAt: number, now: number): SignatureVerdict | undefined {
  const current = compact(now);
  if (signedAt < now - MAX_SKEW_MS) {
    const earliest = compact(now - MAX_SKEW_MS);
    return {
      kind: "skewed",
      reason: `Signature expired: ${date} is now earlier than ${earliest} (${current} - 5 min.)`,
    };
  }
  if (signedAt > now + MAX_SKEW_MS) {
    const latest = compact(now + MAX_SKEW_MS);
    return {
      kind: "skewed",
      reason: `Signature not yet current: ${date} is still later than ${latest} (${current} + 5 min.)`,
    };
  }
  return undefined;
}

function parseAuthorization(header: string): Authorization | undefined {
  const match = AUTHORIZATION.exec(header);
  const [, credential = "", signed = "", signature = ""] = match ?? [];
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split("/");
  if (match === null || terminator !== "aws4_request" || rest.length > 0) return undefined;
  if (!accessKeyId || !date || !region || !service) return undefined;
  return {
    scope: { accessKeyId, date, region, service },
    signedHeaders: signed.split(";"),
    signature,
  };
}

function parseSigningDate(date: string): number | undefined {
  const match = SIGNING_DATE.exec(date);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map(Number);
  const instant = Date.UTC(year, month - 1, day, hour, minute, second);
  // 31 February would roll over into March.
  return compact(instant) === date ? instant : undefined;
}

/** A repeated header could mean one thing to the signer and another to the service. */
function repeatedHeader(request: SignedRequest): string | undefined {
  for (const [name, values] of request.headers) {
    const matters = name === "host" || name === "authorization" || name.startsWith("x-amz-");
    if (matters && values.length > 1) return name;
  }
  return undefined;
}

function unsignedHeader(request: SignedRequest, signed: readonly string[]): string | undefined {
  for (const name of request.headers.keys()) {
    if ((name === "host" || name.startsWith("x-amz-")) && !signed.includes(name)) return name;
  }
  return signed.includes("host") ? undefined : "host";
}

/** What the signature says of the body; undefined when the body is another one. */
function signedBodyHash(request: SignedRequest, service: string): string | undefined {
  const actual = createHash("sha256").update(request.body).digest("hex");
  const claimed = only(request, "x-amz-content-sha256");
  if (claimed === undefined || claimed === actual) return actual;
  return service === "s3" && UNSIGNED_BODIES.includes(claimed) ? claimed : undefined;
}

function signatureOf(
  request: SignedRequest,
  { scope, signedHeaders }: Authorization,
  bodyHash: string,
  date: string,
  secretAccessKey: string,
): string {
  const canonical = canonicalRequest(request, scope.service, signedHeaders, bodyHash);
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const digest = createHash("sha256").update(canonical).digest("hex");
  const key = [scope.date, scope.region, scope.service, "aws4_request"].reduce<Buffer>(
    (signingKey, part) => hmac(signingKey, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return hmac(key, [ALGORITHM, date, scopeText, digest].join("\n")).toString("hex");
}

function canonicalRequest(
  request: SignedRequest,
  service: string,
  signedHeaders: readonly string[],
  bodyHash: string,
): string {
  const [path = "/", query = ""] = splitOnce(request.target, "?");
  const headers = signedHeaders.map((name) => {
    const values = request.headers.get(name) ?? [];
    return `${name}:${values.map((value) => value.trim().replace(/ +/g, " ")).join(",")}\n`;
  });
  return [
    request.method,
    service === "s3" ? encodedOnce(path) : encodedTwice(path),
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    bodyHash,
  ].join("\n");
}

const encodedOnce = (path: string): string =>
  path
    .split("/")
    .map((segment) => uriEncode(decoded(segment)))
    .join("/");

/** Every service but S3 signs the path normalised and encoded once more. */
function encodedTwice(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const slash = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.map(uriEncode).join("/")}${slash}`;
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  return query
    .split("&")
    .map((pair) => {
      const [name = "", value = ""] = splitOnce(pair, "=");
      return [uriEncode(decoded(name)), uriEncode(decoded(value))] as const;
    })
    .sort(([name, value], [otherName, otherValue]) =>
      name === otherName ? byteOrder(value, otherValue) : byteOrder(name, otherName),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

// Encoded text is ASCII, so the order of UTF-16 units is the order of bytes.
const byteOrder = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function only(request: SignedRequest, name: string): string | undefined {
  return request.headers.get(name)?.[0];
}

const compact = (instant: number): string =>
  new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, "");

const hmac = (key: Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text, "utf8").digest();

function equalInConstantTime(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
