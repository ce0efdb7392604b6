import { describe, expect, it } from "vitest";
import { createMetering } from "../../metering/create-metering.ts";
import { DAY, HOUR, MINUTE } from "../../metering/domain/calendar.ts";
import { withPlan } from "../../metering/domain/plan-change.ts";
import { usdText } from "../../metering/domain/money.ts";
import { amountOf } from "../../metering/domain/chain.ts";
import { aDeployment, aFee, aLicense, aPlan, aShare, at, LICENSE_ID } from "./fixtures.ts";
import { everyDay, memoryWorld, type MemoryWorld } from "./memory-world.ts";

const share = { ...aPlan(aShare), id: "share" };
const fee = { ...aPlan({ ...aFee, dimension: "cents", perMonth: "31" }), id: "fee" };
const ACTIVATED = at("2026-03-01T00:00:00Z");

function aWorld() {
  return memoryWorld({
    now: ACTIVATED + HOUR,
    plans: [share, fee],
    licenses: [
      aLicense({
        activatedAt: ACTIVATED,
        plan: { id: "share", since: ACTIVATED, fixed: true },
      }),
    ],
    deployments: [aDeployment({ registeredAt: ACTIVATED })],
  });
}

async function meterUntil(world: MemoryWorld, from: number, to: number) {
  for (let now = from; now <= to; now += HOUR) {
    world.moveTo(now + 5 * MINUTE);
    await world.metering.pass(0);
  }
}

async function billed(world: MemoryWorld): Promise<string> {
  const records = await world.records({ licenseId: LICENSE_ID, dimension: "cents" });
  return usdText(records.reduce((sum, record) => sum + amountOf(record), 0n));
}

describe("A plan changed in the middle of a month", () => {
  it("bills each plan for its own days, and late figures of the first one after the change", async () => {
    const world = await aWorld();
    world.aws.reading = everyDay("10");
    await meterUntil(world, ACTIVATED + HOUR, at("2026-03-10T12:00:00Z"));
    await world.licenses.update(
      LICENSE_ID,
      (known) => known && withPlan(known, "fee", at("2026-03-10T12:00:00Z")),
    );
    // AWS restates the days before the change while the second plan is in force.
    await meterUntil(world, at("2026-03-10T13:00:00Z"), at("2026-03-14T00:00:00Z"));
    world.aws.reading = everyDay("20");

    await meterUntil(world, at("2026-03-14T01:00:00Z"), at("2026-04-03T00:00:00Z"));

    // Ten days at 20 % of $20; 21 of March's 31 days of $31, and two of April's 30, in whole cents.
    expect(await billed(world)).toBe("63.06");
  });
});

describe("A plan that is described anew", () => {
  it("never revalues the days before, also where they are restated later", async () => {
    const world = await aWorld();
    world.aws.reading = everyDay("10");
    const midnight = ACTIVATED + 10 * DAY;
    const cheaper = { ...share, charges: [{ ...aShare, percent: "10" }] };
    const plans = [
      { plan: share, since: 0 },
      { plan: cheaper, since: midnight },
    ];
    const metering = createMetering({ ...world.deps, plans });

    await meterUntil({ ...world, metering }, ACTIVATED + HOUR, at("2026-04-03T00:00:00Z"));

    // Ten days at 20 % and 21 days at 10 % of $10, and April's first at 10 %.
    expect(await billed(world)).toBe("42");
  });
});
