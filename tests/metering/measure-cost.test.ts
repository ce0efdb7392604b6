import { describe, expect, it } from "vitest";
import type { Deployment, License } from "../../metering/domain/license.ts";
import { termsOf } from "../../metering/domain/terms.ts";
import { measureCost } from "../../metering/measure-cost.ts";
import { aDeployment, aFee, aLicense, always, aPlan, aShare, at, LICENSE_ID } from "./fixtures.ts";
import { everyDay, memoryWorld } from "./memory-world.ts";

const NOW = at("2026-02-20T10:00:00Z");
const plan = aPlan(aShare);

async function aWorld(over: { deployment?: Partial<Deployment>; license?: Partial<License> } = {}) {
  const deployment = aDeployment(over.deployment);
  const license = aLicense(over.license);
  const given = { now: NOW, licenses: [license], deployments: [deployment] };
  const world = await memoryWorld(given);
  world.aws.reading = everyDay("10");
  return {
    ...world,
    async measure(now: number, more: { force?: boolean; license?: Partial<License> } = {}) {
      world.moveTo(now);
      const current = await world.licenses.deployment(LICENSE_ID, "d-1");
      if (current === undefined) throw new Error("no deployment");
      const { force = false, license: change = {} } = more;
      const deployments = await world.licenses.deployments(LICENSE_ID);
      const changed = { ...license, ...change };
      const terms = termsOf(changed, always([plan]));
      const asked = { terms, deployment: current, deployments, force };
      return measureCost(world.deps, { license: changed, ...asked });
    },
    async current() {
      return world.licenses.deployment(LICENSE_ID, "d-1");
    },
  };
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

describe("a reading", () => {
  it("is due at once, and then once a day", async () => {
    const world = await aWorld();

    expect(await world.measure(NOW)).toBe("read");
    expect(await world.measure(NOW + DAY - 30 * MINUTE - 1)).toBe("not-due");
    expect(await world.measure(NOW + DAY - 30 * MINUTE)).toBe("read");

    expect(world.requests).toHaveLength(2);
    expect((await world.deps.costs.status("d-1"))?.requests).toBe(2);
  });

  it("keeps its hour, also when a pass comes a moment earlier than the day before", async () => {
    const world = await aWorld();

    for (let day = 0; day < 10; day += 1) {
      expect(await world.measure(NOW + day * (DAY - MINUTE))).toBe("read");
    }
  });

  it("asks for whole days that are over, from the deployment's first", async () => {
    const world = await aWorld();
    await world.measure(NOW);

    expect(world.requests[0]).toMatchObject({ from: "2026-02-10", to: "2026-02-20" });
    expect((await world.deps.costs.status("d-1"))?.lastDay).toBe("2026-02-19");
  });

  it("asks for last month, too, until the 15th, and stores both months apart", async () => {
    const world = await aWorld();
    await world.measure(at("2026-03-15T10:00:00Z"));
    await world.measure(at("2026-03-17T10:00:00Z"));

    expect(world.requests).toMatchObject([
      { from: "2026-02-10", to: "2026-03-15" },
      { from: "2026-03-01", to: "2026-03-17" },
    ]);
    const view = { deploymentId: "d-1", metric: "BilledCost", scope: "account" } as const;
    const february = await world.deps.costs.month({ ...view, month: "2026-02" });
    const march = await world.deps.costs.month({ ...view, month: "2026-03" });
    expect(Object.keys(february?.days ?? {})).toHaveLength(19);
    expect(Object.keys(march?.days ?? {})).toHaveLength(16);
  });

  it("reaches back over the stacks before it in the same account, whose roles are gone", async () => {
    const world = await aWorld({ deployment: { registeredAt: NOW - DAY } });
    const before = aDeployment({
      deploymentId: "d-0",
      registeredAt: NOW - 5 * DAY,
      state: "ended",
      goneAt: NOW - DAY - 60 * MINUTE,
    });
    await world.licenses.updateDeployment(LICENSE_ID, "d-0", () => before);

    await world.measure(NOW);

    const firstDay = new Date(NOW - 5 * DAY).toISOString().slice(0, 10);
    expect(world.requests[0]?.from).toBe(firstDay);
  });

  it("is not due before a whole day is over, nor for a plan without a percentage", async () => {
    const world = await aWorld({ deployment: { registeredAt: NOW } });
    const { license, deployment } = { license: aLicense(), deployment: aDeployment() };

    expect(await world.measure(NOW)).toBe("not-due");
    const terms = termsOf(license, always([aPlan(aFee)]));
    const fee = { license, terms, deployment, deployments: [deployment] };
    expect(await measureCost(world.deps, fee)).toBe("not-due");
    expect(world.requests).toEqual([]);
  });

  it("is never made in an account whose holder has not confirmed", async () => {
    const world = await aWorld({ deployment: { state: "awaiting-confirmation" } });

    expect(await world.measure(NOW, { force: true })).toBe("not-due");
  });

  it("is made once more at the license's end, and half an hour later for the last record", async () => {
    const world = await aWorld();
    await world.measure(NOW);
    const endedAt = NOW + 60 * MINUTE;
    const license = { endingAt: endedAt, endedAt };

    expect(await world.measure(endedAt + 1, { license })).toBe("read");
    expect(await world.measure(endedAt + 29 * MINUTE, { license })).toBe("not-due");
    expect(await world.measure(endedAt + 30 * MINUTE, { license })).toBe("read");
    expect(await world.measure(endedAt + 31 * MINUTE, { license })).toBe("not-due");
  });

  it("is made although none is due when the role is about to go", async () => {
    const world = await aWorld();
    await world.measure(NOW);

    expect(await world.measure(NOW + MINUTE, { force: true })).toBe("read");
  });
});

describe("what reading costs", () => {
  it("is counted by the month in which it was asked, with the source's price", async () => {
    const world = await aWorld();
    await world.measure(at("2026-02-27T10:00:00Z"));
    await world.measure(at("2026-02-28T10:00:00Z"));
    world.aws.reading = () => ({
      kind: "unreadable",
      reason: "unavailable",
      message: "Sorry.",
      requests: 3,
    });
    await world.measure(at("2026-03-01T10:00:00Z"));

    expect(await world.deps.costs.status("d-1")).toMatchObject({
      requests: 5,
      readings: {
        "2026-02": { requests: 2, usd: "0.02", paidBy: "buyer" },
        "2026-03": { requests: 3, usd: "0.03", paidBy: "buyer" },
      },
    });
  });
});

describe("cost that should show by now", () => {
  const registered = at("2026-02-10T09:00:00Z");
  const nothing = { kind: "read", days: {}, requests: 1 } as const;

  it("is asked after from the third day on, until it was seen once", async () => {
    const world = await aWorld();
    world.aws.reading = () => nothing;
    await world.measure(registered + 3 * DAY - 1);
    await world.measure(registered + 4 * DAY);
    world.aws.reading = everyDay("10");
    await world.measure(registered + 5 * DAY);
    world.aws.reading = () => nothing;
    await world.measure(registered + 6 * DAY);

    const overdue = world.requests.map(({ costIsOverdue }) => costIsOverdue);
    expect(overdue).toEqual([false, true, true, false]);
  });

  it("is not asked after again once the tag is known to be in use", async () => {
    const world = await aWorld();
    world.aws.reading = () => ({ ...nothing, tagIsActive: true });
    await world.measure(registered + 4 * DAY);
    await world.measure(registered + 5 * DAY);

    expect(world.requests.map(({ costIsOverdue }) => costIsOverdue)).toEqual([true, false]);
  });

  it("is tried once a day while the tag isn't activated, which takes the payer a day", async () => {
    const world = await aWorld();
    const reason = "tag-inactive";
    world.aws.reading = () => ({ kind: "unreadable", reason, message: "Tag.", requests: 2 });
    await world.measure(NOW);

    expect(await world.measure(NOW + 2 * 60 * MINUTE)).toBe("not-due");
    expect(await world.measure(NOW + DAY)).toBe("unreadable");
    expect(world.alarms).toEqual([
      { kind: "cost-unreadable", licenseId: LICENSE_ID, message: "Tag." },
    ]);
  });
});

describe("a reading that fails", () => {
  const failing = { kind: "unreadable", message: "Sorry.", requests: 1 } as const;

  it("is told once, tried again, and leaves what was read before", async () => {
    const world = await aWorld();
    await world.measure(NOW);
    world.aws.reading = () => ({ ...failing, reason: "unavailable" });

    expect(await world.measure(NOW + DAY)).toBe("unreadable");
    expect(await world.measure(NOW + DAY + 120 * MINUTE)).toBe("unreadable");

    expect(world.alarms).toEqual([
      { kind: "cost-unreadable", licenseId: LICENSE_ID, message: "Sorry." },
    ]);
    expect(await world.deps.costs.status("d-1")).toMatchObject({
      readAt: NOW,
      problem: { reason: "unavailable", message: "Sorry." },
      requests: 3,
    });
    world.aws.reading = everyDay("10");
    expect(await world.measure(NOW + DAY + 240 * MINUTE)).toBe("read");
    expect((await world.deps.costs.status("d-1"))?.problem).toBeUndefined();
  });

  it("is tried again after an hour, not by every pass: each try may cost the buyer", async () => {
    const world = await aWorld();
    world.aws.reading = () => ({ ...failing, reason: "not-usd" });
    await world.measure(NOW);

    expect(await world.measure(NOW + 59 * MINUTE)).toBe("not-due");
    expect(await world.measure(NOW + 60 * MINUTE)).toBe("unreadable");
    expect(await world.measure(NOW + 61 * MINUTE)).toBe("not-due");
  });

  it("is tried again at once in the license's final hour, the last in which it can be billed", async () => {
    const world = await aWorld();
    const endedAt = NOW + 10 * MINUTE;
    const license = { endingAt: endedAt, endedAt };
    world.aws.reading = () => ({ ...failing, reason: "unavailable" });
    await world.measure(NOW);

    for (const minutes of [0, 1, 32, 33]) {
      expect(await world.measure(endedAt + minutes * MINUTE, { license })).toBe("unreadable");
    }
  });

  it("is told again when it fails for another reason", async () => {
    const world = await aWorld();
    for (const [n, reason] of (["no-data", "access-denied", "access-denied"] as const).entries()) {
      world.aws.reading = () => ({ ...failing, reason, message: reason });
      await world.measure(NOW + n * 120 * MINUTE);
    }

    expect(world.alarms.map(({ message }) => message)).toEqual(["no-data", "access-denied"]);
  });

  it("for a refused role is a problem while the stack lives, and the end after its Delete", async () => {
    const denied = { ...failing, reason: "access-denied" } as const;
    const alive = await aWorld();
    const deleted = await aWorld({ deployment: { state: "ended", endedAt: NOW - MINUTE } });
    for (const world of [alive, deleted]) {
      world.aws.reading = () => denied;
      await world.measure(NOW);
    }

    expect((await alive.current())?.goneAt).toBeUndefined();
    expect(alive.alarms).toHaveLength(1);
    expect((await deleted.current())?.goneAt).toBe(NOW - MINUTE);
    expect(deleted.alarms).toEqual([]);
  });
});

describe("a deployment whose Delete was proven", () => {
  const deployment = { state: "ended", endedAt: NOW - MINUTE } as const;

  it("is gone as of its Delete when the stack is seen gone", async () => {
    const world = await aWorld({ deployment });
    world.aws.stack = "gone";
    await world.measure(NOW);

    expect((await world.current())?.goneAt).toBe(NOW - MINUTE);
    expect(await world.measure(NOW + DAY)).toBe("not-due");
  });

  it("keeps counting while its stack is seen alive, until it is last seen", async () => {
    const world = await aWorld({ deployment });
    await world.measure(NOW);
    await world.measure(NOW + DAY);
    expect(await world.current()).toMatchObject({ aliveAt: NOW + DAY });
    expect((await world.current())?.goneAt).toBeUndefined();

    world.aws.stack = "gone";
    await world.measure(NOW + 2 * DAY);

    expect((await world.current())?.goneAt).toBe(NOW + DAY);
  });

  it("is told of when its stack ran on after the Delete and then shut the seller out", async () => {
    const world = await aWorld({ deployment });
    await world.measure(NOW);
    const denied = {
      kind: "unreadable",
      reason: "access-denied",
      message: "",
      requests: 0,
    } as const;
    world.aws.reading = () => denied;
    await world.measure(NOW + DAY);

    expect((await world.current())?.goneAt).toBe(NOW);
    expect(world.alarms).toMatchObject([
      {
        kind: "cost-unreadable",
        message: /^A deployment's stack was seen at 2026-02-20T10:00:00.000Z, after its Delete/,
      },
    ]);
  });

  it("concludes nothing from a stack that could not be seen", async () => {
    const world = await aWorld({ deployment });
    world.aws.stack = "unknown";
    await world.measure(NOW);

    const current = await world.current();
    expect([current?.goneAt, current?.aliveAt]).toEqual([undefined, undefined]);
  });
});
