import { expect, it } from "vitest";
import { aDeployment, aFee, aLicense, aPlan, aShare, at, LICENSE_ID } from "./fixtures.ts";
import { everyDay, memoryWorld } from "./memory-world.ts";

const KEY = { licenseId: LICENSE_ID, dimension: "cents" };

/** A fee and a share on one dimension, passes of every day from one instant to another. */
async function aWorld(deployment: Parameters<typeof aDeployment>[0] = {}) {
  const world = await memoryWorld({
    now: at("2026-02-11T12:05:00Z"),
    plans: [aPlan(aShare, { ...aFee, dimension: "cents", perMonth: "31" })],
    licenses: [aLicense()],
    deployments: [aDeployment(deployment)],
  });
  world.aws.reading = everyDay("10");
  return {
    ...world,
    async daily(from: string, to: string) {
      for (let now = at(from); now < at(to); now += 86_400_000) {
        world.moveTo(now);
        await world.metering.pass(0);
      }
    },
    async billed() {
      return (await world.records(KEY)).reduce((sum, { quantity }) => sum + quantity, 0);
    },
    async closedThrough() {
      return (await world.deps.ledger.head(KEY))?.closed?.through;
    },
  };
}

const unreadable = () =>
  ({ kind: "unreadable", reason: "access-denied", message: "No.", requests: 1 }) as const;

/** 20 % of $10 for each of 18 and 31 whole days, and 19 more; the fee of 18/28, 31/31 and 19/30. */
const ALL = 200 * (18 + 31 + 19) + Math.floor((3_100 * 18) / 28 + 3_100 + (3_100 * 19) / 30);

it("cost that could not be read while its month would have closed is billed once it can", async () => {
  const world = await aWorld();
  await world.daily("2026-02-11T12:05:00Z", "2026-02-20T13:00:00Z");
  world.aws.reading = unreadable;
  await world.daily("2026-02-21T12:05:00Z", "2026-04-15T13:00:00Z");
  expect(await world.closedThrough()).toBeUndefined();

  world.aws.reading = everyDay("10");
  await world.daily("2026-04-16T12:05:00Z", "2026-04-20T13:00:00Z");

  expect(await world.billed()).toBe(ALL);
  expect(await world.closedThrough()).toBe("2026-03");
});

it("cost of a deployment that was let in months later is billed from its registration", async () => {
  const world = await aWorld({ state: "awaiting-confirmation" });
  await world.daily("2026-02-11T12:05:00Z", "2026-04-15T13:00:00Z");
  await world.licenses.updateDeployment(
    LICENSE_ID,
    "d-1",
    (known) => known && { ...known, state: "active" },
  );
  await world.daily("2026-04-16T12:05:00Z", "2026-04-20T13:00:00Z");

  expect(await world.billed()).toBe(ALL);
});

it("a month's last days are read, too, when readings failed from its end to its close", async () => {
  const world = await aWorld();
  await world.daily("2026-02-11T12:05:00Z", "2026-03-01T13:00:00Z");
  world.aws.reading = unreadable;
  await world.daily("2026-03-02T12:05:00Z", "2026-03-20T13:00:00Z");
  world.aws.reading = everyDay("10");
  await world.daily("2026-03-21T12:05:00Z", "2026-03-21T13:00:00Z");

  expect(world.requests.at(-1)?.from).toBe("2026-02-10");
});
