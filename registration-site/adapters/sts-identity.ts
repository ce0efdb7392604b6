import { type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Partition, partitionOf } from "../../product/regions.ts";
import type { IdentityVerifier } from "../core-deps.ts";
import { parseCallerIdentity } from "../domain/caller-identity.ts";
import type { StsRequest } from "../domain/account-proof.ts";

export interface StsIdentityDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Lets `AWS_ENDPOINT_URL_STS` say where STS is. Only for a sandbox on the same machine: whoever
   * sets that variable can make this site believe any account.
   */
  readonly allowEndpointOverride: boolean;
}

type Answer = Awaited<ReturnType<IdentityVerifier["verify"]>>;

const TIMEOUT_MS = 3_000;
const LARGEST_BODY_BYTES = 16_384;
/** Callers are strangers until AWS has spoken, so they can't have all of our sockets. */
const MOST_AT_ONCE = 64;

const DNS_SUFFIX: Record<Partition, string> = {
  aws: "amazonaws.com",
  "aws-cn": "amazonaws.com.cn",
  "aws-us-gov": "amazonaws.com",
  "aws-eusc": "amazonaws.eu",
};

/**
 * Sends the rebuilt request to the regional STS and believes nothing but its definite answer.
 *
 * By hand, because no SDK sends somebody else's signature and `fetch` drops the Host header, which
 * is signed (feasibility §3).
 */
export function stsIdentity(deps: StsIdentityDeps): IdentityVerifier {
  const override = endpointOverride(deps);
  let underWay = 0;
  return {
    isRegion: (region) => partitionOf(region) !== undefined,
    async verify(request) {
      if (underWay >= MOST_AT_ONCE) return { kind: "unreachable", reason: "too many at once" };
      underWay += 1;
      try {
        return await ask(request, override);
      } finally {
        underWay -= 1;
      }
    },
  };
}

function endpointOverride({ env, allowEndpointOverride }: StsIdentityDeps): URL | undefined {
  const url = env.AWS_ENDPOINT_URL_STS;
  if (url === undefined || url === "") return undefined;
  if (!allowEndpointOverride || env.NODE_ENV === "production") {
    throw new Error(
      "AWS_ENDPOINT_URL_STS is set, and whoever sets it can make this site believe any AWS account. " +
        "Remove the variable; only a local sandbox may use it.",
    );
  }
  return new URL(url);
}

/** Checked again here, so that no caller can have a host built from anything else. */
function stsHost(region: string): string {
  const partition = partitionOf(region);
  if (partition === undefined) throw new RangeError("STS was asked for in an unknown region");
  return `sts.${region}.${DNS_SUFFIX[partition]}`;
}

function ask(request: StsRequest, override: URL | undefined): Promise<Answer> {
  const host = stsHost(request.region);
  const isPlain = override?.protocol === "http:";
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    // URL writes an IPv6 address in brackets, a socket wants none.
    hostname: override?.hostname.replace(/^\[|\]$/g, "") ?? host,
    port: override === undefined ? 443 : override.port || (isPlain ? 80 : 443),
    method: request.method,
    path: request.path,
    headers: {
      ...request.headers,
      host,
      accept: "application/json",
      "content-length": String(Buffer.byteLength(request.body)),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    rejectUnauthorized: true,
  };
  return new Promise((done) => {
    const sent = (isPlain ? httpRequest : httpsRequest)(options, (response) => {
      read(response).then(
        (body) => done(body === undefined ? unreachable("answer too long") : judge(response, body)),
        (error: unknown) => done(unreachable(nameOf(error))),
      );
    });
    sent.on("error", (error) => done(unreachable(nameOf(error))));
    sent.end(request.body);
  });
}

/** The body as text, or undefined if it is longer than any answer of STS. */
async function read(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Only 200 with an account counts. A redirect, too, is an answer that is not STS's. */
function judge(response: IncomingMessage, body: string): Answer {
  const status = response.statusCode ?? 0;
  if (status === 200) {
    const identity = parseCallerIdentity(response.headers["content-type"] ?? "", body);
    return identity === undefined
      ? unreachable("an answer that is not GetCallerIdentity's")
      : { kind: "attested", identity };
  }
  const code = errorCode(body);
  const isDefinite = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isDefinite && !/Throttl|RequestLimit/.test(code)
    ? { kind: "refused", code }
    : unreachable(`status ${status}`);
}

/** For the log only, so anything but a name stays out. */
function errorCode(body: string): string {
  return /(?:<Code>|"Code"\s*:\s*")([A-Za-z.]{1,64})/.exec(body)?.[1] ?? "unnamed";
}

const unreachable = (reason: string): Answer => ({ kind: "unreachable", reason });

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return (error as { code?: unknown }).code === undefined
    ? error.name
    : String((error as { code?: unknown }).code);
}
