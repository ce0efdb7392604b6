import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf } from "../../metering/domain/chain.ts";
import { usdText } from "../../metering/domain/money.ts";
import type { Attempt } from "../../metering/domain/settlement.ts";
import type { MeteringBatch } from "../../metering/ports.ts";
import { answered, aRecord, licenseIdOf, records, scriptedAws } from "./scripted-aws.ts";

const unanswered: Attempt = { kind: "unanswered", cause: "ECONNRESET" };
const throttled: Attempt = { kind: "busy", code: "ThrottlingException" };
const denied: Attempt = { kind: "barred", code: "AccessDenied", message: "no permission" };
const isIn = (region: string) => (batch: MeteringBatch) => batch.region === region;
const IRELAND = { license: { meteringRegion: "eu-west-1" } };

describe("full calls", () => {
  it("take 1,000 records in 40 calls, in whatever portions they come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000 }), async (portion) => {
        const aws = scriptedAws();
        const left = await aws.report(records(1_000), portion);

        expect(aws.calls).toHaveLength(40);
        expect(left).toEqual([]);
        expect(aws.broken).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it("are sent as they fill: nothing waits for the rest", async () => {
    const aws = scriptedAws();
    const sealed = records(60);
    await aws.seal(sealed);
    await aws.reporter.add(sealed);
    await new Promise(setImmediate);

    expect(aws.calls.map((call) => call.records.length)).toEqual([25, 25]);
    await aws.reporter.flush();
    expect(await aws.outcomes(sealed)).toEqual(sealed.map(() => "accepted"));
  });

  it("hold back who brings more while four are under way, so that memory stays flat", async () => {
    const aws = scriptedAws();
    const answers: (() => void)[] = [];
    aws.script.answer = (batch) => new Promise((go) => answers.push(() => go(answered(batch))));
    const sealed = records(500);
    await aws.seal(sealed);
    let taken = false;
    const adding = aws.reporter.add(sealed).then(() => (taken = true));
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);

    expect(aws.calls).toHaveLength(4);
    expect(taken).toBe(false);
    while (!taken) {
      answers.splice(0).forEach((go) => go());
      await new Promise(setImmediate);
    }
    await adding;
    aws.script.answer = answered;
    answers.splice(0).forEach((go) => go());
    await aws.reporter.flush();
    expect(aws.calls).toHaveLength(20);
  });

  it("keep apart products, regions and the two ways to name a buyer", async () => {
    const aws = scriptedAws();
    await aws.report([
      ...records(3),
      aRecord(3, { license: { productCode: "other" } }),
      aRecord(4, IRELAND),
      aRecord(5, { license: { legacy: {} } }),
    ]);

    expect(aws.calls.map((call) => call.records.length).sort()).toEqual([1, 1, 1, 3]);
    expect(aws.broken).toEqual([]);
  });

  it("are each paced in their own region", async () => {
    const aws = scriptedAws();
    await aws.report([...records(50), aRecord(90, IRELAND)]);

    expect(aws.paced.sort()).toEqual(["eu-west-1", "us-east-1", "us-east-1"]);
  });
});

describe("a record that AWS did not process", () => {
  it("goes again with others that wait, after a growing back-off, four times in a pass", async () => {
    const aws = scriptedAws();
    aws.script.answer = (batch) =>
      answered(batch, ({ key }) => (key.licenseId === licenseIdOf(7) ? "unprocessed" : "accepted"));
    const left = await aws.report(records(40));

    // 25, then 15 and the one again, then that one twice more.
    expect(aws.calls.map((call) => call.records.length)).toEqual([25, 16, 1, 1]);
    expect(aws.paused).toEqual([1, 2, 3]);
    expect(left.map(({ key }) => key.licenseId)).toEqual([licenseIdOf(7)]);
  });

  it("makes a full call with others as soon as 25 wait, so that they don't pile up", async () => {
    const aws = scriptedAws();
    const first = new Set<string>();
    aws.script.answer = (batch) =>
      answered(batch, ({ key }) => {
        if (first.has(key.licenseId)) return "accepted";
        first.add(key.licenseId);
        return "unprocessed";
      });
    const sealed = records(100);
    await aws.seal(sealed);
    await aws.reporter.add(sealed);
    for (let turn = 0; turn < 9; turn++) await new Promise(setImmediate);

    expect(await aws.outcomes(sealed)).toEqual(sealed.map(() => "accepted"));
    expect(aws.calls).toHaveLength(8);
  });
});

describe.each([
  ["silent", unanswered],
  ["throttling", throttled],
])("a %s region", (_, attempt) => {
  it("is asked four rounds, whatever waits for it, and left to the next pass", async () => {
    const aws = scriptedAws();
    aws.script.answer = () => attempt;
    const left = await aws.report(records(1_000), 50);

    expect(aws.rounds.length).toBeLessThanOrEqual(4);
    expect(aws.calls.length).toBeLessThanOrEqual(16);
    expect(Math.max(...aws.paused)).toBe(3);
    expect(left).toHaveLength(1_000);
    expect(aws.reporter.accepts(aRecord(0).license)).toBe(false);
  });

  it("keeps no other region's records from being billed", async () => {
    const aws = scriptedAws();
    const isIreland = isIn("eu-west-1");
    aws.script.answer = (batch) => (isIreland(batch) ? attempt : answered(batch));
    const sealed = records(30);
    await aws.report([...records(30, IRELAND), ...sealed]);

    expect(await aws.outcomes(sealed)).toEqual(sealed.map(() => "accepted"));
    expect(aws.reporter.accepts(aRecord(0).license)).toBe(true);
    expect(aws.reporter.accepts(aRecord(0, IRELAND).license)).toBe(false);
  });

  it("is given the same pause by another product's records", async () => {
    const aws = scriptedAws();
    aws.script.answer = (batch) => (aws.calls.length === 1 ? attempt : answered(batch));
    const other = records(25, { dimension: "fee", license: { productCode: "other" } });
    await aws.seal([...records(25), ...other]);
    await aws.reporter.add(records(25));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const paused = aws.paused.length;
    await aws.reporter.add(other);

    expect([paused, aws.paused]).toEqual([1, [1, 1]]);
    await aws.reporter.flush();
  });

  it("that answers again is asked on", async () => {
    const aws = scriptedAws();
    let calls = 0;
    aws.script.answer = (batch) => ((calls += 1) % 3 === 0 ? answered(batch) : attempt);
    const left = await aws.report(records(30));

    expect(left).toEqual([]);
  });
});

describe("a refusal that no record can have caused", () => {
  it("stops the product's calls and names each license once, with all its money", async () => {
    const aws = scriptedAws();
    aws.script.answer = () => denied;
    const sealed = [
      aRecord(1),
      aRecord(1, { dimension: "fee", quantity: 5 }),
      aRecord(2, { quantity: 11 }),
    ];
    const left = await aws.report(sealed);

    expect(aws.calls).toHaveLength(1);
    expect(left).toEqual(sealed);
    const message = "AccessDenied: no permission. Nothing is lost yet.";
    expect(aws.alarms).toEqual([
      { kind: "barred", licenseId: licenseIdOf(1), usd: "0.12", message },
      { kind: "barred", licenseId: licenseIdOf(2), usd: "0.11", message },
    ]);
    expect(await aws.outcomes(sealed)).toEqual(["none", "none", "none"]);
  });

  it("counts what was handed over later, too, and leaves other products alone", async () => {
    const aws = scriptedAws();
    const other = aRecord(99, { license: { productCode: "other" } });
    aws.script.answer = (batch) =>
      batch.records.some(({ license }) => license.productCode === "other")
        ? answered(batch)
        : denied;
    const sealed = records(60);
    await aws.report([...sealed, other], 25);

    const stake = aws.alarms.map(({ usd }) => usd);
    expect(stake).toEqual(sealed.map(({ item }) => usdText(amountOf(item))));
    expect(await aws.outcomeOf(other)).toBe("accepted");
    expect(aws.reporter.accepts(aRecord(0).license)).toBe(false);
    expect(aws.reporter.accepts(other.license)).toBe(true);
  });
});

describe("a store that fails", () => {
  it("ends the report: nothing more is sent, nothing goes on behind it, and the cause is thrown", async () => {
    const aws = scriptedAws();
    const sealed = records(300);
    await aws.seal(sealed);
    let underWay = 0;
    aws.deps.ledger.settle = async () => {
      underWay += 1;
      await new Promise(setImmediate);
      underWay -= 1;
      throw new Error("the store is away");
    };
    const adding = aws.reporter.add(sealed);
    await expect(adding.then(() => aws.reporter.flush())).rejects.toThrow("the store is away");
    await expect(aws.reporter.flush()).rejects.toThrow("the store is away");

    expect(underWay).toBe(0);
    expect(aws.calls.length).toBeLessThan(12);
    const sent = aws.calls.length;
    await expect(aws.reporter.add(records(1))).rejects.toThrow("the store is away");
    expect(aws.calls).toHaveLength(sent);
  });

  it("keeps a call from being made that was waiting for its turn", async () => {
    const aws = scriptedAws();
    let turn: () => void = () => undefined;
    aws.deps.pace = async () => {
      if (aws.paced.push("turn") > 1) await new Promise<void>((go) => (turn = go));
    };
    aws.deps.ledger.settle = () => Promise.reject(new Error("the store is away"));
    await aws.reporter.add(records(50));
    for (let round = 0; round < 5; round++) await new Promise(setImmediate);
    turn();

    await expect(aws.reporter.flush()).rejects.toThrow("the store is away");
    expect(aws.calls).toHaveLength(1);
  });
});
