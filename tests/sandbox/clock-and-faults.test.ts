import {
  MarketplaceMeteringClient,
  BatchMeterUsageCommand,
} from "@aws-sdk/client-marketplace-metering";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { createSandbox } from "../../sandbox/create-sandbox.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { seededRandom, uuid } from "../../sandbox/random.ts";
import { aProduct, aSandbox, BUYER, clientOf, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;

/** A client that tells the first failure instead of trying again. */
function meteringOf(sandbox: Sandbox) {
  return new MarketplaceMeteringClient({
    ...clientOf(sandbox, sandbox.sellerCredentials),
    maxAttempts: 1,
    systemClockOffset: sandbox.clock.now() - Date.now(),
  });
}

const aRecord = (licenseArn: string, dimension = "AwsCostShare") => ({
  Timestamp: new Date(START + HOUR_MS),
  CustomerAWSAccountId: BUYER,
  LicenseArn: licenseArn,
  Dimension: dimension,
  Quantity: 3,
});

async function aMeteredSandbox() {
  const sandbox = await aSandbox();
  const control = sandboxControl(sandbox.origin);
  const { licenseArn } = await control.subscribe();
  await control.moveClock({ advanceTo: START + 2 * HOUR_MS });
  const send = (...records: ReturnType<typeof aRecord>[]) =>
    meteringOf(sandbox).send(new BatchMeterUsageCommand({ UsageRecords: records }));
  return { sandbox, control, licenseArn, send };
}

describe("the clock", () => {
  it("moves forward by a step or to an instant, and is the Date of every answer", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);

    await control.moveClock({ advanceBy: HOUR_MS });
    const { now } = await control.moveClock({ advanceTo: "2027-01-01T00:00:00Z" });
    const page = await fetch(sandbox.origin);

    expect(now).toBeGreaterThanOrEqual(Date.parse("2027-01-01T00:00:00Z"));
    expect(page.headers.get("date")).toMatch(/^Fri, 01 Jan 2027 00:0\d/);
  });

  it("refuses to go back with 409 and a sentence", async () => {
    const sandbox = await aSandbox();
    const response = await fetch(`${sandbox.origin}/_sandbox/clock`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ advanceTo: "2020-01-01T00:00:00Z" }),
    });

    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({
      error: expect.stringMatching(/only moves forward: it is 2026-11-10T12:00/) as string,
    });
  });

  it("ticks between jumps", async () => {
    const sandbox = await aSandbox();
    const before = sandbox.clock.now();
    while (sandbox.clock.now() === before) await new Promise(setImmediate);

    expect(sandbox.clock.now()).toBeGreaterThan(before);
  });
});

describe("faults", () => {
  it("throttle as often as they say, and nothing was done", async () => {
    const { control, licenseArn, send } = await aMeteredSandbox();
    await control.addFault({
      service: "aws-marketplace",
      action: "BatchMeterUsage",
      kind: "throttle",
      count: 2,
    });

    for (let call = 0; call < 2; call += 1) {
      await expect(send(aRecord(licenseArn))).rejects.toMatchObject({
        name: "ThrottlingException",
      });
    }
    expect(await control.meteringRecords()).toEqual([]);
    await expect(send(aRecord(licenseArn))).resolves.toBeDefined();
  });

  it("answer 500 with the service's own error", async () => {
    const { control, licenseArn, send } = await aMeteredSandbox();
    await control.addFault({ service: "*", action: "*", kind: "error", count: 1 });

    await expect(send(aRecord(licenseArn))).rejects.toMatchObject({
      name: "InternalServiceErrorException",
      $metadata: { httpStatusCode: 500 },
    });
  });

  it("lose an answer after the work was done", async () => {
    const { control, licenseArn, send } = await aMeteredSandbox();
    await control.addFault({
      service: "aws-marketplace",
      action: "BatchMeterUsage",
      kind: "lose-answer",
      count: 1,
    });

    await expect(send(aRecord(licenseArn))).rejects.toMatchObject({ code: "ECONNRESET" });
    const [recorded] = await control.meteringRecords();
    const again = await send(aRecord(licenseArn));

    expect(recorded).toMatchObject({ quantity: 3 });
    expect(again.Results?.[0]).toMatchObject({
      Status: "Success",
      MeteringRecordId: recorded?.meteringRecordId,
    });
  });

  it("lose a request before any work was done", async () => {
    const { control, licenseArn, send } = await aMeteredSandbox();
    await control.addFault({ service: "*", action: "*", kind: "lose-request", count: 1 });

    await expect(send(aRecord(licenseArn))).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await control.meteringRecords()).toEqual([]);
    expect((await control.requests()).map(({ outcome }) => outcome)).toEqual(["lose-request"]);
  });

  it("leave single records unprocessed", async () => {
    const { control, licenseArn, send } = await aMeteredSandbox();
    await control.addFault({ service: "*", action: "*", kind: "unprocessed", count: 1 });

    const answer = await send(aRecord(licenseArn), aRecord(licenseArn, "License"));

    expect(answer.UnprocessedRecords).toMatchObject([{ Dimension: "AwsCostShare", Quantity: 3 }]);
    expect(answer.Results).toMatchObject([{ Status: "Success" }]);
    expect(await control.meteringRecords()).toHaveLength(1);
  });

  it("slow an answer down in real time", async () => {
    const { sandbox, control } = await aMeteredSandbox();
    await control.addFault({ service: "sts", action: "*", kind: "slow", delayMs: 300 });
    const startedAt = performance.now();
    await new STSClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
      new GetCallerIdentityCommand({}),
    );

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(295);
  });

  it("strike in the same places for the same seed, and in others for another", async () => {
    const strikes = async (seed: number) => {
      const sandbox = await createSandbox({ port: 0, startAt: START, seed, products: [aProduct] });
      const control = sandboxControl(sandbox.origin);
      await control.addFault({ service: "*", action: "*", kind: "throttle", probability: 0.5 });
      const client = meteringOf(sandbox);
      const outcomes: string[] = [];
      for (let call = 0; call < 24; call += 1) {
        await client.send(new BatchMeterUsageCommand({ UsageRecords: [] })).then(
          () => outcomes.push("."),
          () => outcomes.push("x"),
        );
      }
      await sandbox.close();
      return outcomes.join("");
    };
    const [one, again, other] = [await strikes(7), await strikes(7), await strikes(8)];

    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(one).toMatch(/\..*x|x.*\./);
  });

  it("are listed with how often they fired, and can be taken back", async () => {
    const { control, licenseArn, send } = await aMeteredSandbox();
    await control.addFault({ service: "ce", action: "*", kind: "throttle" });
    await control.addFault({ service: "*", action: "*", kind: "throttle", count: 1 });
    await send(aRecord(licenseArn)).catch(() => undefined);

    expect((await control.faults()).map(({ fired }) => fired)).toEqual([0, 1]);
    expect(await control.setFaults([])).toEqual([]);
  });

  it("refuse what is no fault with a sentence", async () => {
    const { control } = await aMeteredSandbox();

    await expect(
      control.addFault({ service: "*", action: "*", kind: "throttle", probability: 2 }),
    ).rejects.toThrow(/probability/);
  });
});

describe("seeded random numbers", () => {
  it("repeat, part for neighbouring seeds, and go on from a snapshot", () => {
    const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
    const draw = (random: ReturnType<typeof seededRandom>) =>
      Array.from({ length: 50 }, () => random.next());
    const first = draw(one);
    const snapshot = one.snapshot();
    const next = draw(one);
    other.restore(snapshot);

    expect(draw(same)).toEqual(first);
    expect(draw(seededRandom(2))).not.toEqual(first);
    expect(draw(other)).toEqual(next);
    expect(first.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it("make UUIDs of version 4", () => {
    const random = seededRandom(3);

    expect(uuid(() => random.next())).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
