import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deploymentIdOf } from "../../registration-site/authenticate-callback.ts";
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
  snapshot,
  useCasesOf,
  type World,
} from "./core-world.ts";
import { type RoleSession, startStrictSts, type StrictSts } from "./strict-sts.ts";

let sts: StrictSts;
beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());

let world: World;
let role: RoleSession;
beforeEach(() => {
  sts.mode = "works";
  sts.json = true;
  sts.seen.length = 0;
  world = aWorld(sts);
  role = aRoleSession(sts);
});

/** A license with a code for it. */
async function aCode(over: Parameters<typeof anActiveLicense>[1] = {}) {
  const license = await anActiveLicense(world, over);
  const code = await useCasesOf(world).issueInstallCode(sessionOf(license));
  return { license, installCode: code.code, externalIds: code.externalIds };
}

async function send(payload: ReturnType<typeof aPayload>, as = role) {
  return useCasesOf(world).callback(await signedEnvelope(as, payload, { now: world.now }));
}

async function refusalOf(payload: ReturnType<typeof aPayload>, as = role) {
  const outcome = await send(payload, as);
  if (outcome.kind !== "refused") throw new Error("it was accepted");
  return { status: outcome.status, code: outcome.refusal.error.code };
}

describe("Create", () => {
  it("registers the attested account's stack for the code's license", async () => {
    const { license, installCode, externalIds } = await aCode();
    const payload = aPayload({ installCode });

    const outcome = await send(payload);

    const deploymentId = deploymentIdOf(payload.stackId);
    expect(outcome).toEqual({
      kind: "accepted",
      answer: {
        deploymentId,
        settings: { status: "active", plan: "share", leaseUntil: "2027-12-26T12:00:00.000Z" },
      },
    });
    expect(await world.licenses.deployments(license.licenseId)).toEqual([
      {
        deploymentId,
        licenseId: license.licenseId,
        accountId: BUYER,
        partition: "aws",
        region: "eu-central-1",
        stackId: payload.stackId,
        templateVersion: "1.0.0",
        readRoleArn: payload.resources.readRoleArn,
        externalIds,
        state: "active",
        registeredAt: NOW,
      },
    ]);
  });

  it("believes STS in XML as in JSON", async () => {
    sts.json = false;
    const { installCode } = await aCode();

    expect(await send(aPayload({ installCode }))).toMatchObject({ kind: "accepted" });
  });

  it("asks the region's own STS by its Host header, with nothing that was not signed", async () => {
    const { installCode } = await aCode();

    await send(aPayload({ installCode }));

    const { headers, body } = sts.seen[0] ?? { headers: {}, body: "" };
    expect(headers.host).toBe("sts.eu-central-1.amazonaws.com");
    expect(body).toBe("Action=GetCallerIdentity&Version=2011-06-15");
    expect(Object.keys(headers).sort()).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "x-amz-date",
      "x-amz-security-token",
      "x-launchmeter-audience",
      "x-launchmeter-payload-sha256",
    ]);
  });

  it("answers the same request, signed anew, with the same answer and changes nothing", async () => {
    const { license, installCode } = await aCode();
    const payload = aPayload({ installCode });
    const first = await send(payload);
    const { licenseId } = license;
    const ids = { licenseId, deploymentId: deploymentIdOf(payload.stackId) };
    const before = await snapshot(world, ids);
    world.now += 60_000;

    expect(await send(payload)).toEqual(first);
    expect(await snapshot(world, ids)).toEqual(before);
  });

  it("takes a code typed by hand, in small letters and without hyphens", async () => {
    const { installCode } = await aCode();
    const typed = installCode.toLowerCase().replaceAll("-", "");

    expect(await send(aPayload({ installCode: typed }))).toMatchObject({ kind: "accepted" });
  });

  it.each([
    ["unknown", 404, "install-code-unknown", "7777-7777-7777-7777"],
    ["not a code at all", 404, "install-code-unknown", "__proto__"],
  ])("refuses a code that is %s", async (_, status, code, installCode) => {
    expect(await refusalOf(aPayload({ installCode }))).toEqual({ status, code });
  });

  it("refuses a code after 24 hours, to the millisecond", async () => {
    const { installCode } = await aCode();
    world.now += 24 * 3_600_000;

    expect(await refusalOf(aPayload({ installCode }))).toEqual({
      status: 410,
      code: "install-code-expired",
    });
    world.now -= 1;
    expect(await send(aPayload({ installCode }))).toMatchObject({ kind: "accepted" });
  });

  it("refuses a code that another stack spent", async () => {
    const { license, installCode } = await aCode({ plan: { id: "flat", since: NOW } });
    await send(aPayload({ installCode }));

    expect(await refusalOf(aPayload({ installCode }))).toEqual({
      status: 409,
      code: "install-code-spent",
    });
    expect(await world.licenses.deployments(license.licenseId)).toHaveLength(1);
  });

  it("refuses to move a registered stack to another license", async () => {
    const mine = await aCode({ plan: { id: "flat", since: NOW } });
    const other = await aCode({ plan: { id: "flat", since: NOW } });
    const stackId = aStackId();
    await send(aPayload({ stackId, installCode: mine.installCode }));

    expect(await refusalOf(aPayload({ stackId, installCode: other.installCode }))).toEqual({
      status: 409,
      code: "other-subscription",
    });
  });

  it.each([
    ["not yet active", { activatedAt: undefined }, 409, "subscription-not-active"],
    ["ending", { endingAt: NOW - 1 }, 410, "subscription-ended"],
    ["ended", { endingAt: NOW - 1, endedAt: NOW - 1 }, 410, "subscription-ended"],
  ])("refuses a license that is %s and leaves the code unspent", async (_, over, status, code) => {
    const { license, installCode } = await aCode(over);

    expect(await refusalOf(aPayload({ installCode }))).toEqual({ status, code });

    await anActiveLicense(world, { licenseId: license.licenseId, plan: license.plan });
    await world.licenses.update(
      license.licenseId,
      (known) =>
        known && {
          ...known,
          plan: { id: "share", since: NOW },
        },
    );
    expect(await send(aPayload({ installCode }))).toMatchObject({ kind: "accepted" });
  });

  it("refuses a cost-reading role of another account", async () => {
    const { installCode } = await aCode();
    const resources = { readRoleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/read` };

    expect(await refusalOf(aPayload({ installCode, resources }))).toEqual({
      status: 403,
      code: "foreign-read-role",
    });
  });

  it("refuses a stack without a cost-reading role", async () => {
    const { installCode } = await aCode();

    expect(await refusalOf(aPayload({ installCode, resources: {} }))).toEqual({
      status: 400,
      code: "missing-read-role",
    });
  });

  it("refuses a region in which the product is not offered", async () => {
    const { installCode } = await aCode();
    const stackId = aStackId({ region: "sa-east-1" });

    expect(await refusalOf(aPayload({ installCode, stackId }))).toEqual({
      status: 403,
      code: "region-not-offered",
    });
  });

  it("takes the external ID from its own records, never from the stack", async () => {
    const { license, installCode, externalIds } = await aCode();
    const payload = aPayload({ installCode });
    const resources = { ...payload.resources, externalIds: "chosen-by-the-stack" };

    await send({ ...payload, resources });

    const [deployment] = await world.licenses.deployments(license.licenseId);
    expect(deployment?.externalIds).toEqual(externalIds);
  });

  it.each([
    ["production", "production"],
    ["<b>enormous</b>", undefined],
  ])("remembers the size %j as %s", async (size, remembered) => {
    const { license, installCode } = await aCode();
    const payload = aPayload({ installCode });

    await send({ ...payload, resources: { ...payload.resources, size } });

    const [deployment] = await world.licenses.deployments(license.licenseId);
    expect(deployment?.size).toBe(remembered);
  });

  it("fixes the plan: another one can't be picked any more", async () => {
    const { license, installCode } = await aCode();
    await send(aPayload({ installCode }));

    expect(await useCasesOf(world).choosePlan(sessionOf(license), "flat")).toEqual({
      kind: "fixed",
      planId: "share",
    });
  });
});

describe("a stack in another account than the license's", () => {
  let foreign: RoleSession;
  beforeEach(() => void (foreign = aRoleSession(sts, { accountId: OTHER_ACCOUNT })));

  async function waiting() {
    const code = await aCode();
    const stackId = aStackId({ accountId: OTHER_ACCOUNT });
    const payload = aPayload({ stackId, installCode: code.installCode });
    const outcome = await send(payload, foreign);
    const deploymentId = deploymentIdOf(stackId);
    const { licenseId } = code.license;
    const stored = () => world.licenses.deployment(licenseId, deploymentId);
    return { ...code, outcome, payload, deploymentId, stored, session: sessionOf(code.license) };
  }

  it("waits for the holder's confirmation", async () => {
    const { outcome, stored } = await waiting();

    expect(outcome).toMatchObject({
      kind: "accepted",
      answer: { settings: { status: "awaiting-confirmation" } },
    });
    expect(await stored()).toMatchObject({ state: "awaiting-confirmation" });
  });

  it("counts from the confirmation, which can be repeated", async () => {
    const { deploymentId, stored, session } = await waiting();
    const site = useCasesOf(world);
    world.now += 5_000;

    expect(await site.confirmDeployment(session, deploymentId, "confirm")).toEqual({
      kind: "done",
    });
    world.now += 5_000;
    expect(await site.confirmDeployment(session, deploymentId, "confirm")).toEqual({
      kind: "done",
    });

    expect(await stored()).toMatchObject({ state: "active", registeredAt: NOW + 5_000 });
  });

  it("is gone from the start once turned away, gives its cost free and can't come back", async () => {
    const { deploymentId, stored, session, payload } = await waiting();
    const site = useCasesOf(world);

    expect(await site.confirmDeployment(session, deploymentId, "reject")).toEqual({ kind: "done" });
    expect(await site.confirmDeployment(session, deploymentId, "reject")).toEqual({ kind: "done" });
    expect(await site.confirmDeployment(session, deploymentId, "confirm")).toEqual({
      kind: "unknown",
    });

    expect(await stored()).toMatchObject({ state: "ended", goneAt: NOW });
    expect((await world.siteStore.costClaims.get(`aws:${OTHER_ACCOUNT}`))?.claims).toEqual([]);
    const again = { ...payload, requestId: "20000000-0000-4000-8000-000000000000" };
    expect(await refusalOf(again, foreign)).toEqual({ status: 410, code: "deployment-ended" });
    const update = { ...again, requestType: "Update" } as const;
    expect(await refusalOf(update, foreign)).toEqual({ status: 410, code: "deployment-ended" });
  });

  it("can't be turned away after it was let in", async () => {
    const { deploymentId, session } = await waiting();
    const site = useCasesOf(world);
    await site.confirmDeployment(session, deploymentId, "confirm");

    expect(await site.confirmDeployment(session, deploymentId, "reject")).toEqual({
      kind: "unknown",
    });
  });

  it("is unknown to the holder of another license", async () => {
    const { deploymentId, stored } = await waiting();
    const stranger = sessionOf(await anActiveLicense(world));

    expect(await useCasesOf(world).confirmDeployment(stranger, deploymentId, "confirm")).toEqual({
      kind: "unknown",
    });
    expect(await stored()).toMatchObject({ state: "awaiting-confirmation" });
  });

  it("is never read, not even a last time", async () => {
    const { payload } = await waiting();

    await send({ ...payload, requestType: "Delete", requestId: "delete-it" }, foreign);

    expect(world.finalReads).toEqual([]);
  });
});

describe("Update", () => {
  async function registered() {
    const { license, installCode } = await aCode();
    const create = aPayload({ installCode });
    await send(create);
    const update = (over: Partial<ReturnType<typeof aPayload>>) =>
      aPayload({ ...create, requestType: "Update", requestId: aPayload().requestId, ...over });
    const stored = () =>
      world.licenses.deployment(license.licenseId, deploymentIdOf(create.stackId));
    return { license, create, update, stored };
  }

  it("is accepted with the spent code and takes the new version", async () => {
    const { update, stored } = await registered();

    expect(await send(update({ templateVersion: "1.1.0" }))).toMatchObject({ kind: "accepted" });
    expect(await stored()).toMatchObject({ templateVersion: "1.1.0", state: "active" });
  });

  it("is accepted with older properties, as in a roll-back", async () => {
    const { update, stored } = await registered();
    await send(update({ templateVersion: "1.1.0" }));

    expect(await send(update({ templateVersion: "1.0.0" }))).toMatchObject({ kind: "accepted" });
    expect(await stored()).toMatchObject({ templateVersion: "1.0.0" });
  });

  it("is accepted whatever code it names, and after the subscription's end", async () => {
    const { update, license } = await registered();
    await world.licenses.update(
      license.licenseId,
      (known) =>
        known && {
          ...known,
          endedAt: world.now,
        },
    );

    expect(await send(update({ installCode: "nonsense" }))).toMatchObject({
      kind: "accepted",
      answer: { settings: { leaseUntil: new Date(NOW).toISOString() } },
    });
  });

  it("does not let a replayed older request undo a newer one", async () => {
    const { update, stored } = await registered();
    const older = update({ templateVersion: "1.1.0" });
    const first = await send(older);
    await send(update({ templateVersion: "1.2.0" }));

    expect(await send(older)).toEqual(first);
    expect(await stored()).toMatchObject({ templateVersion: "1.2.0" });
  });

  it("refuses a cost-reading role of another account", async () => {
    const { update, stored, create } = await registered();
    const resources = { readRoleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/read` };

    expect(await refusalOf(update({ resources }))).toEqual({
      status: 403,
      code: "foreign-read-role",
    });
    expect(await stored()).toMatchObject({ readRoleArn: create.resources.readRoleArn });
  });

  it("refuses a stack that never registered", async () => {
    expect(await refusalOf(aPayload({ requestType: "Update" }))).toEqual({
      status: 404,
      code: "stack-not-registered",
    });
  });
});

describe("Delete", () => {
  async function registered() {
    const { license, installCode } = await aCode();
    const create = aPayload({ installCode });
    await send(create);
    const deploymentId = deploymentIdOf(create.stackId);
    const remove = aPayload({ ...create, requestType: "Delete", requestId: aPayload().requestId });
    const stored = () => world.licenses.deployment(license.licenseId, deploymentId);
    return { license, create, remove, deploymentId, stored };
  }

  it("reads the last cost, ends the deployment's use and not its license", async () => {
    const { remove, stored, license, deploymentId } = await registered();
    world.now += 1_000;

    expect(await send(remove)).toEqual({
      kind: "accepted",
      answer: { deploymentId, settings: {} },
    });
    expect(world.finalReads).toEqual([deploymentId]);
    expect(await stored()).toMatchObject({ state: "ended", endedAt: NOW + 1_000 });
    expect((await world.licenses.get(license.licenseId))?.endedAt).toBeUndefined();
  });

  it("reads the last cost while the deployment is still active", async () => {
    const states: (string | undefined)[] = [];
    const { remove, stored } = await registered();
    world = {
      ...world,
      metering: {
        ...world.metering,
        readFinalCost: async () => {
          states.push((await stored())?.state);
          return "unreadable";
        },
      },
    };

    await send(remove);

    expect(states).toEqual(["active"]);
  });

  it("ends the deployment although the last reading fails", async () => {
    const { remove, stored } = await registered();
    const readFinalCost = () => Promise.reject(new Error("a bug"));
    world = { ...world, metering: { ...world.metering, readFinalCost } };

    expect(await send(remove)).toMatchObject({ kind: "accepted" });
    expect(await stored()).toMatchObject({ state: "ended" });
  });

  it("twice gives the same answer, reads once and moves no date", async () => {
    const { remove, stored } = await registered();
    const first = await send(remove);
    const before = await stored();
    world.now += 60_000;

    expect(await send(remove)).toEqual(first);
    expect(await send({ ...remove, requestId: "another-delete" })).toEqual(first);
    expect(await stored()).toEqual(before);
    expect(world.finalReads).toHaveLength(1);
  });

  it("of a stack that never registered is accepted and writes nothing", async () => {
    const { license } = await aCode();
    const remove = aPayload({ requestType: "Delete" });
    const deploymentId = deploymentIdOf(remove.stackId);
    const ids = { licenseId: license.licenseId, deploymentId };
    const before = await snapshot(world, ids);

    expect(await send(remove)).toEqual({
      kind: "accepted",
      answer: { deploymentId, settings: {} },
    });
    expect(await snapshot(world, ids)).toEqual(before);
  });

  it("is not undone by a Create that is repeated after it", async () => {
    const { create, remove, stored } = await registered();
    await send(remove);

    await send(create);
    await send({ ...create, requestId: "another-create" });

    expect(await stored()).toMatchObject({ state: "ended" });
  });

  it("gives up on a last reading that hangs and still ends the deployment", async () => {
    const { remove, stored } = await registered();
    const readFinalCost = () => new Promise<never>(() => undefined);
    world = { ...world, metering: { ...world.metering, readFinalCost } };

    const started = performance.now();
    expect(await send(remove)).toMatchObject({ kind: "accepted" });

    expect(performance.now() - started).toBeLessThan(9_000);
    expect(await stored()).toMatchObject({ state: "ended" });
  });
});

describe("an account's cost", () => {
  it("is metered for one deployment at a time; the second is refused in words", async () => {
    const first = await aCode();
    const second = await aCode();
    const create = aPayload({ installCode: first.installCode });
    await send(create);

    const outcome = await send(aPayload({ installCode: second.installCode }));

    expect(outcome).toMatchObject({ kind: "refused", status: 409 });
    expect(JSON.stringify(outcome)).toContain(`account ${BUYER} is already metered`);
    expect(await world.licenses.deployments(second.license.licenseId)).toEqual([]);
  });

  it("is free again after the Delete", async () => {
    const first = await aCode();
    const second = await aCode();
    const create = aPayload({ installCode: first.installCode });
    await send(create);
    await send({ ...create, requestType: "Delete", requestId: "delete-it" });

    expect(await send(aPayload({ installCode: second.installCode }))).toMatchObject({
      kind: "accepted",
    });
  });

  it("of a stack that runs on after its Delete is metered for it until another claims it", async () => {
    const [first, second] = [await aCode(), await aCode()];
    const create = aPayload({ installCode: first.installCode });
    await send(create);
    await send({ ...create, requestType: "Delete", requestId: "delete-it" });
    const id = { licenseId: first.license.licenseId, deploymentId: deploymentIdOf(create.stackId) };
    const old = () => world.licenses.deployment(id.licenseId, id.deploymentId);
    // The deletion failed and metering saw the stack alive an hour later.
    const aliveAt = NOW + 3_600_000;
    await world.licenses.updateDeployment(
      id.licenseId,
      id.deploymentId,
      (known) => known && { ...known, aliveAt },
    );
    expect(await old()).not.toHaveProperty("goneAt");

    world.now = NOW + 7_200_000;
    expect(await send(aPayload({ installCode: second.installCode }))).toMatchObject({
      kind: "accepted",
    });

    expect(await old()).toMatchObject({ state: "ended", goneAt: aliveAt });
    const held = await world.siteStore.costClaims.get(`aws:${BUYER}`);
    expect(held).toMatchObject({ claims: [{ licenseId: second.license.licenseId }] });
    expect(held).not.toHaveProperty("ended");
  });

  it("by tag goes on being metered after the Delete while others have tags of their own", async () => {
    const plan = { id: "tagged", since: NOW };
    const [one, two] = [await aCode({ plan }), await aCode({ plan })];
    const create = aPayload({ installCode: one.installCode });
    await send(create);
    await send({ ...create, requestType: "Delete", requestId: "delete-it" });

    await send(aPayload({ installCode: two.installCode }));

    const deploymentId = deploymentIdOf(create.stackId);
    const old = await world.licenses.deployment(one.license.licenseId, deploymentId);
    expect(old).not.toHaveProperty("goneAt");
  });

  it("is free again when the license of the deployment that had it has ended", async () => {
    const first = await aCode();
    const second = await aCode();
    await send(aPayload({ installCode: first.installCode }));
    await world.licenses.update(
      first.license.licenseId,
      (known) =>
        known && {
          ...known,
          endedAt: world.now,
        },
    );

    expect(await send(aPayload({ installCode: second.installCode }))).toMatchObject({
      kind: "accepted",
    });
  });

  it("by tag can be shared by many, but not with one who has the whole account", async () => {
    const plan = { id: "tagged", since: NOW };
    const [one, two, whole] = [await aCode({ plan }), await aCode({ plan }), await aCode()];

    expect(await send(aPayload({ installCode: one.installCode }))).toMatchObject({
      kind: "accepted",
    });
    expect(await send(aPayload({ installCode: two.installCode }))).toMatchObject({
      kind: "accepted",
    });
    expect(await refusalOf(aPayload({ installCode: whole.installCode }))).toEqual({
      status: 409,
      code: "cost-already-metered",
    });
  });

  it("matters to no plan without a charge on cost", async () => {
    const plan = { id: "flat", since: NOW };
    const [one, whole] = [await aCode({ plan }), await aCode()];

    await send(aPayload({ installCode: one.installCode }));

    expect(await send(aPayload({ installCode: whole.installCode }))).toMatchObject({
      kind: "accepted",
    });
  });
});
