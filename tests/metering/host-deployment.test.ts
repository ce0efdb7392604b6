import { describe, expect, it } from "vitest";
import { endHosting, hostDeployment } from "../../metering/host-deployment.ts";
import { aLicense, aPlan, aShare, at, LICENSE_ID } from "./fixtures.ts";
import { everyDay, memoryWorld } from "./memory-world.ts";

const NOW = at("2026-02-20T10:00:00Z");
const DAY = 86_400_000;
const hosted = { ...aPlan({ ...aShare, costScope: "tag" }), hosting: "seller" } as const;

async function aWorld(over: { plans?: readonly ReturnType<typeof aPlan>[] } = {}) {
  const plans = over.plans ?? [hosted];
  const world = await memoryWorld({ now: NOW, licenses: [aLicense()], plans });
  const seller = { accountId: "999988887777", partition: "aws", region: "us-east-1" };
  const deps = { ...world.deps, plans, seller };
  return {
    ...world,
    host: (tag?: string, licenseId = LICENSE_ID) => hostDeployment(deps, { licenseId, tag }),
    end: (tag?: string) => endHosting(deps, { licenseId: LICENSE_ID, tag }),
  };
}

describe("a deployment that the seller hosts", () => {
  it("is read by its tag in the seller's account, and billed", async () => {
    const world = await aWorld();
    world.aws.reading = everyDay("10");
    await world.host();
    world.moveTo(NOW + 2 * DAY);
    await world.metering.pass(0);

    expect(world.requests).toMatchObject([
      { scope: "tag", deployment: { accountId: "999988887777", costTag: LICENSE_ID } },
    ]);
    expect(world.sent[0]?.records).toHaveLength(1);
  });

  it("is the same one when it is said again, and another one under another tag", async () => {
    const world = await aWorld();
    const first = await world.host();
    world.moveTo(NOW + DAY);

    expect(await world.host()).toEqual(first);
    expect(await world.host(`${LICENSE_ID}/eu`)).toMatchObject({ kind: "hosted" });
    expect(await world.licenses.deployments(LICENSE_ID)).toHaveLength(2);
  });

  it.each([
    "shared",
    "l-0123",
    `${LICENSE_ID}0`,
    `${LICENSE_ID} eu`,
    `${LICENSE_ID}/${"x".repeat(300)}`,
  ])("is refused under the tag %j: another license could count it, too", async (tag) => {
    expect(await (await aWorld()).host(tag)).toMatchObject({
      kind: "refused",
      message: /must be l-0123456789abcdef0123456789abcdef, or begin with it/,
    });
  });

  it("needs a license that lives and a plan that the seller hosts", async () => {
    const world = await aWorld({ plans: [aPlan(aShare)] });
    const unknown = await world.host(undefined, "l-ffffffffffffffffffffffffffffffff");

    expect(unknown).toMatchObject({ message: /^There is no license l-f/ });
    expect(await world.host()).toMatchObject({ message: /Only a plan with hosting: "seller"/ });
    await world.licenses.update(LICENSE_ID, (license) => license && { ...license, endedAt: NOW });
    expect(await world.host()).toMatchObject({ message: /ended: nothing is metered/ });
  });

  it("is read once more after its end, and gone then", async () => {
    const world = await aWorld();
    world.aws.reading = everyDay("10");
    world.aws.stack = "gone";
    await world.host();
    world.moveTo(NOW + 2 * DAY);
    await world.end();
    await world.metering.pass(0);
    const [deployment] = await world.licenses.deployments(LICENSE_ID);

    expect(deployment).toMatchObject({ state: "ended", goneAt: NOW + 2 * DAY });
    expect(await world.end("another")).toMatchObject({ kind: "refused" });
  });
});
