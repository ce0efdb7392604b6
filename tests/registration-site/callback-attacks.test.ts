import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deploymentIdOf } from "../../registration-site/authenticate-callback.ts";
import type { CallbackEnvelope } from "../../template-src/contract.ts";
import {
  anActiveLicense,
  aPayload,
  aRoleSession,
  aStackId,
  aWorld,
  BUYER,
  NOW,
  OTHER_ACCOUNT,
  sessionOf,
  signedEnvelope,
  useCasesOf,
  type World,
} from "./core-world.ts";
import { type RoleSession, startStrictSts, type StrictSts } from "./strict-sts.ts";

let sts: StrictSts;
beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());

let world: World;
let role: RoleSession;
let payload: ReturnType<typeof aPayload>;
let licenseId: string;

beforeEach(async () => {
  sts.seen.length = 0;
  sts.nextAnswer = undefined;
  world = aWorld(sts);
  role = aRoleSession(sts);
  const license = await anActiveLicense(world);
  licenseId = license.licenseId;
  const { code } = await useCasesOf(world).issueInstallCode(sessionOf(license));
  payload = aPayload({ installCode: code });
});

/** Sends what may not even be an envelope, and answers how it was refused. */
async function attack(envelope: unknown) {
  const outcome = await useCasesOf(world).callback(envelope as CallbackEnvelope);
  expect(await world.licenses.deployments(licenseId)).toEqual([]);
  if (outcome.kind !== "refused") throw new Error("it was accepted");
  return { status: outcome.status, code: outcome.refusal.error.code };
}

const genuine = (over = {}) => signedEnvelope(role, payload, over);

const withProof = async (over: Partial<CallbackEnvelope["proof"]>) => {
  const { payload: text, proof } = await genuine();
  return { payload: text, proof: { ...proof, ...over } };
};

const notProven = { status: 403, code: "account-not-proven" };
const malformed = { status: 400, code: "malformed-callback" };

describe("the genuine callback", () => {
  it("is accepted, so that every refusal below is for its one change", async () => {
    expect(await useCasesOf(world).callback(await genuine())).toMatchObject({ kind: "accepted" });
  });
});

describe("a forged proof", () => {
  it("is refused by AWS when the signature is another", async () => {
    expect(await attack(await withProof({ signature: "0".repeat(64) }))).toEqual(notProven);
  });

  it("is refused by AWS when the access key is unknown", async () => {
    expect(await attack(await withProof({ accessKeyId: `ASIA${"Z".repeat(16)}` }))).toEqual(
      notProven,
    );
  });

  it("is refused by AWS when the session token is another's", async () => {
    const other = aRoleSession(sts);
    expect(await attack(await withProof({ sessionToken: other.sessionToken }))).toEqual(notProven);
  });

  it("is refused by AWS when the date was moved within what we accept", async () => {
    const date = new Date(NOW + 60_000).toISOString().replace(/[-:]|\.\d{3}/g, "");
    expect(await attack(await withProof({ date }))).toEqual(notProven);
  });

  it("is refused when it comes from a user, not from a function's role", async () => {
    sts.nextAnswer = {
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        GetCallerIdentityResponse: {
          GetCallerIdentityResult: {
            Arn: `arn:aws:iam::${BUYER}:user/someone`,
            UserId: "AIDA",
            Account: BUYER,
          },
        },
      }),
    };
    expect(await attack(await genuine())).toEqual(notProven);
  });

  it("is refused when the role is not named after the stack", async () => {
    role = aRoleSession(sts, { roleName: "some-other-role" });
    expect(await attack(await genuine())).toEqual(notProven);
  });
});

describe("a retargeted proof", () => {
  it("for another audience is worth nothing here", async () => {
    expect(await attack(await genuine({ audience: "https://evil.example.com" }))).toEqual(
      notProven,
    );
  });

  it("for another payload is worth nothing for this one", async () => {
    const { proof } = await genuine();
    const text = JSON.stringify({ ...payload, templateVersion: "6.6.6" });
    expect(await attack({ payload: text, proof })).toEqual(notProven);
  });

  it("does not survive a single changed space in the payload", async () => {
    const { payload: text, proof } = await genuine();
    expect(await attack({ payload: `${text} `, proof })).toEqual(notProven);
  });

  it("for another region is worth nothing in this one", async () => {
    const { payload: text, proof } = await genuine({ region: "us-east-1" });
    expect(await attack({ payload: text, proof: { ...proof, region: "eu-central-1" } })).toEqual(
      notProven,
    );
  });

  it("from the stack's account in another region than the stack's is refused", async () => {
    expect(await attack(await genuine({ region: "us-east-1" }))).toEqual({
      status: 403,
      code: "foreign-stack",
    });
  });

  it("can't speak for another account's stack", async () => {
    payload = { ...payload, stackId: aStackId({ accountId: OTHER_ACCOUNT }) };
    expect(await attack(await genuine())).toEqual({ status: 403, code: "foreign-stack" });
  });

  it("can't speak for the same account in another partition", async () => {
    payload = { ...payload, stackId: payload.stackId.replace("arn:aws:", "arn:aws-cn:") };
    expect(await attack(await genuine())).toEqual({ status: 403, code: "foreign-stack" });
  });

  it("can't delete another account's deployment", async () => {
    await useCasesOf(world).callback(await genuine());
    const attacker = aRoleSession(sts, { accountId: OTHER_ACCOUNT });
    const remove = aPayload({ ...payload, requestType: "Delete", requestId: "delete-it" });

    const outcome = await useCasesOf(world).callback(await signedEnvelope(attacker, remove));

    expect(outcome).toMatchObject({ kind: "refused", status: 403 });
    expect(await world.licenses.deployments(licenseId)).toMatchObject([{ state: "active" }]);
  });
});

describe("a stale proof", () => {
  it.each([
    [5 * 60_000 + 1_000, 401],
    [-(5 * 60_000 + 1_000), 401],
  ])("signed %i ms from now is refused without asking AWS", async (away, status) => {
    expect(await attack(await genuine({ now: NOW + away }))).toEqual({
      status,
      code: "stale-proof",
    });
    expect(sts.seen).toEqual([]);
  });

  it.each([5 * 60_000, -5 * 60_000])("signed %i ms from now still counts", async (away) => {
    const outcome = await useCasesOf(world).callback(await genuine({ now: NOW + away }));
    expect(outcome).toMatchObject({ kind: "accepted" });
  });
});

describe("a replayed envelope", () => {
  it("gives only the old answer again, and that after AWS was asked again", async () => {
    const envelope = await genuine();
    const first = await useCasesOf(world).callback(envelope);
    const stored = await world.licenses.deployments(licenseId);
    world.now += 60_000;

    expect(await useCasesOf(world).callback(envelope)).toEqual(first);

    expect(await world.licenses.deployments(licenseId)).toEqual(stored);
    expect(sts.seen).toHaveLength(2);
  });

  it("gives nothing once its credentials are no longer valid", async () => {
    const envelope = await genuine();
    await useCasesOf(world).callback(envelope);
    sts.sessions.splice(sts.sessions.indexOf(role), 1);

    expect(await useCasesOf(world).callback(envelope)).toMatchObject({
      kind: "refused",
      status: 403,
    });
  });

  it("of a Create does not bring a deleted deployment back", async () => {
    const envelope = await genuine();
    await useCasesOf(world).callback(envelope);
    const remove = { ...payload, requestType: "Delete", requestId: "delete-it" } as const;
    await useCasesOf(world).callback(await signedEnvelope(role, remove));

    await useCasesOf(world).callback(envelope);

    const deploymentId = deploymentIdOf(payload.stackId);
    expect(await world.licenses.deployment(licenseId, deploymentId)).toMatchObject({
      state: "ended",
    });
  });
});

describe("a hostile piece of the proof never reaches a host or a header", () => {
  const pieces: [keyof CallbackEnvelope["proof"], string][] = [
    ["region", "evil.com/"],
    ["region", "evil.com#"],
    ["region", "eu-central-1.evil.com"],
    ["region", "eu-central-1@evil.com"],
    ["region", "eu-central-1\r\nHost: evil.com"],
    ["region", "EU-CENTRAL-1"],
    ["region", ""],
    ["region", "__proto__"],
    ["region", "constructor"],
    ["region", "еu-central-1"],
    ["date", "20261121T120000Z\r\nX-Evil: 1"],
    ["date", "20261121T120000"],
    ["date", "20261399T990000Z"],
    ["date", "２０２６1121T120000Z"],
    ["date", "20260231T120000Z"],
    ["accessKeyId", "ASIA0000000000000001/20261121/us-east-1"],
    ["accessKeyId", "ASIA00000000000000\r\n01"],
    ["accessKeyId", "AKIA0000000000000001"],
    ["accessKeyId", ""],
    ["accessKeyId", `ASIA${"A".repeat(10_000)}`],
    ["sessionToken", "token\r\nX-Evil: 1"],
    ["sessionToken", "tökén"],
    ["sessionToken", "token\u0000"],
    ["sessionToken", ""],
    ["sessionToken", "A".repeat(4_097)],
    ["signature", "A".repeat(64)],
    ["signature", `${"0".repeat(64)}, SignedHeaders=host`],
    ["signature", "0".repeat(63)],
    ["signature", ""],
  ];

  it.each(pieces)("%s %j", async (name, value) => {
    const { status } = await attack(await withProof({ [name]: value }));

    expect([400, 403]).toContain(status);
    expect(sts.seen).toEqual([]);
  });

  it("a token of the greatest length is still sent on", async () => {
    role = aRoleSession(sts, { sessionToken: "A".repeat(4_096) });
    expect(await useCasesOf(world).callback(await genuine())).toMatchObject({ kind: "accepted" });
  });
});

describe("what is no callback at all", () => {
  const inherited = Object.create({ region: "eu-central-1" }) as object;

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["an array", []],
    ["no proof", { payload: "{}" }],
    ["a proof of numbers", { payload: "{}", proof: { accessKeyId: 1 } }],
    ["a proof whose pieces are inherited", { payload: "{}", proof: inherited }],
  ])("%s is malformed", async (_, envelope) => {
    expect(await attack(envelope)).toEqual(malformed);
    expect(sts.seen).toEqual([]);
  });

  const changes: [string, (text: string) => string][] = [
    ["no JSON", () => "not json"],
    ["an array", () => "[]"],
    ["null", () => "null"],
    ["another version", (text) => text.replace('"version":1', '"version":2')],
    ["another request type", (text) => text.replace('"Create"', '"Destroy"')],
    ["a StackId that is none", (text) => text.replace("cloudformation:", "s3:")],
    ["a StackId with a line break", (text) => text.replace("stack/", "stack/\\r\\n")],
    ["a StackId with a short account", (text) => text.replace(`:${BUYER}:stack`, ":1:stack")],
    [
      "a request id that is an object",
      (text) => text.replace(/"requestId":"[^"]+"/, '"requestId":{}'),
    ],
    [
      "resources that are a list",
      (text) => text.replace(/"resources":\{[^}]*\}/, '"resources":[]'),
    ],
    [
      "a resource named __proto__",
      (text) => text.replace('"resources":{', '"resources":{"__proto__":"x",'),
    ],
    [
      "a resource with a line break",
      (text) => text.replace('"resources":{', '"resources":{"a":"x\\ny",'),
    ],
    ["a template version with markup", (text) => text.replace('"1.0.0"', '"<b>1</b>"')],
    ["more than 16 KB", (text) => text.replace('"1.0.0"', `"${"1".repeat(20_000)}"`)],
  ];

  it.each(changes)("signed, but with a payload that is %s, is refused", async (_, change) => {
    const text = change(JSON.stringify(payload));
    const outcome = await useCasesOf(world).callback(
      await signedEnvelope(role, text, { region: "eu-central-1" }),
    );

    expect(outcome).toMatchObject({ kind: "refused", status: 400 });
  });

  it("survives a payload that is deeply nested where nobody looks", async () => {
    const deep = `"x":${"[".repeat(5_000)}${"]".repeat(5_000)},`;
    const text = JSON.stringify(payload).replace("{", `{${deep}`);

    expect(await useCasesOf(world).callback(await signedEnvelope(role, text))).toMatchObject({
      kind: "accepted",
    });
  });

  it("takes the last of duplicate keys, which is the one that was signed for and stored", async () => {
    const text = JSON.stringify(payload).replace("{", '{"stackId":"arn:aws:evil",');
    const outcome = await useCasesOf(world).callback(await signedEnvelope(role, text));

    expect(outcome).toMatchObject({ kind: "accepted" });
    expect(await world.licenses.deployments(licenseId)).toMatchObject([
      { stackId: payload.stackId },
    ]);
  });

  it("leaves Object's prototype alone", async () => {
    const text = JSON.stringify(payload).replace("{", '{"__proto__":{"polluted":true},');
    await useCasesOf(world).callback(await signedEnvelope(role, text));

    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("an STS that is not itself", () => {
  const json = { "content-type": "application/json" };
  const identity = (over = {}) => ({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: {
        Arn: `arn:aws:sts::${BUYER}:assumed-role/example-stack-CallbackRole-1/callback`,
        UserId: "AROA:callback",
        Account: BUYER,
        ...over,
      },
    },
  });

  it.each([
    ["redirects", { status: 302, headers: { location: "http://127.0.0.1:1/" }, body: "" }, 503],
    ["is empty", { status: 200, headers: json, body: "" }, 503],
    ["answers a page", { status: 200, headers: { "content-type": "text/html" }, body: "<p>" }, 503],
    [
      "names no account",
      { status: 200, headers: json, body: JSON.stringify(identity({ Account: 1 })) },
      503,
    ],
    [
      "names two accounts",
      { status: 200, headers: json, body: JSON.stringify(identity({ Account: OTHER_ACCOUNT })) },
      503,
    ],
    ["never ends", { status: 200, headers: json, body: " ".repeat(100_000) }, 503],
    ["throttles", { status: 400, headers: json, body: '{"Error":{"Code":"Throttling"}}' }, 503],
    ["fails", { status: 500, headers: json, body: "" }, 503],
    ["answers 201", { status: 201, headers: json, body: JSON.stringify(identity()) }, 503],
    ["says no", { status: 403, headers: json, body: JSON.stringify(identity()) }, 403],
    [
      "hides an identity in a comment",
      {
        status: 200,
        headers: { "content-type": "text/xml" },
        body:
          '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
          `<!-- <Account>${BUYER}</Account> --><GetCallerIdentityResult>` +
          "</GetCallerIdentityResult></GetCallerIdentityResponse>",
      },
      503,
    ],
  ])("is not believed when it %s", async (_, answer, status) => {
    sts.nextAnswer = answer;

    expect((await attack(await genuine())).status).toBe(status);
  });

  it("that hangs is given up on after seconds", async () => {
    sts.mode = "hang";
    const started = performance.now();

    expect(await attack(await genuine())).toEqual({ status: 503, code: "aws-unreachable" });

    expect(performance.now() - started).toBeLessThan(5_000);
    sts.mode = "works";
  });
});

describe("the log of all this", () => {
  it("holds no code, token, signature or access key", async () => {
    const envelope = await genuine();
    await useCasesOf(world).callback(envelope);
    await useCasesOf(world).callback(await withProof({ signature: "0".repeat(64) }));
    const log = world.lines.join("\n");

    expect(world.lines.length).toBeGreaterThan(1);
    const { sessionToken, signature, accessKeyId } = envelope.proof;
    for (const secret of [payload.installCode, sessionToken, signature, accessKeyId]) {
      expect(log).not.toContain(secret);
    }
  });

  it("nor does a refusal repeat what the client sent", async () => {
    const { status } = await attack(await withProof({ region: "evil.com/" }));
    const outcome = await useCasesOf(world).callback(await withProof({ region: "evil.com/" }));

    expect(status).toBe(403);
    expect(JSON.stringify(outcome)).not.toContain("evil");
  });
});
