import { afterEach, describe, expect, it, vi } from "vitest";
import { createMetering } from "../../metering/create-metering.ts";
import type { License } from "../../metering/domain/license.ts";
import type { Attempt } from "../../metering/domain/settlement.ts";
import type { MeteringBatch } from "../../metering/ports.ts";
import { aDeployment, aFee, aLicense, aPlan, aShare, at, LICENSE_ID } from "./fixtures.ts";
import { everyDay, memoryWorld } from "./memory-world.ts";

const NOW = at("2026-02-20T10:05:00Z");
const HOUR = 3_600_000;
const KEY = { licenseId: LICENSE_ID, dimension: "cents" };
const FEE_KEY = { licenseId: LICENSE_ID, dimension: "fee" };

const licenseIdOf = (n: number) => `l-${n.toString(16).padStart(32, "0")}`;
const manyLicenses = (count: number): License[] =>
  Array.from({ length: count }, (_, n) => aLicense({ licenseId: licenseIdOf(n) }));

const feeWorld = (licenses: readonly License[] = [aLicense()]) =>
  memoryWorld({ now: NOW, plans: [aPlan(aFee)], licenses });

const rejectedFor =
  (bad: (licenseId: string) => boolean) =>
  (batch: MeteringBatch): Attempt =>
    batch.records.some(({ license }) => bad(license.licenseId))
      ? { kind: "rejected", code: "InvalidLicenseException" }
      : {
          kind: "answered",
          answers: batch.records.map(() => ({ kind: "accepted", meteringRecordId: "id" })),
        };

describe("a pass", () => {
  it("measures, rates, seals and settles in one go", async () => {
    const world = await memoryWorld({
      now: NOW,
      licenses: [aLicense()],
      deployments: [aDeployment()],
    });
    world.aws.reading = everyDay("10");
    await world.metering.pass(0);

    // 11–19 February: 20 % of $90 at a cent each.
    expect(await world.deps.ledger.chain(KEY)).toMatchObject([
      { quantity: 1_800, hour: at("2026-02-20T09:00:00Z"), outcome: { kind: "accepted" } },
    ]);
    await world.metering.pass(0);
    expect(world.sent).toHaveLength(1);
  });

  it("sends nothing for a license that is not active, has no plan, or is gone", async () => {
    const world = await feeWorld([
      aLicense({ licenseId: licenseIdOf(1), activatedAt: undefined }),
      aLicense({ licenseId: licenseIdOf(2), plan: undefined }),
      aLicense({ licenseId: licenseIdOf(3), endedAt: NOW - HOUR }),
    ]);
    await world.metering.pass(0);

    expect(world.sent).toEqual([]);
  });

  it("goes on to the next license when one fails, and says which", async () => {
    const licenses = manyLicenses(3);
    const world = await feeWorld(licenses);
    const { ledger } = world.deps;
    const head = ledger.head.bind(ledger);
    ledger.head = async (key) => {
      if (key.licenseId === licenseIdOf(1)) throw new Error("the store is away");
      return head(key);
    };
    await world.metering.pass(0);

    const billed = world.sent.flatMap(({ records }) => records.map(({ key }) => key.licenseId));
    expect(billed).toEqual([licenseIdOf(0), licenseIdOf(2)]);
    expect(world.alarms).toMatchObject([{ kind: "failed", licenseId: licenseIdOf(1) }]);
  });

  it("bills a license's other dimensions when one is not in the listing any more", async () => {
    const world = await memoryWorld({
      now: NOW,
      plans: [aPlan({ ...aFee, id: "old", dimension: "removed" }, aFee)],
      licenses: [aLicense()],
    });
    await world.metering.pass(0);

    expect(await world.deps.ledger.chain(FEE_KEY)).toMatchObject([
      { outcome: { kind: "accepted" } },
    ]);
    expect(world.alarms).toMatchObject([
      { kind: "failed", licenseId: LICENSE_ID, dimension: "removed" },
    ]);
  });

  it("looks again in the next pass when the store failed while a record was sealed", async () => {
    const world = await memoryWorld({
      now: NOW,
      licenses: [aLicense()],
      deployments: [aDeployment()],
    });
    world.aws.reading = everyDay("10");
    const { ledger } = world.deps;
    const seal = ledger.seal.bind(ledger);
    ledger.seal = async (key, item) => {
      await seal(key, item);
      throw new Error("the answer was lost");
    };
    await world.metering.pass(0);
    ledger.seal = seal;
    world.moveTo(NOW + HOUR);
    await world.metering.pass(0);

    // Left until the day's next reading, it could expire before anybody sent it.
    expect(await world.records(KEY)).toMatchObject([{ outcome: { kind: "accepted" } }]);
  });

  it("rates nothing for a license whose plan nobody knows, and says so", async () => {
    const world = await memoryWorld({ now: NOW, plans: [], licenses: [aLicense()] });
    await world.metering.pass(0);

    expect(await world.deps.ledger.chain(KEY)).toEqual([]);
    expect(world.alarms).toMatchObject([{ kind: "unknown-plan", licenseId: LICENSE_ID }]);
  });

  it("puts at most 25 records of one product and region into a call", async () => {
    const world = await feeWorld([
      ...manyLicenses(52),
      aLicense({ licenseId: licenseIdOf(90), productCode: "other" }),
      aLicense({ licenseId: licenseIdOf(91), meteringRegion: "eu-west-1" }),
    ]);
    await world.metering.pass(0);

    expect(world.sent.map(({ records }) => records.length).sort()).toEqual([1, 1, 2, 25, 25]);
    for (const { region, records } of world.sent) {
      const products = records.map(({ license }) => license.productCode);
      expect(new Set(products).size).toBe(1);
      expect(records.every(({ license }) => license.meteringRegion === region)).toBe(true);
    }
  });
});

describe("AWS's refusals", () => {
  it("of one record cost the other 24 nothing", async () => {
    const world = await feeWorld(manyLicenses(25));
    world.aws.answer = rejectedFor((licenseId) => licenseId === licenseIdOf(13));
    await world.metering.pass(0);

    for (let n = 0; n < 25; n++) {
      const [head] = await world.records({ licenseId: licenseIdOf(n), dimension: "fee" });
      expect(head?.outcome?.kind).toBe(n === 13 ? "refused" : "accepted");
    }
    // Each halving is two calls: 25 → 13, 12 → … → 1.
    expect(world.sent.length).toBeLessThanOrEqual(1 + 2 * 5);
  });

  it("raise an alarm that carries the money at stake", async () => {
    const world = await feeWorld();
    world.aws.answer = rejectedFor(() => true);
    await world.metering.pass(0);

    // 11–19 February of a $19 month: 9/28, in tenths of a cent.
    expect(world.alarms).toEqual([
      {
        kind: "refused",
        ...FEE_KEY,
        usd: "6.107",
        message: "InvalidLicenseException",
      },
    ]);
  });

  it("of a refused record are asked about again after a day, with all that is owed by then", async () => {
    const world = await feeWorld();
    world.aws.answer = rejectedFor(() => true);
    await world.metering.pass(0);
    world.aws.answer = rejectedFor(() => false);
    world.moveTo(NOW + 23 * HOUR);
    await world.metering.pass(0);
    expect(world.sent).toHaveLength(1);

    world.moveTo(NOW + 24 * HOUR);
    await world.metering.pass(0);

    const [first, second] = await world.records(FEE_KEY);
    expect([first?.quantity, second?.quantity]).toEqual([6_107, 6_785]);
  });
});

describe("a call without a definite answer", () => {
  const unanswered = (): Attempt => ({ kind: "unanswered", cause: "ECONNRESET" });

  it("is repeated with the same record, also by the next pass", async () => {
    const world = await feeWorld();
    const answer = world.aws.answer;
    world.aws.answer = unanswered;
    await world.metering.pass(0);
    world.moveTo(NOW + HOUR);
    world.aws.answer = answer;
    await world.metering.pass(0);

    const payloads = world.sent.map(({ records }) =>
      records.map(({ item: { stamp, quantity } }) => ({ stamp, quantity })),
    );
    expect(new Set(payloads.map((payload) => JSON.stringify(payload))).size).toBe(1);
    expect(payloads).toHaveLength(5);
  });

  it("leaves the record in doubt when its window closes: its money is not owed again", async () => {
    const world = await feeWorld();
    const answer = world.aws.answer;
    world.aws.answer = unanswered;
    await world.metering.pass(0);
    world.moveTo(NOW + 24 * HOUR);
    world.aws.answer = answer;
    await world.metering.pass(0);
    await world.metering.pass(0);

    const [first, second] = await world.records(FEE_KEY);
    expect(first?.outcome?.kind).toBe("in-doubt");
    expect(second?.quantity).toBe(6_785 - 6_107);
    expect(world.alarms).toMatchObject([{ kind: "in-doubt", usd: "6.107" }]);
  });

  it("owes the money again when AWS was surely too busy to take it", async () => {
    const world = await feeWorld();
    const answer = world.aws.answer;
    world.aws.answer = () => ({ kind: "busy", code: "ThrottlingException" });
    await world.metering.pass(0);
    world.moveTo(NOW + 24 * HOUR);
    world.aws.answer = answer;
    await world.metering.pass(0);
    await world.metering.pass(0);

    const [first, second] = await world.records(FEE_KEY);
    expect(first?.outcome?.kind).toBe("expired");
    expect(second?.quantity).toBe(6_785);
  });

  it("holds a record that AWS calls out of bounds while its window is open", async () => {
    const world = await feeWorld();
    world.aws.answer = () => ({
      kind: "rejected",
      code: "TimestampOutOfBoundsException",
      serverTime: NOW,
    });
    await world.metering.pass(0);

    expect((await world.records(FEE_KEY)).at(-1)?.outcome).toBeUndefined();
    expect(world.alarms).toMatchObject([{ kind: "held", usd: "6.107" }]);
  });

  it("stops at once when a permission is missing, and says that nothing is lost yet", async () => {
    const world = await feeWorld(manyLicenses(3));
    world.aws.answer = () => ({ kind: "barred", code: "AccessDenied", message: "no permission" });
    await world.metering.pass(0);

    expect(world.sent).toHaveLength(1);
    expect(world.alarms).toMatchObject(
      manyLicenses(3).map(({ licenseId }) => ({
        kind: "barred",
        licenseId,
        usd: "6.107",
        message: "AccessDenied: no permission. Nothing is lost yet.",
      })),
    );
  });
});

describe("the last reading before a role goes", () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const given = { now: NOW, licenses: [aLicense()], deployments: [aDeployment()] };

  it("stores what it read and bills it", async () => {
    const world = await memoryWorld(given);
    world.aws.reading = everyDay("10");

    expect(await world.metering.readFinalCost(aDeployment(), 3_000)).toBe("read");
    await world.metering.pass(0);

    expect(await world.deps.ledger.chain(KEY)).toMatchObject([{ quantity: 1_800 }]);
  });

  it("is billed when another process made it and the license ends on the same day", async () => {
    const world = await memoryWorld(given);
    world.aws.reading = everyDay("9");
    await world.metering.pass(0);
    // The site runs elsewhere; by then AWS has reported more for the days that are over.
    const site = createMetering(world.deps);
    world.aws.reading = everyDay("10");
    const gone = aDeployment({ state: "ended", endedAt: NOW + 60_000, goneAt: NOW + 60_000 });
    world.moveTo(NOW + 60_000);
    await site.readFinalCost(aDeployment(), 3_000);
    await world.licenses.updateDeployment(LICENSE_ID, gone.deploymentId, () => gone);
    const endedAt = NOW + 120_000;
    await world.licenses.update(LICENSE_ID, (known) => known && { ...known, endedAt });

    for (const minutes of [5, 35, 50]) {
      world.moveTo(endedAt + minutes * 60_000);
      await world.metering.pass(0);
    }

    const chain = await world.records(KEY);
    expect(chain.reduce((units, { quantity }) => units + quantity, 0)).toBe(1_800);
  });

  it("never throws, whatever fails, and says so", async () => {
    const world = await memoryWorld(given);
    world.aws.reading = () => Promise.reject(new TypeError("a bug"));

    expect(await world.metering.readFinalCost(aDeployment(), 3_000)).toBe("unreadable");
    expect(world.alarms).toMatchObject([{ kind: "cost-unreadable", licenseId: LICENSE_ID }]);
    const unknown = aDeployment({ licenseId: licenseIdOf(9) });
    expect(await world.metering.readFinalCost(unknown, 3_000)).toBe("unreadable");
  });

  it("is over in time although the source never answers", async () => {
    vi.useFakeTimers();
    const world = await memoryWorld(given);
    world.aws.reading = () => new Promise(() => undefined);

    const reading = world.metering.readFinalCost(aDeployment(), 3_000);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(await reading).toBe("unreadable");
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("rates and bills in hours without a deployment, by the license alone", async () => {
  const world = await feeWorld();
  await world.metering.pass(0);

  expect(world.requests).toEqual([]);
  expect(await world.metering.statementMonths(LICENSE_ID)).toEqual(["2026-02"]);
  const statement = await world.metering.statement(LICENSE_ID, "2026-02");
  expect(statement?.totals).toMatchObject({ billedUsd: "6.107", acceptedUnits: 6_107 });
  expect(await world.metering.statement(LICENSE_ID, "2026-01")).toBeUndefined();
});

it("explains what an earlier plan came to, also in the months before the newer one began", async () => {
  const plans = [{ ...aPlan(aFee), id: "old" }, aPlan(aShare)];
  const licenses = [aLicense({ plan: { id: "old", since: NOW - 5 * 24 * HOUR } })];
  const world = await memoryWorld({ now: NOW, plans, licenses });
  await world.metering.pass(0);
  const since = at("2026-03-02T00:00:00Z");
  world.moveTo(since);
  await world.licenses.update(
    LICENSE_ID,
    (known) =>
      known && {
        ...known,
        plan: { id: "plan", since },
        earlierPlans: [{ id: "old", since: NOW - 5 * 24 * HOUR, until: since }],
      },
  );
  await world.metering.pass(0);

  expect(await world.metering.statementMonths(LICENSE_ID)).toEqual(["2026-03", "2026-02"]);
  const february = await world.metering.statement(LICENSE_ID, "2026-02");
  // 16–28 February: 13 of 28 days.
  expect(february?.totals).toMatchObject({ ratedUsd: "8.821428571428", billedUsd: "8.821" });
  expect(february?.charges).toMatchObject([
    { chargeId: "monthly", dimension: "fee", unitPriceUsd: "0.001", ratedUsd: "8.821428571428" },
  ]);
});

it("explains a month's cost with the percentage that was counted", async () => {
  const plans = [aPlan(aShare)];
  const given = { now: NOW, plans, licenses: [aLicense()], deployments: [aDeployment()] };
  const world = await memoryWorld(given);
  world.aws.reading = everyDay("10.005");
  await world.metering.pass(0);
  const statement = await world.metering.statement(LICENSE_ID, "2026-02");

  expect(statement?.charges).toMatchObject([{ costUsd: "90.045", ratedUsd: "18.009" }]);
  expect(statement?.totals).toMatchObject({
    costUsd: "90.045",
    billedUsd: "18",
    carriedUsd: "0.009",
  });
  expect(statement?.days.at(-1)).toMatchObject({ ratedCumulativeUsd: "18.009" });
});
