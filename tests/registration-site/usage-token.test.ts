import { createHmac, createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { usageTokens } from "../../registration-site/adapters/usage-tokens.ts";
import type { UsageTokenAnswer } from "../../template-src/contract.ts";
import {
  aPayload,
  aRoleSession,
  aStackId,
  AUDIENCE,
  NOW,
  OTHER_ACCOUNT,
  signedEnvelope,
  useCasesOf,
} from "./core-world.ts";
import { startStrictSts, type StrictSts } from "./strict-sts.ts";
import { aKey, anEvent, aUsageSite, tokenPayload, type UsageSite, whyNot } from "./usage-world.ts";

let sts: StrictSts;
let site: UsageSite;

beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());
beforeEach(async () => {
  site = await aUsageSite(sts);
  sts.seen.length = 0;
});

const ask = async (envelope: unknown) => whyNot(await site.askToken(envelope));
const genuine = (over: Parameters<UsageSite["proof"]>[2] = {}) =>
  site.proof(site.role, tokenPayload(site.stackId), over);

describe("a deployment that proves its stack", () => {
  it("gets a token for 15 minutes, a source of its own, and nothing that can be stored", async () => {
    const response = await site.askToken(await genuine());
    const answer = (await response.json()) as UsageTokenAnswer;

    expect(response.status).toBe(200);
    expect(answer).toEqual({
      token: answer.token,
      expiresAt: new Date(NOW + 15 * 60_000).toISOString(),
      deploymentId: site.deploymentId,
      source: `urn:launchmeter:deployment:${site.deploymentId}`,
    });
    expect(await whyNot(await site.send(answer.token, anEvent()))).toBe("200");
  });

  it("gets as many as it asks for, each with a proof of its own", async () => {
    const [a, b] = [await site.token(), await site.token()];
    for (const token of [a, b]) expect(await whyNot(await site.send(token, anEvent()))).toBe("200");
  });
});

describe("a proof", () => {
  it("gets one token: a replayed one gets none, though AWS would still confirm it", async () => {
    const envelope = await genuine();
    expect(await ask(envelope)).toBe("200");

    expect(await ask(envelope)).toBe("401 used-proof");
    site.world.now += 9 * 60_000;
    expect(await ask(envelope)).toBe("401 stale-proof");
  });

  it("signed ahead of our clock is remembered until it is stale", async () => {
    const envelope = await genuine({ now: NOW + 5 * 60_000 });
    expect(await ask(envelope)).toBe("200");
    for (const minute of [3, 6, 9, 10]) {
      site.world.now = NOW + minute * 60_000;
      expect(await ask(await genuine())).toBe("200");
      expect(await ask(envelope)).toBe("401 used-proof");
    }
  });

  it("raced by its copy gets one token between them", async () => {
    const envelope = await genuine();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => ask(envelope)));
    expect(outcomes.filter((outcome) => outcome === "200")).toHaveLength(1);
  });

  it("of a callback gets no token, and one for a token registers nothing", async () => {
    const callback = await signedEnvelope(site.role, site.create);
    expect(await ask(callback)).toBe("400 malformed-proof");
    const usagePayload = tokenPayload(site.stackId);
    // Each signed for the other's address.
    expect(await ask(await site.proof(site.role, usagePayload, { audience: AUDIENCE }))).toBe(
      "403 account-not-proven",
    );
    const crossed = await site.proof(site.role, aPayload({ stackId: site.stackId }));
    for (const envelope of [await genuine(), crossed]) {
      expect(await useCasesOf(site.world).callback(envelope)).toMatchObject({ kind: "refused" });
    }
  });

  it("of another account, or for another stack, gets none", async () => {
    const stranger = aRoleSession(sts, { accountId: OTHER_ACCOUNT });
    const theirs = await site.deploy({ accountId: OTHER_ACCOUNT });
    const payload = tokenPayload(site.stackId);

    expect(await ask(await site.proof(stranger, payload))).toBe("403 foreign-stack");
    expect(await ask(await site.proof(site.role, tokenPayload(theirs.stackId)))).toBe(
      "403 foreign-stack",
    );
    expect(await ask(await site.proof(site.role, payload, { region: "us-east-1" }))).toBe(
      "403 foreign-stack",
    );
    expect(await ask(await site.proof(site.role, tokenPayload(aStackId())))).toBe(
      "403 not-registered",
    );
  });

  it("of another role in the account, or of a user, gets none", async () => {
    const other = aRoleSession(sts, { roleName: "some-other-role" });
    expect(await ask(await site.proof(other, tokenPayload(site.stackId)))).toBe(
      "403 account-not-proven",
    );
  });

  it("for other words than were signed gets none", async () => {
    const { payload, proof } = await genuine();
    const theirs = await site.deploy({ accountId: OTHER_ACCOUNT });
    const swapped = payload.replace(site.stackId, theirs.stackId);

    expect(await ask({ payload: swapped, proof })).toBe("403 account-not-proven");
    expect(await ask({ payload: `${payload} `, proof })).toBe("403 account-not-proven");
  });

  it.each([
    ["another purpose", { purpose: "callback" }],
    ["another version", { version: 2 }],
    ["no request id", { requestId: undefined }],
    ["a short request id", { requestId: "1" }],
    ["a StackId that is none", { stackId: "arn:aws:s3:::bucket" }],
    ["a StackId that is a list", { stackId: ["arn"] }],
  ])("with %s is malformed, and AWS is not asked", async (_, over) => {
    const payload = tokenPayload(site.stackId, over);
    expect(await ask(await site.proof(site.role, payload, { region: "eu-central-1" }))).toBe(
      "400 malformed-proof",
    );
    expect(sts.seen).toEqual([]);
  });

  it.each([undefined, null, 7, [], {}, { payload: "{}" }])("%j is none", async (envelope) => {
    expect(await ask(envelope)).toBe("400 malformed-proof");
  });

  it("that AWS can't be asked about may come again", async () => {
    sts.nextAnswer = { status: 500, headers: {}, body: "" };
    const envelope = await genuine();
    const response = await site.askToken(envelope);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await whyNot(response)).toBe("503 aws-unreachable");
    expect(await ask(envelope)).toBe("200");
  });

  it("that is larger than any proof is not read", async () => {
    const response = await site.post(
      "/v1/usage/token",
      JSON.stringify({ payload: "x".repeat(40_000) }),
    );
    expect(await whyNot(response)).toBe("413 too-large");
  });
});

describe("a token", () => {
  const use = async (token: string | undefined) => whyNot(await site.send(token, [anEvent()]));

  it("ends after 15 minutes", async () => {
    const token = await site.token();
    site.world.now += 15 * 60_000 - 1_000;
    expect(await use(token)).toBe("200");
    site.world.now += 1_000;
    expect(await use(token)).toBe("401 bad-token");
  });

  it("is worth nothing when a byte of it is another", async () => {
    const token = await site.token();
    for (const at of [3, 30, token.lastIndexOf(".") - 5, token.length - 20]) {
      const other = token[at] === "A" ? "B" : "A";
      const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      expect(await use(changed)).toBe("401 bad-token");
    }
  });

  it.each([undefined, "", "x", "a.b.c", "..", `${"A".repeat(5_000)}.e.e`])(
    "%j is none",
    async (token) => {
      expect(await use(token)).toMatch(/^401 (?:no|bad)-token$/);
    },
  );

  it("is not believed for saying that it needs no signature", async () => {
    const [, claims = ""] = (await site.token()).split(".");
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const typ = "launchmeter-usage+jwt";
    for (const alg of ["none", "None", "NONE", ""]) {
      const header = part({ alg, typ, kid: "k1" });
      expect(await use(`${header}.${claims}.`)).toBe("401 bad-token");
      expect(await use(`${header}.${claims}`)).toBe("401 bad-token");
    }
  });

  it("is not believed with another algorithm, key, type, audience or issuer", async () => {
    const { secret } = site.keys[0] ?? aKey("k1");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const forge = async (
      over: { alg?: string; kid?: string; typ?: string; aud?: string; iss?: string; iat?: number },
      key: Parameters<SignJWT["sign"]>[0] = secret,
    ) =>
      new SignJWT({ license: site.licenseId })
        .setProtectedHeader({
          alg: over.alg ?? "HS256",
          kid: over.kid ?? "k1",
          typ: over.typ ?? "launchmeter-usage+jwt",
        })
        .setSubject(site.deploymentId)
        .setIssuer(over.iss ?? AUDIENCE)
        .setAudience(over.aud ?? `${AUDIENCE}/v1/usage`)
        .setIssuedAt(over.iat ?? NOW / 1_000)
        .setExpirationTime(NOW / 1_000 + 600)
        .sign(key);

    expect(await use(await forge({}))).toBe("200");
    const forged = [
      forge({ alg: "HS384" }, createSecretKey(randomBytes(48))),
      forge({ alg: "HS512" }, createSecretKey(Buffer.concat([secret, secret]))),
      forge({ alg: "ES256" }, privateKey),
      forge({ kid: "k2" }),
      forge({ kid: "__proto__" }),
      forge({}, randomBytes(32)),
      forge({ typ: "JWT" }),
      forge({ aud: AUDIENCE }),
      forge({ aud: `${AUDIENCE}/v1/usage/token` }),
      forge({ iss: "https://evil.example.com" }),
      forge({ iat: NOW / 1_000 - 901 }),
      forge({ iat: NOW / 1_000 + 60 }),
    ];
    for (const token of await Promise.all(forged)) expect(await use(token)).toBe("401 bad-token");
  });

  it("is not believed when it was signed with what anybody can know", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const [, claims = ""] = (await site.token()).split(".");
    const header = part({ alg: "HS256", typ: "launchmeter-usage+jwt", kid: "k1" });
    for (const known of ["", "k1", AUDIENCE, site.deploymentId]) {
      const signed = `${header}.${claims}`;
      const signature = createHmac("sha256", known).update(signed).digest("base64url");
      expect(await use(`${signed}.${signature}`)).toBe("401 bad-token");
    }
  });

  it("outlives a new key, until the old one is taken away", async () => {
    const old = await site.token();
    site.keys.unshift(aKey("k2"));
    const young = await site.token();
    for (const token of [old, young]) expect(await use(token)).toBe("200");

    site.keys.pop();
    expect(await use(old)).toBe("401 bad-token");
    expect(await use(young)).toBe("200");
  });

  it("is never signed with a key that is too short, or with none", () => {
    const { clock } = site.world;
    const short = { id: "k", secret: randomBytes(31) };
    expect(() => usageTokens({ clock, origin: AUDIENCE, keys: () => [short] })).toThrow("32 bytes");
    expect(() => usageTokens({ clock, origin: AUDIENCE, keys: () => [] })).toThrow("no key");
  });
});

describe("what became of deployment and license since", () => {
  const use = async (token: string) => whyNot(await site.send(token, [anEvent()]));
  const both = async (token: string) => [await use(token), await ask(await genuine())];

  it("counts at each request: a deleted deployment sends nothing more", async () => {
    const token = await site.token();
    const remove = { ...site.create, requestType: "Delete", requestId: "delete-it" } as const;
    await useCasesOf(site.world).callback(await signedEnvelope(site.role, remove));

    expect(await both(token)).toEqual(["403 deployment-ended", "403 deployment-ended"]);
  });

  it("lets a license that ended send what was used before, for half an hour", async () => {
    const token = await site.token();
    const { licenseId } = site;
    await site.world.licenses.update(
      licenseId,
      (license) => license && { ...license, endedAt: NOW },
    );
    site.world.now = NOW + 14 * 60_000;
    expect(await both(token)).toEqual(["200", "200"]);
    site.world.now = NOW + 30 * 60_000 - 1;
    const late = await site.token();
    expect(await both(late)).toEqual(["200", "200"]);
    site.world.now = NOW + 30 * 60_000;
    expect(await both(late)).toEqual(["403 subscription-ended", "403 subscription-ended"]);
  });

  it.each([
    ["awaiting-confirmation", "403 not-confirmed"],
    ["ended", "403 deployment-ended"],
  ] as const)("bars a deployment that is %s", async (state, why) => {
    const token = await site.token();
    await site.world.licenses.updateDeployment(
      site.licenseId,
      site.deploymentId,
      (known) => known && { ...known, state },
    );
    expect(await both(token)).toEqual([why, why]);
  });

  it("bars a license that AWS has not activated", async () => {
    const token = await site.token();
    await site.world.licenses.update(
      site.licenseId,
      (license) => license && { ...license, activatedAt: undefined },
    );
    expect(await both(token)).toEqual([
      "403 subscription-not-active",
      "403 subscription-not-active",
    ]);
  });

  it("never counts for another deployment: usage goes to the token's own license", async () => {
    const theirs = await site.deploy({ accountId: OTHER_ACCOUNT });
    await site.send(await site.token(theirs), [anEvent({ source: `urn:x:${site.deploymentId}` })]);

    expect(await site.usage.month(site.licenseId, "video_minutes", "2026-11")).toBeUndefined();
    expect(await site.usage.month(theirs.licenseId, "video_minutes", "2026-11")).toBeDefined();
  });
});

describe("the log", () => {
  it("never holds a token, a session token, a signature or a proof", async () => {
    const envelope = await genuine();
    const token = await site.token();
    await ask(envelope);
    await ask(envelope);
    await site.send(token, [anEvent()]);
    await site.send(`${token}x`, [anEvent()]);
    const log = site.world.lines.join("\n");

    expect(log).toContain("a usage token was issued");
    expect(log).toContain("used-proof");
    const secrets = [token, ...token.split(".").slice(1), envelope.proof.signature];
    for (const secret of [...secrets, envelope.proof.sessionToken]) {
      expect(log).not.toContain(secret);
    }
  });
});
