import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deploymentIdOf } from "../../registration-site/authenticate-callback.ts";
import {
  anActiveLicense,
  aPayload,
  aRoleSession,
  aStackId,
  aWorld,
  BUYER,
  deliver,
  lifecycleEnvelope,
  NOW,
  sessionOf,
  signedEnvelope,
  snapshot,
  useCasesOf,
  type World,
} from "./core-world.ts";
import { interrupted, type Interruption, Killed } from "./crash-points.ts";
import { startStrictSts, type StrictSts } from "./strict-sts.ts";

let sts: StrictSts;
beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());

const licenseId = `l-${"c".repeat(32)}`;
const stackId = aStackId();
const deploymentId = deploymentIdOf(stackId);
const create = aPayload({ stackId });
const update = aPayload({ stackId, requestType: "Update", templateVersion: "2.0.0" });
const remove = aPayload({ stackId, requestType: "Delete" });

/** The same world every time, to the last random byte, with a code ready to be spent. */
async function aSale() {
  let drawn = 0;
  const randomBytes = (length: number) => new Uint8Array(length).fill((drawn += 1));
  const world = aWorld(sts, { randomBytes });
  const license = await anActiveLicense(world, { licenseId });
  const { code } = await useCasesOf(world).issueInstallCode(sessionOf(license));
  const role = aRoleSession(sts);
  const send = async (payload: typeof create, through: Partial<World> = {}) => {
    const envelope = await signedEnvelope(role, { ...payload, installCode: code });
    return useCasesOf({ ...world, ...through }).callback(envelope);
  };
  const state = () => snapshot(world, { licenseId, deploymentId });
  const claims = async () => (await world.siteStore.costClaims.get(`aws:${BUYER}`))?.claims ?? [];
  return { world, license, send, state, claims };
}

const deaths: Interruption[] = ["killed-before", "killed-after"];

/** Every write of the last of these callbacks, counted in a run that nobody interrupts. */
async function writesOf(...callbacks: (typeof create)[]): Promise<number> {
  const { world, send } = await aSale();
  let last = interrupted(world, 0, "killed-before");
  for (const callback of callbacks) {
    last = interrupted(world, 0, "killed-before");
    await send(callback, last);
  }
  return last.writes();
}

describe.each([
  ["Create", [create]],
  ["Update", [create, update]],
  ["Delete", [create, remove]],
] as const)("%s, killed at any write and repeated", (_, callbacks) => {
  it.each(deaths)("ends in the same state and the same answer: %s", async (death) => {
    const before = callbacks.slice(0, -1);
    const last = callbacks.at(-1) ?? create;
    const undisturbed = await aSale();
    for (const callback of before) await undisturbed.send(callback);
    const expectedAnswer = await undisturbed.send(last);
    const expectedState = await undisturbed.state();
    const writes = await writesOf(...callbacks);
    expect(writes).toBeGreaterThan(1);

    for (let nth = 1; nth <= writes; nth += 1) {
      const sale = await aSale();
      for (const callback of before) await sale.send(callback);
      const dying = interrupted(sale.world, nth, death);

      await expect(sale.send(last, dying)).rejects.toThrow(Killed);

      expect(await sale.send(last)).toEqual(expectedAnswer);
      expect(await sale.state()).toEqual(expectedState);
    }
  });
});

describe("a Create that was killed and never repeated", () => {
  it.each(deaths)("is cleaned up by the roll-back's Delete: %s", async (death) => {
    const writes = await writesOf(create);
    for (let nth = 1; nth <= writes; nth += 1) {
      const sale = await aSale();
      const dying = interrupted(sale.world, nth, death);
      await sale.send(create, dying).catch(() => undefined);

      expect(await sale.send(remove)).toMatchObject({ kind: "accepted" });

      expect(await sale.claims()).toEqual([]);
      const deployment = await sale.world.licenses.deployment(licenseId, deploymentId);
      expect(deployment?.state ?? "ended").toBe("ended");
    }
  });

  it.each(deaths)("blocks nobody for longer than an hour, Delete or not: %s", async (death) => {
    const writes = await writesOf(create);
    for (let nth = 1; nth <= writes; nth += 1) {
      const sale = await aSale();
      const dying = interrupted(sale.world, nth, death);
      await sale.send(create, dying).catch(() => undefined);
      const registered = await sale.world.licenses.deployment(licenseId, deploymentId);
      if (registered !== undefined) continue;
      sale.world.now = NOW + 3_600_000;

      const site = useCasesOf(sale.world);
      const { code } = await site.issueInstallCode(sessionOf(sale.license));
      const envelope = await signedEnvelope(aRoleSession(sts), aPayload({ installCode: code }), {
        now: sale.world.now,
      });
      expect(await site.callback(envelope)).toMatchObject({ kind: "accepted" });
    }
  });
});

describe("a Delete that overtakes its Create at any write", () => {
  it("leaves no living deployment and no claim", async () => {
    const writes = await writesOf(create);
    // Before the first write nothing is known of the stack, and a Delete then writes nothing.
    for (let nth = 2; nth <= writes; nth += 1) {
      const sale = await aSale();
      const overtaken = interrupted(sale.world, nth, () => sale.send(remove));

      expect(await sale.send(create, overtaken)).toMatchObject({ kind: "refused", status: 410 });
      expect(await sale.send(create)).toMatchObject({ kind: "refused", status: 410 });

      const deployment = await sale.world.licenses.deployment(licenseId, deploymentId);
      expect(deployment?.state ?? "ended").toBe("ended");
      expect(await sale.claims()).toEqual([]);
    }
  });
});

describe("a Delete that overtakes a repeated Create at any write, also the first", () => {
  it.each(deaths)("leaves no living deployment and no claim: %s", async (death) => {
    const writes = await writesOf(create);
    for (let died = death === "killed-after" ? 1 : 2; died <= writes; died += 1) {
      for (let nth = 1; nth <= writes; nth += 1) {
        const sale = await aSale();
        await sale.send(create, interrupted(sale.world, died, death)).catch(() => undefined);
        const overtaken = interrupted(sale.world, nth, () => sale.send(remove));
        await sale.send(create, overtaken);

        const deployment = await sale.world.licenses.deployment(licenseId, deploymentId);
        // A Create that had already answered writes nothing again, so nothing overtook it.
        if (overtaken.writes() >= nth) expect(deployment?.state ?? "ended").toBe("ended");
        expect(await sale.claims()).toHaveLength(deployment?.state === "active" ? 1 : 0);
      }
    }
  });
});

describe("another stack's Create for the same account's cost that overtakes at any write", () => {
  it("leaves one living deployment and one claim, which is its own", async () => {
    const writes = await writesOf(create);
    for (let nth = 1; nth <= writes; nth += 1) {
      const sale = await aSale();
      const rivalWorld = { ...sale.world, randomBytes: (n: number) => new Uint8Array(n).fill(99) };
      const { code } = await useCasesOf(rivalWorld).issueInstallCode(sessionOf(sale.license));
      const rival = await signedEnvelope(aRoleSession(sts), aPayload({ installCode: code }));
      const overtake = () => useCasesOf(sale.world).callback(rival);

      await sale.send(create, interrupted(sale.world, nth, overtake));

      const deployments = await sale.world.licenses.deployments(licenseId);
      expect(deployments).toHaveLength(1);
      expect(await sale.claims()).toMatchObject([{ deploymentId: deployments[0]?.deploymentId }]);
    }
  });
});

describe("a change of plan that overtakes a Create at any write", () => {
  it("either comes too late or makes the Create try again: never one plan's claim on the other", async () => {
    const writes = await writesOf(create);
    for (let nth = 1; nth <= writes; nth += 1) {
      const sale = await aSale();
      const choose = () => useCasesOf(sale.world).choosePlan(sessionOf(sale.license), "flat");
      const outcome = await sale.send(create, interrupted(sale.world, nth, choose));
      const repeated = outcome.kind === "refused" ? await sale.send(create) : outcome;

      expect(repeated).toMatchObject({ kind: "accepted" });
      const license = await sale.world.licenses.get(licenseId);
      expect(license?.plan?.fixed).toBe(true);
      expect(await sale.claims()).toHaveLength(license?.plan?.id === "share" ? 1 : 0);
    }
  });
});

describe("a marketplace event, killed at any write and delivered again", () => {
  const updated = lifecycleEnvelope("License Updated - Manufacturer", { licenseId });
  const ended = lifecycleEnvelope("Purchase Agreement Ended - Proposer", { time: NOW + 1 });

  it.each([
    ["License Updated", [ended, updated]],
    ["Agreement Ended", [updated, ended]],
  ])("ends in the same license: %s", async (_, [first, last]) => {
    const run = async (nth: number, death: Interruption) => {
      const world = aWorld(sts);
      await deliver(world, first);
      const dying = interrupted(world, nth, death);
      const outcome = await deliver({ ...world, ...dying }, last).catch(() => "killed");
      if (outcome === "killed") await deliver(world, last);
      return { license: await world.licenses.get(licenseId), writes: dying.writes() };
    };
    const { license, writes } = await run(0, "killed-before");
    expect(license).toMatchObject({ activatedAt: NOW, endingAt: NOW + 1 });
    expect(writes).toBe(2);

    for (const death of deaths) {
      for (let nth = 1; nth <= writes; nth += 1) {
        expect((await run(nth, death)).license).toEqual(license);
      }
    }
  });
});
