import { request as httpRequest } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";
import { claimedScope, verifySignature } from "../../sandbox/wire/signature-v4.ts";
import type { SignedRequest } from "../../sandbox/wire/signature-v4.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aSandbox, BUYER, START } from "./a-sandbox.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BODY = "Action=GetCallerIdentity&Version=2011-06-15";
const SECOND = 1000;

interface Wanted {
  readonly host?: string;
  readonly region?: string;
  readonly service?: string;
  readonly secret?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  readonly signedAt?: number;
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
}

/** Signed by smithy's own code: ours has to agree with it. */
async function signed(wanted: Wanted = {}) {
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: wanted.accessKeyId ?? "AKIDEXAMPLE",
      secretAccessKey: wanted.secret ?? SECRET,
      ...(wanted.sessionToken === undefined ? {} : { sessionToken: wanted.sessionToken }),
    },
    region: wanted.region ?? "eu-west-1",
    service: wanted.service ?? "sts",
    sha256: Sha256,
    uriEscapePath: wanted.service !== "s3",
  });
  const host = wanted.host ?? "sts.eu-west-1.amazonaws.com";
  const { headers } = await signer.sign(
    {
      method: "POST",
      protocol: "http:",
      hostname: host,
      path: wanted.path ?? "/",
      query: wanted.query ?? {},
      headers: {
        host,
        "content-type": "application/x-www-form-urlencoded",
        ...wanted.headers,
      },
      body: BODY,
    },
    { signingDate: new Date(wanted.signedAt ?? START) },
  );
  return headers;
}

const received = (
  headers: Readonly<Record<string, string>>,
  changes: Partial<SignedRequest> = {},
): SignedRequest => ({
  method: "POST",
  target: "/",
  headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
  body: Buffer.from(BODY),
  ...changes,
});

const verdictOf = (request: SignedRequest, now = START) => verifySignature(request, SECRET, now);

describe("verifySignature agrees with smithy's signer", () => {
  it.each([
    ["a plain request", {}, "/"],
    ["extra headers with inner spaces", { headers: { "x-own": "  a   b  " } }, "/"],
    ["a session token", { sessionToken: "token+/=" }, "/"],
    [
      "a query that needs sorting and encoding",
      { query: { b: "2 3", a: ["z", "y"], "a-b": "*" } },
      "/?b=2%203&a=z&a=y&a-b=%2A",
    ],
    ["a path that is encoded twice", { path: "/q%20x/ü" }, "/q%20x/ü"],
    ["S3's path, encoded once", { service: "s3", path: "/b/k%20x" }, "/b/k%20x"],
  ])("on %s", async (_name, wanted: Wanted, target) => {
    const request = received(await signed(wanted), { target });

    expect(verdictOf(request)).toMatchObject({ kind: "valid", scope: { region: "eu-west-1" } });
  });

  it("allows five minutes either way and not a second more", async () => {
    const request = received(await signed());
    const kinds = [-301, -300, 300, 301].map((s) => verdictOf(request, START + s * SECOND).kind);

    expect(kinds).toEqual(["skewed", "valid", "valid", "skewed"]);
  });
});

describe("a changed request is refused", () => {
  const changed = async (change: (headers: Record<string, string>) => void) => {
    const headers = { ...(await signed({ headers: { "x-own": "1" }, sessionToken: "token" })) };
    change(headers);
    return verdictOf(received(headers)).kind;
  };

  it.each([
    ["host", "sts.us-east-1.amazonaws.com"],
    ["x-own", "2"],
    ["x-amz-security-token", "another"],
    ["content-type", "text/plain"],
  ])("in the signed header %s", async (name, value) => {
    expect(await changed((headers) => void (headers[name] = value))).toBe("mismatch");
  });

  it("in its date, even within the allowed time", async () => {
    expect(await changed((headers) => void (headers["x-amz-date"] = "20261110T120001Z"))).toBe(
      "mismatch",
    );
  });

  it("by an x-amz- header that nobody signed", async () => {
    expect(await changed((headers) => void (headers["x-amz-target"] = "Other.Action"))).toBe(
      "mismatch",
    );
  });

  it("in method, path, query and body", async () => {
    const headers = await signed();
    const kinds = [
      { method: "PUT" },
      { target: "/x" },
      { target: "/?a=b" },
      { body: Buffer.from("x") },
    ];

    for (const change of kinds) {
      expect(verdictOf(received(headers, change)).kind).toBe("mismatch");
    }
  });

  it("when host is not among the signed headers", async () => {
    const headers = { ...(await signed()) };
    headers["authorization"] = (headers["authorization"] ?? "").replace(";host;", ";");

    expect(verdictOf(received(headers)).kind).toBe("mismatch");
  });

  it("when a header that counts was sent twice", async () => {
    for (const name of ["host", "x-amz-date", "authorization"]) {
      const request = received(await signed());
      const twice = new Map(request.headers).set(name, [
        ...(request.headers.get(name) ?? []),
        "another",
      ]);

      expect(verdictOf({ ...request, headers: twice }).kind).toBe("incomplete");
    }
  });

  it("when the scope's date is not the request's", async () => {
    const headers = { ...(await signed()) };
    headers["authorization"] = (headers["authorization"] ?? "").replace("/20261110/", "/20261109/");

    expect(verdictOf(received(headers)).kind).toBe("mismatch");
  });

  it("when x-amz-content-sha256 names another body, unless S3 may leave it out", async () => {
    const unsigned = { headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } };

    expect(verdictOf(received(await signed(unsigned))).kind).toBe("mismatch");
    expect(verdictOf(received(await signed({ ...unsigned, service: "s3" }))).kind).toBe("valid");
  });
});

describe("a malformed authorization is refused, never a crash", () => {
  it.each([
    "",
    "Bearer x",
    "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
    `AWS4-HMAC-SHA256 Credential=a/20261110/r/s/aws4_request/x, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    `AWS4-HMAC-SHA512 Credential=a/20261110/r/s/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
  ])("%j", async (authorization) => {
    const request = received({ ...(await signed()), authorization });

    expect(verdictOf(request).kind).toBe("incomplete");
    expect(claimedScope(request)).toBeUndefined();
  });

  it.each(["", "20261110", "20260231T000000Z", "2026-11-10T12:00:00Z", "20261110T120000Z\n"])(
    "with the date %j",
    async (date) => {
      const headers = { ...(await signed()), "x-amz-date": date };

      expect(verdictOf(received(headers)).kind).not.toBe("valid");
    },
  );
});

/** `fetch` doesn't keep a Host header (feasibility §3). */
function post(sandbox: Sandbox, headers: Record<string, string>) {
  return new Promise<{ status: number; type: string; text: string; date: number }>(
    (resolve, reject) => {
      const outgoing = httpRequest(sandbox.origin, { method: "POST", headers }, (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.on("end", () =>
          resolve({
            status: incoming.statusCode ?? 0,
            type: incoming.headers["content-type"] ?? "",
            text,
            date: Date.parse(incoming.headers.date ?? ""),
          }),
        );
      });
      outgoing.on("error", reject);
      outgoing.end(BODY);
    },
  );
}

describe("STS takes a request that was signed elsewhere for its real host", () => {
  const proof = async (sandbox: Sandbox, wanted: Wanted = {}) => {
    const { accessKeyId, secretAccessKey } = sandbox.buyerCredentials(BUYER);
    return signed({ accessKeyId, secret: secretAccessKey, ...wanted });
  };

  it.each([
    ["sts.eu-west-1.amazonaws.com", "eu-west-1"],
    ["sts.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ])("%s, and answers XML or JSON as asked", async (host, region) => {
    const sandbox = await aSandbox();
    const headers = await proof(sandbox, { host, region });

    const xml = await post(sandbox, headers);
    const json = await post(sandbox, { ...headers, accept: "application/json" });

    expect(xml.text).toContain(`<Account>${BUYER}</Account>`);
    expect(xml.type).toBe("text/xml");
    expect(JSON.parse(json.text)).toMatchObject({
      GetCallerIdentityResponse: { GetCallerIdentityResult: { Account: BUYER } },
    });
    expect(Math.abs(xml.date - START)).toBeLessThan(60_000);
  });

  it("refuses one that is signed for another region than its host's", async () => {
    const sandbox = await aSandbox();
    const headers = await proof(sandbox, {
      host: "sts.eu-west-1.amazonaws.com",
      region: "us-east-1",
    });

    expect(await post(sandbox, headers)).toMatchObject({ status: 403 });
  });

  it("refuses an expired signature in AWS's words", async () => {
    const sandbox = await aSandbox();
    const headers = await proof(sandbox, { signedAt: START - 6 * 60_000 });

    const answer = await post(sandbox, headers);

    expect(answer.status).toBe(403);
    expect(answer.text).toContain("<Code>SignatureDoesNotMatch</Code>");
    expect(answer.text).toContain("Signature expired: 20261110T115400Z is now earlier than");
  });

  it("refuses an unknown key, an unsigned request and another service's signature", async () => {
    const sandbox = await aSandbox();
    const codeOf = async (headers: Record<string, string>) =>
      /<Code>(.*?)<\/Code>/.exec((await post(sandbox, headers)).text)?.[1];
    const unsigned = { "content-type": "application/x-www-form-urlencoded" };

    expect(await codeOf(await signed())).toBe("InvalidClientTokenId");
    expect(await codeOf(unsigned)).toBe("MissingAuthenticationToken");
    expect(await codeOf(await proof(sandbox, { secret: "wrong" }))).toBe("SignatureDoesNotMatch");
    expect(await codeOf(await proof(sandbox, { sessionToken: "made up" }))).toBe(
      "InvalidClientTokenId",
    );
  });
});
