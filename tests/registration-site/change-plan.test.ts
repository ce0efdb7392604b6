import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deployment, License } from "../../metering/domain/license.ts";
import type { Product } from "../../product/definition.ts";
import { deploymentIdOf } from "../../registration-site/authenticate-callback.ts";
import {
  anActiveLicense,
  aPayload,
  aProduct,
  aRoleSession,
  aStackId,
  aWorld,
  BUYER,
  NOW,
  sessionOf,
  signedEnvelope,
  useCasesOf,
  type World,
} from "./core-world.ts";
import { interrupted } from "./crash-points.ts";
import { startStrictSts, type StrictSts } from "./strict-sts.ts";

const DAY = 24 * 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 22);

let sts: StrictSts;
beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());

const product: Product = {
  ...aProduct(),
  plans: [
    ...aProduct().plans,
    { id: "hosted", title: "Hosted", summary: "We run it", charges: [], hosting: "seller" },
  ],
};

/** A license on a plan since yesterday, in a world where stacks can be registered. */
async function aSale(planId: string, world: World = aWorld(sts, { product })) {
  const license = await anActiveLicense(world, {
    activatedAt: NOW - 2 * DAY,
    plan: { id: planId, since: NOW - DAY },
  });
  const session = sessionOf(license);
  const { licenseId } = license;
  return {
    world,
    license,
    change: (id: string, through: Partial<World> = {}) =>
      useCasesOf({ ...world, ...through }).changePlan(session, id),
    stored: async () => (await world.licenses.get(licenseId)) as License,
    /** Registers a stack by its own callback, or answers why not. */
    launch: (through: Partial<World> = {}) => launch({ ...world, ...through }, license),
    claims: async () => (await world.siteStore.costClaims.get(`aws:${BUYER}`))?.claims ?? [],
  };
}

async function launch(world: World, license: License) {
  const site = useCasesOf(world);
  const { code } = await site.issueInstallCode(sessionOf(license));
  const stackId = aStackId();
  const payload = aPayload({ stackId, installCode: code });
  const send = async () => site.callback(await signedEnvelope(aRoleSession(sts), payload));
  return { outcome: await send(), again: send, deploymentId: deploymentIdOf(stackId) };
}

describe("changing the plan", () => {
  it("counts from the next UTC midnight, with a stack running", async () => {
    const sale = await aSale("share");
    await sale.launch();

    expect(await sale.change("flat")).toEqual({ kind: "changed", planId: "flat", from: MIDNIGHT });

    expect(await sale.stored()).toMatchObject({
      plan: { id: "flat", since: MIDNIGHT, fixed: true },
      earlierPlans: [{ id: "share", since: NOW - DAY, until: MIDNIGHT }],
    });
  });

  it("and undoing it before midnight leaves the license as it was", async () => {
    const sale = await aSale("share");
    await sale.launch();
    const before = await sale.stored();
    await sale.change("flat");

    expect(await sale.change("share")).toEqual({
      kind: "changed",
      planId: "share",
      from: NOW - DAY,
    });
    expect(await sale.stored()).toEqual(before);
  });

  it("to a plan that isn't there, or after the subscription's end, changes nothing", async () => {
    const sale = await aSale("share");
    const before = await sale.stored();

    expect(await sale.change("__proto__")).toEqual({ kind: "unknown-plan" });
    expect(await sale.stored()).toBe(before);
    const ended = { ...before, endingAt: NOW };
    await sale.world.licenses.update(before.licenseId, () => ended);
    expect(await sale.change("flat")).toEqual({ kind: "ended" });
    expect(await sale.stored()).toEqual(ended);
  });

  it("is not between a stack of the buyer's and what the seller hosts, while a stack is there", async () => {
    const sale = await aSale("share");
    const { deploymentId } = await sale.launch();

    expect(await sale.change("hosted")).toEqual({ kind: "hosted-elsewhere", needs: "seller" });
    await end(sale.world, sale.license, deploymentId);
    expect(await sale.change("hosted")).toMatchObject({ kind: "changed" });
  });

  it("can't make a stack of the buyer's from what the seller hosts", async () => {
    const sale = await aSale("hosted");
    await sale.world.licenses.updateDeployment(sale.license.licenseId, "d-1", () =>
      aHostedDeployment(sale.license),
    );

    expect(await sale.change("share")).toEqual({ kind: "hosted-elsewhere", needs: "buyer" });
  });
});

describe("a plan that counts more of an account's cost", () => {
  it("claims it, and keeps the claim when the change is undone", async () => {
    const sale = await aSale("tagged");
    await sale.launch();

    await sale.change("share");

    expect(await sale.claims()).toMatchObject([{ scope: "account" }]);
    await sale.change("tagged");
    expect(await sale.claims()).toMatchObject([{ scope: "account" }]);
  });

  it("is refused while the cost is metered for another deployment, and changes nothing", async () => {
    const sale = await aSale("tagged");
    await sale.launch();
    const other = await aSale("tagged", sale.world);
    await other.launch();
    const before = await sale.stored();

    expect(await sale.change("share")).toEqual({ kind: "cost-taken", accountId: BUYER });
    expect(await sale.stored()).toBe(before);
    expect((await sale.claims()).map(({ scope }) => scope)).toEqual(["tag", "tag"]);
  });

  it("is claimed also for a stack that is registered between change and midnight", async () => {
    const sale = await aSale("tagged");
    await sale.change("share");

    await sale.launch();

    expect(await sale.claims()).toMatchObject([{ scope: "account" }]);
  });

  it("is claimed whichever write of a Create the change overtakes, and the other way round", async () => {
    for (let nth = 1; nth <= 9; nth += 1) {
      const sale = await aSale("tagged");
      const through = interrupted(sale.world, nth, () => sale.change("share"));
      const created = await sale.launch(through);
      if (through.writes() < nth) break;
      expect(nth).toBeLessThan(9);
      if (created.outcome.kind === "refused") await created.again();
      await expectOneWideClaim(sale);
    }
    for (let nth = 1; nth <= 4; nth += 1) {
      const sale = await aSale("tagged");
      let created: Awaited<ReturnType<typeof sale.launch>> | undefined;
      await sale.change(
        "share",
        interrupted(sale.world, nth, async () => {
          created = await sale.launch();
        }),
      );
      if (created?.outcome.kind === "refused") await created.again();
      await expectOneWideClaim(sale);
    }
  });

  async function expectOneWideClaim(sale: Awaited<ReturnType<typeof aSale>>) {
    expect((await sale.stored()).plan?.id).toBe("share");
    const { licenseId } = sale.license;
    const deployments = await sale.world.licenses.deployments(licenseId);
    expect(deployments).toHaveLength(deployments.length === 0 ? 0 : 1);
    expect(await sale.claims()).toMatchObject(deployments.map(() => ({ scope: "account" })));
  }

  it("is taken back when a stack that came meanwhile can't have it", async () => {
    const sale = await aSale("tagged");
    const other = await aSale("tagged", sale.world);
    await other.launch();
    // The first write is the license's: no stack of it was seen before.
    const through = interrupted(sale.world, 1, () => sale.launch());

    expect(await sale.change("share", through)).toEqual({ kind: "cost-taken", accountId: BUYER });
    expect((await sale.stored()).plan).toMatchObject({ id: "tagged", since: NOW - DAY });
    expect((await sale.stored()).earlierPlans).toBeUndefined();
  });

  it("that left the product is claimed for as the widest there is", async () => {
    const world = aWorld(sts, { product });
    const sale = await aSale("gone", world);

    expect((await sale.launch()).outcome).toMatchObject({ kind: "accepted" });
    expect(await sale.claims()).toMatchObject([{ scope: "account" }]);
  });
});

async function end(world: World, { licenseId }: License, deploymentId: string) {
  await world.licenses.updateDeployment(licenseId, deploymentId, (known) =>
    known === undefined ? known : { ...known, state: "ended", endedAt: NOW, goneAt: NOW },
  );
}

const aHostedDeployment = ({ licenseId }: License): Deployment => ({
  deploymentId: "d-1",
  licenseId,
  accountId: "999988887777",
  partition: "aws",
  region: "eu-central-1",
  stackId: "",
  templateVersion: "",
  readRoleArn: "",
  externalIds: [],
  state: "active",
  registeredAt: NOW,
  hosting: "seller",
});
