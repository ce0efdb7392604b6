import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

/** Credentials of a role session, as Lambda gives them to a function. */
export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly accountId: string;
  readonly partition: string;
  readonly roleName: string;
}

export interface StrictSts {
  readonly url: string;
  readonly sessions: RoleSession[];
  /** Answers instead of the real one, once, when set. */
  nextAnswer: { status: number; headers: Record<string, string>; body: string } | undefined;
  /** `hang`: never answers. */
  mode: "works" | "hang";
  /** Requests that arrived, newest last. */
  readonly seen: { headers: IncomingMessage["headers"]; body: string }[];
  json: boolean;
  close(): Promise<void>;
}

/**
 * A GetCallerIdentity that recomputes every signature with the SDK's own signer from what arrived
 * on the wire (the Host header included), and takes nothing for granted.
 */
export async function startStrictSts(): Promise<StrictSts> {
  const sts: StrictSts = {
    url: "",
    sessions: [],
    nextAnswer: undefined,
    mode: "works",
    seen: [],
    json: true,
    close: () => new Promise((done) => (server.close(() => done()), server.closeAllConnections())),
  };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      sts.seen.push({ headers: request.headers, body });
      if (sts.mode === "hang") return;
      const canned = sts.nextAnswer;
      sts.nextAnswer = undefined;
      const answer = canned ?? (await answerFor(sts, request, body));
      response.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(sts, { url });
}

async function answerFor(sts: StrictSts, request: IncomingMessage, body: string) {
  const [, accessKeyId, scope, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    ) ?? [];
  const session = sts.sessions.find((one) => one.accessKeyId === accessKeyId);
  if (!scope || !names || !signature) return refusal(400, "IncompleteSignature");
  if (session === undefined) return refusal(403, "InvalidClientTokenId");
  if (request.headers["x-amz-security-token"] !== session.sessionToken) {
    return refusal(403, "InvalidClientTokenId");
  }
  const [, region = ""] = scope.split("/");
  const suffix = session.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  if (request.headers.host !== `sts.${region}.${suffix}`) {
    return refusal(403, "SignatureDoesNotMatch");
  }
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && !names.split(";").includes(name),
  );
  if (unsigned.length > 0) return refusal(403, "SignatureDoesNotMatch");
  const expected = await sign(session, {
    region,
    host: request.headers.host,
    date: String(request.headers["x-amz-date"]),
    headers: Object.fromEntries(
      names.split(";").map((name) => [name, String(request.headers[name])]),
    ),
    body,
  });
  if (expected !== request.headers.authorization) return refusal(403, "SignatureDoesNotMatch");
  if (body !== "Action=GetCallerIdentity&Version=2011-06-15") return refusal(400, "InvalidAction");
  const arn = `arn:${session.partition}:sts::${session.accountId}:assumed-role/${session.roleName}/callback`;
  return identity(sts.json, {
    Arn: arn,
    UserId: "AROAEXAMPLE:callback",
    Account: session.accountId,
  });
}

function refusal(status: number, code: string) {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ Error: { Code: code, Type: "Sender", Message: "no" } }),
  };
}

function identity(json: boolean, result: Record<string, string>) {
  if (json) {
    const body = { GetCallerIdentityResponse: { GetCallerIdentityResult: result } };
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
  }
  const elements = Object.entries(result).map(([name, text]) => `    <${name}>${text}</${name}>`);
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: [
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
      "  <GetCallerIdentityResult>",
      ...elements,
      "  </GetCallerIdentityResult>",
      "  <ResponseMetadata>",
      "    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>",
      "  </ResponseMetadata>",
      "</GetCallerIdentityResponse>",
    ].join("\n"),
  };
}

/** The Authorization header that the SDK's signer makes for exactly these headers and this body. */
export async function sign(
  session: RoleSession,
  request: {
    region: string;
    host: string;
    date: string;
    headers: Record<string, string>;
    body: string;
    service?: string;
  },
): Promise<string> {
  const signer = new SignatureV4({
    service: request.service ?? "sts",
    region: request.region,
    sha256: Sha256,
    applyChecksum: false,
    credentials: {
      accessKeyId: session.accessKeyId,
      secretAccessKey: session.secretAccessKey,
      sessionToken: session.sessionToken,
    },
  });
  const d = request.date;
  const signingDate = new Date(
    `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6, 8)}T${d.slice(9, 11)}:${d.slice(11, 13)}:${d.slice(13, 15)}Z`,
  );
  const signed = await signer.sign(
    {
      method: "POST",
      protocol: "https:",
      hostname: request.host,
      path: "/",
      query: {},
      headers: request.headers,
      body: request.body,
    },
    { signingDate },
  );
  return signed.headers.authorization ?? "";
}
