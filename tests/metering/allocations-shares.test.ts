import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costShares } from "../../metering/domain/allocation-shares.ts";
import { allocate, weightsOf } from "../../metering/domain/allocations.ts";
import type { CostMonth } from "../../metering/domain/cost.ts";
import type { Deployment } from "../../metering/domain/license.ts";
import { percentageOf } from "../../metering/domain/charges/percentage-of-cost.ts";
import { floorUsd, parseDecimal } from "../../metering/domain/money.ts";
import { aDeployment, aLicense, aPlan, aShare, at, BUYER, LICENSE_ID } from "./fixtures.ts";
import { everyDay, memoryWorld } from "./memory-world.ts";

const OTHER = "444455556666";
const TERM = { start: at("2026-02-10T00:00:00Z"), end: Infinity };
const shareOf = (over: Partial<typeof aShare> = {}) => ({ ...aShare, ...over });
const terms = (...charges: (typeof aShare)[]) => [{ plan: aPlan(...charges), period: TERM }];

function aCost(deploymentId: string, days: Record<string, string>, over: Partial<CostMonth> = {}) {
  return {
    deploymentId,
    metric: "BilledCost" as const,
    scope: "account" as const,
    month: "2026-03",
    observedAt: at("2026-03-10T00:00:00Z"),
    days: Object.fromEntries(
      Object.entries(days).map(([day, usd]) => [day, { estimated: true, usd: { Usage: usd } }]),
    ),
    ...over,
  };
}

const sharesOf = (input: Partial<Parameters<typeof costShares>[0]>) =>
  costShares({
    dimension: "cents",
    terms: terms(aShare),
    deployments: [],
    costs: [],
    months: ["2026-03"],
    ...input,
  });

const named = (shares: ReturnType<typeof costShares>) =>
  shares.map(({ deployment, share }) => [deployment.deploymentId, share]);

describe("the shares of deployments", () => {
  const first = aDeployment();
  const second = aDeployment({ deploymentId: "d-2", accountId: OTHER });

  it("are exactly as their counted cost, to the last of AWS's digits", () => {
    const costs = [
      aCost("d-1", { "2026-03-01": "0.0000000000000001", "2026-03-02": "1" }),
      aCost("d-2", { "2026-03-01": "2" }),
    ];

    expect(named(sharesOf({ deployments: [first, second], costs }))).toEqual([
      ["d-1", 200_000_000_000_000_020n],
      ["d-2", 400_000_000_000_000_000n],
    ]);
  });

  it("of one account are its newest stack's: a day of an account is counted once", () => {
    const replaced = aDeployment({ goneAt: at("2026-03-03T10:00:00Z"), state: "ended" });
    const newer = aDeployment({ deploymentId: "d-9", registeredAt: at("2026-03-03T11:00:00Z") });
    const costs = [
      aCost("d-1", { "2026-03-01": "5", "2026-03-02": "5" }),
      aCost("d-9", { "2026-03-02": "6", "2026-03-04": "1" }, { observedAt: Infinity }),
    ];

    expect(named(sharesOf({ deployments: [replaced, newer], costs }))).toEqual([["d-9", 240n]]);
  });

  it("by tag are each stack's own, also within one account", () => {
    const charge = shareOf({ costScope: "tag" });
    const sister = aDeployment({ deploymentId: "d-2" });
    const costs = ["d-1", "d-2"].map((id, n) =>
      aCost(id, { "2026-03-01": `${n + 1}` }, { scope: "tag" }),
    );
    const shares = sharesOf({ terms: terms(charge), deployments: [first, sister], costs });

    expect(Object.fromEntries(named(shares))).toEqual({ "d-1": 20n, "d-2": 40n });
  });

  it("weigh each charge by its percentage, and leave other dimensions out", () => {
    const charges = [
      aShare,
      shareOf({ id: "tagged", percent: "5", costScope: "tag" }),
      shareOf({ id: "elsewhere", dimension: "fee", percent: "99" }),
    ];
    const costs = [
      aCost("d-1", { "2026-03-01": "3" }),
      aCost("d-1", { "2026-03-01": "2" }, { scope: "tag" }),
    ];

    expect(named(sharesOf({ terms: terms(...charges), deployments: [first], costs }))).toEqual([
      ["d-1", 70n],
    ]);
  });

  it("are none of fees, and none of a deployment that awaits its confirmation", () => {
    const waiting = aDeployment({ state: "awaiting-confirmation" });
    const costs = [aCost("d-1", { "2026-03-01": "3" })];

    expect(sharesOf({ deployments: [waiting], costs })).toEqual([]);
    expect(sharesOf({ dimension: "fee", deployments: [first], costs })).toEqual([]);
  });

  it("add up to what is rated, however the cost falls", () => {
    const aCent = fc.nat(10_000).map((cents) => `${cents}E-2`);
    fc.assert(
      fc.property(fc.array(aCent, { minLength: 1, maxLength: 6 }), (cents) => {
        const deployments: Deployment[] = cents.map((_, n) =>
          aDeployment({ deploymentId: `d-${n}`, accountId: `${111122223333 + n}` }),
        );
        const costs = cents.map((usd, n) => aCost(`d-${n}`, { "2026-03-01": usd }));
        const shares = sharesOf({ deployments, costs });
        const total = shares.reduce((sum, { share }) => sum + share, 0n);
        const whole = cents.reduce((sum, usd) => sum + parseDecimal(usd).digits, 0n);

        // Shares are cost × percent at the finest scale: cents here.
        expect(floorUsd({ digits: total, scale: 4 })).toBe(
          percentageOf(aShare, { digits: whole, scale: 2 }),
        );
        const list = allocate(1_000, weightsOf(shares, ["AccountId"]));
        expect(list.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(total > 0n ? 1_000 : 0);
      }),
    );
  });
});

describe("a pass", () => {
  const given = {
    now: at("2026-03-15T12:05:00Z"),
    licenses: [aLicense()],
    deployments: [aDeployment(), aDeployment({ deploymentId: "d-2", accountId: OTHER })],
  };
  const KEY = { licenseId: LICENSE_ID, dimension: "cents" };

  it("splits each record by what the seller chose, and seals the split's hash with it", async () => {
    const world = await memoryWorld({ ...given, allocateBy: ["AccountId"] });
    world.aws.reading = (request) =>
      everyDay(request.deployment.deploymentId === "d-1" ? "2" : "1")(request);
    await world.metering.pass(0);

    const [record] = await world.records(KEY);
    const sent = world.sent[0]?.records[0];
    expect(record?.outcome?.kind).toBe("accepted");
    expect(sent?.allocations?.map(({ tags }) => tags)).toEqual([
      [{ key: "AccountId", value: BUYER }],
      [{ key: "AccountId", value: OTHER }],
    ]);
    const [one, two] = sent?.allocations?.map(({ quantity }) => quantity) ?? [];
    expect((one ?? 0) + (two ?? 0)).toBe(record?.quantity);
    expect(one).toBe(2 * (two ?? 0));
    expect(await world.deps.allocations.get(record?.allocations ?? "")).toEqual(sent?.allocations);
  });

  it("resends the split that was sealed, whatever the cost has become since", async () => {
    const world = await memoryWorld({ ...given, allocateBy: ["AccountId"] });
    world.aws.reading = everyDay("2");
    const { answer } = world.aws;
    world.aws.answer = () => ({ kind: "unanswered", cause: "ECONNRESET" });
    await world.metering.pass(0);
    world.aws.reading = (request) =>
      everyDay(request.deployment.deploymentId === "d-1" ? "900" : "1")(request);
    world.aws.answer = answer;
    world.moveTo(given.now + 3_600_000);
    await world.metering.pass(0);

    const lists = world.sent
      .flatMap(({ records }) => records)
      .filter(({ item }) => item.n === 0)
      .map(({ allocations }) => JSON.stringify(allocations));
    expect(lists.length).toBeGreaterThan(4);
    expect(new Set(lists).size).toBe(1);
  });

  it("splits nothing when the seller didn't ask", async () => {
    const world = await memoryWorld(given);
    world.aws.reading = everyDay("2");
    await world.metering.pass(0);

    expect(world.sent[0]?.records[0]?.allocations).toBeUndefined();
    expect((await world.records(KEY))[0]).not.toHaveProperty("allocations");
  });
});
