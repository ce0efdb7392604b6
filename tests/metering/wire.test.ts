import { describe, expect, it } from "vitest";
import type { CostMetric, CostScope } from "../../metering/domain/charges.ts";
import type { License } from "../../metering/domain/license.ts";
import { anItem, at, BUYER } from "./fixtures.ts";
import { focusFile, wireWorld } from "./wire-world.ts";

const START = at("2026-03-02T00:10:00Z");
const HOUR = 3_600_000;

describe("BatchMeterUsage over HTTP", () => {
  async function aWorld() {
    const world = await wireWorld(START);
    const license = await world.subscribe();
    world.clock.advanceTo(START + 5 * HOUR);
    const record = (
      quantity: number,
      hour = at("2026-03-02T03:00:00Z"),
      of: License = license,
    ) => ({
      license: of,
      key: { licenseId: of.licenseId, dimension: "cents" },
      item: anItem({ hour, quantity }),
    });
    const send = (...records: ReturnType<typeof record>[]) =>
      world.gateway.send({ region: "us-east-1", records });
    return { ...world, license, record, send };
  }

  it("tells what AWS took by its id, and the same id for the same record again", async () => {
    const { control, record, send } = await aWorld();
    const first = await send(record(42));
    const again = await send(record(42));

    const [atAws] = await control.meteringRecords();
    const accepted = { kind: "accepted", meteringRecordId: atAws?.meteringRecordId };
    expect(first).toEqual({ kind: "answered", answers: [accepted] });
    expect(again).toEqual(first);
    expect(await send(record(43))).toEqual({
      kind: "answered",
      answers: [{ kind: "duplicate" }],
    });
    expect(await control.meteringRecords()).toHaveLength(1);
  });

  it.each([
    ["lose-answer", "unanswered", 1],
    ["lose-request", "unanswered", 0],
    ["error", "unanswered", 0],
    ["throttle", "busy", 0],
  ] as const)("takes %s for %s, asking once and not behind our back", async (kind, seen, taken) => {
    const { control, record, send } = await aWorld();
    await control.addFault({
      service: "aws-marketplace",
      action: "BatchMeterUsage",
      kind,
      count: 1,
    });

    expect((await send(record(42))).kind).toBe(seen);

    expect(await control.meteringRecords()).toHaveLength(taken);
    expect((await send(record(42))).kind).toBe("answered");
    expect(await control.meteringRecords()).toHaveLength(1);
  });

  it("tells unprocessed records from taken ones", async () => {
    const { control, record, send } = await aWorld();
    const fault = { service: "aws-marketplace", action: "BatchMeterUsage", kind: "unprocessed" };
    await control.addFault({ ...fault, kind: "unprocessed", count: 1 });
    const attempt = await send(record(1), record(2, at("2026-03-02T02:00:00Z")));

    if (attempt.kind !== "answered") throw new Error(attempt.kind);
    expect(attempt.answers.map(({ kind }) => kind).sort()).toEqual(["accepted", "unprocessed"]);
  });

  it("carries AWS's own time with a timestamp that is out of bounds", async () => {
    const { clock, record, send } = await aWorld();
    clock.advanceTo(START + 60 * HOUR);
    const attempt = await send(record(42));

    expect(attempt).toMatchObject({ kind: "rejected", code: "TimestampOutOfBoundsException" });
    const { serverTime = 0 } = attempt as { serverTime?: number };
    expect(Math.abs(serverTime - clock.now())).toBeLessThan(60_000);
  });

  it("is answered for a license that is gone, and for one that AWS doesn't know", async () => {
    const { clock, control, license, record, send } = await aWorld();
    await control.cancel(license.agreementId ?? "");
    clock.advanceTo(START + 8 * HOUR);

    expect(await send(record(42))).toEqual({
      kind: "answered",
      answers: [{ kind: "not-subscribed" }],
    });
    const unknown = { ...license, licenseArn: license.licenseArn.replace(/.{4}$/, "0000") };
    expect(await send(record(42, undefined, unknown))).toMatchObject({ kind: "rejected" });
  });
});

describe("cost over HTTP, through the buyer's role", () => {
  const DAYS = [
    { day: "2026-03-02", usd: "1.1111111111111111", tagged: true },
    { day: "2026-03-02", usd: "10" },
    { day: "2026-03-02", usd: "2", category: "Tax" },
    { day: "2026-03-02", usd: "-3", category: "Credit" },
    { day: "2026-03-02", usd: "40", publisher: "Example Seller Ltd" },
    { day: "2026-03-03", usd: "7.5", tagged: true },
    { day: "2026-03-04", usd: "0.25" },
  ];
  async function aWorld(lines: Parameters<typeof focusFile>[0] = DAYS) {
    const world = await wireWorld(START);
    await world.control.addCostSource({ file: focusFile(lines), accountId: BUYER });
    const license = await world.subscribe();
    const deployment = await world.launch(license.licenseId);
    world.clock.advanceTo(at("2026-03-20T00:00:00Z"));
    const read = (over: { scope?: CostScope; metric?: CostMetric; externalIds?: string[] } = {}) =>
      world.source.read({
        deployment: { ...deployment, externalIds: over.externalIds ?? deployment.externalIds },
        metric: over.metric ?? "BilledCost",
        scope: over.scope ?? "account",
        from: "2026-03-02",
        to: "2026-03-05",
      });
    return { ...world, deployment, read };
  }

  it("keeps every digit, by what kind of charge it is", async () => {
    const { read } = await aWorld();

    expect(await read()).toEqual({
      kind: "read",
      requests: 1,
      days: {
        "2026-03-02": {
          estimated: true,
          usd: { Usage: "11.1111111111111111", Tax: "2", Credit: "-3", Marketplace: "40" },
        },
        "2026-03-03": { estimated: true, usd: { Usage: "7.5" } },
        "2026-03-04": { estimated: true, usd: { Usage: "0.25" } },
      },
    });
  });

  it("counts what carries the stack's tag only, when asked to", async () => {
    const { read } = await aWorld();
    const reading = await read({ scope: "tag" });

    if (reading.kind !== "read") throw new Error(reading.message);
    expect(Object.values(reading.days).map(({ usd }) => usd.Usage)).toEqual([
      "1.1111111111111111",
      "7.5",
      undefined,
    ]);
  });

  it("reads all pages, and counts what they cost", async () => {
    const { control, read } = await aWorld();
    const whole = await read();
    await control.changeSettings({ costExplorerPageSize: 1 });

    expect(await read()).toEqual({ ...whole, requests: 3 });
  });

  it("is not half a reading when the pages don't end", async () => {
    const { control, deployment, source } = await aWorld();
    await control.changeSettings({ costExplorerPageSize: 1 });
    const request = { deployment, metric: "BilledCost", scope: "account" } as const;

    expect(await source.read({ ...request, from: "2026-01-01", to: "2026-03-20" })).toMatchObject({
      kind: "unreadable",
      reason: "unavailable",
    });
  });

  it("is not estimated any more when the month is closed", async () => {
    const { clock, read } = await aWorld();
    clock.advanceTo(at("2026-04-05T00:00:00Z"));
    const reading = await read();

    if (reading.kind !== "read") throw new Error(reading.message);
    expect(Object.values(reading.days).map(({ estimated }) => estimated)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("says in words that the role can't be used with another external ID", async () => {
    const { read } = await aWorld();

    expect(await read({ externalIds: ["guessed"] })).toMatchObject({
      kind: "unreadable",
      reason: "access-denied",
      message:
        /^The role arn:aws:iam::111122223333:role\/LaunchmeterRead can't be used: .* Update the stack/,
      requests: 0,
    });
  });

  it("says in words that there is no data yet", async () => {
    const world = await wireWorld(START);
    const deployment = await world.launch((await world.subscribe()).licenseId);
    const request = { deployment, metric: "BilledCost", scope: "account" } as const;

    expect(
      await world.source.read({ ...request, from: "2026-03-01", to: "2026-03-02" }),
    ).toMatchObject({ kind: "unreadable", reason: "no-data" });
  });

  it("never throws when the endpoint is away", async () => {
    const { sandbox, read, source, deployment } = await aWorld();
    await sandbox.close();

    expect(await read()).toMatchObject({ kind: "unreadable", reason: "unavailable" });
    expect(await source.stack(deployment)).toBe("unknown");
  });
});
