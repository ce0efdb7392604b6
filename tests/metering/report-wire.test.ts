import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { memoryAllocations } from "../../metering/adapters/memory-allocations.ts";
import { memoryLedger } from "../../metering/adapters/memory-ledger.ts";
import { memoryLicenses, noLicenses } from "../../metering/adapters/memory-licenses.ts";
import { createPacer } from "../../metering/adapters/pacer.ts";
import { allocate } from "../../metering/domain/allocations.ts";
import { wireBytes } from "../../metering/domain/batching.ts";
import { identifiedBy } from "../../metering/domain/identification.ts";
import type { License } from "../../metering/domain/license.ts";
import { migrateLicense } from "../../metering/migrate-license.ts";
import type { Alarm, MeteringBatchRecord } from "../../metering/ports.ts";
import { createReporter } from "../../metering/report-records.ts";
import { anItem, at, CENTS, FEE } from "./fixtures.ts";
import { aRecord } from "./scripted-aws.ts";
import { wireWorld } from "./wire-world.ts";

const START = at("2026-03-02T00:10:00Z");
const HOUR = 3_600_000;

/** The reporter over the real SDK and the sandbox, with a ledger in memory. */
async function aWorld(over: Parameters<typeof wireWorld>[1] = {}) {
  const world = await wireWorld(START, over);
  const ledger = memoryLedger();
  const allocations = memoryAllocations();
  const alarms: Alarm[] = [];
  const pacer = createPacer({
    monotonicNow: () => performance.now(),
    sleep: async () => undefined,
    random: Math.random,
  });
  const reporter = createReporter({
    ...pacer,
    clock: world.clock,
    gateway: world.gateway,
    ledger,
    allocations,
    alarms: { raise: (alarm) => void alarms.push(alarm) },
    possiblySent: new Set(),
  });
  const record = (
    license: License,
    hour: number,
    over: { n?: number; dimension?: string; allocations?: string } = {},
  ): MeteringBatchRecord => ({
    license,
    key: { licenseId: license.licenseId, dimension: over.dimension ?? "cents" },
    item: anItem({
      n: over.n ?? 0,
      hour,
      quantity: 7,
      identifiedBy: identifiedBy(license, hour),
      allocations: over.allocations,
    }),
  });
  return {
    ...world,
    ledger,
    allocations,
    alarms,
    record,
    report: async (...sealed: MeteringBatchRecord[]) => {
      for (const { key, item } of sealed) await ledger.seal(key, item);
      await reporter.add(sealed);
      return reporter.flush();
    },
  };
}

describe("the sandbox's strict AWS", () => {
  it("takes 24 records beside one that it refuses, in at most 11 calls", async () => {
    const world = await aWorld();
    const { report, record, clock, control, alarms } = world;
    const licenses = await Promise.all(Array.from({ length: 25 }, () => world.subscribe()));
    clock.advanceTo(START + 5 * HOUR);
    const [bad] = licenses;
    const sealed = licenses.map((license) =>
      record(license, START - 600_000 + 2 * HOUR, license === bad ? { dimension: "unlisted" } : {}),
    );
    const left = await report(...sealed);

    expect(left).toEqual([]);
    expect(await control.meteringRecords()).toHaveLength(24);
    expect(alarms).toMatchObject([
      { kind: "refused", licenseId: bad?.licenseId, message: "InvalidUsageDimensionException" },
    ]);
    expect((await control.meteringCalls()).length).toBeLessThanOrEqual(11);
  });

  it("takes usage allocations, and the same bytes again as the same record", async () => {
    const world = await aWorld();
    const { report, record, clock, control, allocations, gateway } = world;
    const license = await world.subscribe();
    clock.advanceTo(START + 5 * HOUR);
    const split = (first: bigint) =>
      allocate(7, [
        { tags: [{ key: "Region", value: "eu-west-1" }], weight: first },
        { tags: [{ key: "Region", value: "us-east-1" }], weight: 1n },
      ]);
    const hash = await allocations.put(split(2n));
    const sealed = record(license, START - 600_000 + 2 * HOUR, { allocations: hash });
    await report(sealed);

    expect(await control.meteringRecords()).toMatchObject([{ quantity: 7 }]);
    const send = async (first: bigint) => {
      const again = { ...sealed, allocations: split(first) };
      const attempt = await gateway.send({ region: "us-east-1", records: [again] });
      return attempt.kind === "answered" ? attempt.answers[0]?.kind : attempt.kind;
    };
    expect(await send(2n)).toBe("accepted");
    expect(await send(20n)).toBe("duplicate");
  });
});

describe("a license that migrates", () => {
  async function aMigratingWorld() {
    const world = await aWorld({ concurrentAgreements: "migrating" });
    const licenses = memoryLicenses({ data: noLicenses(), shards: 1 });
    const subscribed = await world.subscribe({ legacy: {} });
    const { licenseId } = subscribed;
    await licenses.update(licenseId, () => subscribed);
    return {
      ...world,
      current: async () => (await licenses.get(licenseId)) ?? subscribed,
      migrate: (instant: number) =>
        migrateLicense(
          { clock: world.clock, licenses, ledger: world.ledger, dimensions: [CENTS, FEE] },
          licenseId,
          instant,
        ),
    };
  }

  it("is billed once for every hour and dimension, before and after", async () => {
    const { clock, control, current, migrate, record, report } = await aMigratingWorld();
    const change = at("2026-03-02T05:00:00Z");
    expect((await migrate(change)).kind).toBe("set");
    for (let hour = at("2026-03-02T01:00:00Z"), n = 0; n < 8; hour += HOUR, n++) {
      clock.advanceTo(hour + HOUR + 300_000);
      const license = await current();
      await report(record(license, hour, { n }), record(license, hour, { n, dimension: "fee" }));
    }

    expect(await control.duplicateBilling()).toEqual([]);
    const records = await control.meteringRecords();
    expect(records).toHaveLength(16);
    for (const each of records) {
      expect(each.identifiedBy).toBe(each.hour < change ? "ProductCode" : "LicenseArn");
    }
  });

  it("resends a record as it was sealed: anything else would be billed twice", async () => {
    const { clock, control, current, record, gateway } = await aMigratingWorld();
    const hour = at("2026-03-02T02:00:00Z");
    clock.advanceTo(hour + HOUR + 300_000);
    const license = await current();
    const send = (records: MeteringBatchRecord[]) => gateway.send({ region: "us-east-1", records });
    const sealed = record(license, hour);
    await send([sealed]);
    const moved = { ...license, legacy: { until: hour } };

    await send([{ ...sealed, license: moved }]);
    expect(await control.duplicateBilling()).toEqual([]);
    // The sandbox would have told: this is what must never be sent.
    await send([record(moved, hour)]);
    expect(await control.duplicateBilling()).toHaveLength(1);
  });
});

describe("the bytes that the SDK sends", () => {
  /** Of a call's body, caught before it leaves. */
  async function sizeOf(records: readonly MeteringBatchRecord[]): Promise<number> {
    let size = 0;
    const client = new MarketplaceMeteringClient({
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
      requestHandler: {
        handle: ({ body }: { body: string | Uint8Array }) => {
          size = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
          return Promise.reject(new Error("caught"));
        },
      },
    });
    const gateway = awsMeteringGateway((_, input) =>
      client.send(new BatchMeterUsageCommand(input)),
    );
    await gateway.send({ region: "us-east-1", records });
    return size;
  }

  it("are never more than we count, and not many fewer", async () => {
    const aText = fc.string({ unit: "binary", minLength: 1, maxLength: 255 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ dimension: aText, isLegacy: fc.boolean(), tags: fc.nat(300) }), {
          minLength: 1,
          maxLength: 25,
        }),
        fc.boolean(),
        async (given, isLegacy) => {
          const records = given.map(({ dimension, tags }, n) => {
            const legacy = isLegacy ? { legacy: { customerIdentifier: "customer-1" } } : {};
            const weights = Array.from({ length: tags }, (_, tag) => ({
              tags: [{ key: "StackId", value: `arn:aws:cloudformation:${tag}` }],
              weight: 1n,
            }));
            const record = aRecord(n, { dimension, quantity: 2_147_483_647, license: legacy });
            return { ...record, allocations: allocate(2_147_483_647, weights) };
          });
          const counted = records.reduce((sum, record) => sum + wireBytes(record), 250);
          const sent = await sizeOf(records);

          expect(sent).toBeGreaterThan(0);
          expect(sent).toBeLessThanOrEqual(counted);
          expect(counted).toBeLessThan(sent + 400 * (records.length + 1) + sent / 5);
        },
      ),
      { numRuns: 40 },
    );
  });
});
