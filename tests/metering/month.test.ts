import { expect, it, onTestFinished } from "vitest";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { exactUsd, usdText } from "../../metering/domain/money.ts";
import type { Statement } from "../../metering/domain/statement.ts";
import { aFee, aPlan, aShare, at, BUYER } from "./fixtures.ts";
import { storedMetering, shardOf } from "./stored-metering.ts";
import { focusFile, wireWorld } from "./wire-world.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = at("2026-03-02T00:10:00Z");
const CANCELLED = at("2026-04-03T10:20:00Z");

/** Exact cost of March and April's first days, with digits beyond floating point. */
const COST = Array.from({ length: 33 }, (_, n) => ({
  day: new Date(at("2026-03-02") + n * 24 * HOUR).toISOString().slice(0, 10),
  usd: `${10 + n}.123456789012345${n % 10}`,
}));

/** One license from its activation to its end, over HTTP, with faults; and a store on HTTP. */
async function aLicenseMonth() {
  const world = await wireWorld(START);
  const store = await startEmbeddedDynamoDb({});
  onTestFinished(() => store.close());
  const { control, clock, sandbox } = world;
  await control.addCostSource({ file: focusFile(COST), accountId: BUYER });
  const license = await world.subscribe();
  const deployment = await world.launch(license.licenseId);
  const workers: Awaited<ReturnType<typeof storedMetering>>[] = [];
  for (const owner of ["one", "two"]) {
    const worker = await storedMetering({
      clock,
      credentials: sandbox.sellerCredentials,
      store: store.endpoint,
      plans: [aPlan(aShare, { ...aFee, proration: "hourly" })],
      owner,
    });
    onTestFinished(worker.close);
    workers.push(worker);
  }
  const [first] = workers;
  if (first === undefined) throw new Error("no worker");
  const { licenseId } = license;
  await first.licenses.update(licenseId, () => license);
  await first.licenses.updateDeployment(licenseId, deployment.deploymentId, () => deployment);
  await control.setFaults(
    (["lose-answer", "lose-request", "throttle", "error", "unprocessed"] as const).map((kind) => ({
      service: "aws-marketplace",
      action: "BatchMeterUsage",
      kind,
      probability: 0.1,
    })),
  );
  const pass = async (instant: number) => {
    clock.advanceTo(Math.max(instant, clock.now()));
    await Promise.all(workers.map(({ metering }) => metering.pass(shardOf(licenseId))));
  };
  return { ...world, license, workers, first, pass };
}

it("bills a license from activation to end, and AWS's records are the statements', exactly", async () => {
  const { control, license, first, workers, pass } = await aLicenseMonth();
  for (let now = START + HOUR; now < CANCELLED; now += 6 * HOUR) {
    await pass(now);
    if (now === START + HOUR + 68 * 6 * HOUR) {
      await control.restate({ accountId: BUYER, day: "2026-03-10", amountUsd: "-7.77" });
    }
  }
  await pass(CANCELLED - 5 * MINUTE);
  await control.moveClock({ advanceTo: CANCELLED });
  await control.cancel(license.agreementId ?? "");
  const ended = (await control.agreements())[0]?.license.endedAt;
  if (ended === undefined) throw new Error("the license did not end");
  await first.licenses.update(
    license.licenseId,
    (known) => known && { ...known, endingAt: ended, endedAt: ended },
  );
  for (const minutes of [5, 31, 40, 55, 65, 70]) await pass(ended + minutes * MINUTE);

  const statements: Statement[] = [];
  for (const month of ["2026-03", "2026-04"]) {
    const statement = await first.metering.statement(license.licenseId, month);
    if (statement === undefined) throw new Error(`no statement of ${month}`);
    statements.push(statement);
  }

  // Every record of the statements is one of AWS's, and the other way round.
  const units = new Map<string, number>();
  for (const { records } of statements) {
    for (const { meteringRecordId, dimension, hour, quantity, outcome } of records) {
      expect(outcome).toBe("accepted");
      const id = [meteringRecordId, dimension, hour].join(" ");
      units.set(id, (units.get(id) ?? 0) + quantity);
    }
  }
  const atAws = await control.meteringRecords(license.licenseArn);
  expect(units).toEqual(
    new Map(
      atAws.map(({ meteringRecordId, dimension, hour, quantity }) => [
        [meteringRecordId, dimension, new Date(hour).toISOString()].join(" "),
        quantity,
      ]),
    ),
  );

  // 20 % of each month's whole days, floored once; computed here apart from the code under test.
  const share = (month: string) => {
    const days = COST.filter(
      ({ day }) => day.startsWith(month) && day > "2026-03-02" && day < "2026-04-02",
    );
    const tenToMinus16 = days.reduce((sum, { usd }) => sum + BigInt(usd.replace(".", "")), 0n);
    const restated = month === "2026-03" ? 77_700_000_000_000_000n : 0n;
    return ((tenToMinus16 - restated) * 20n) / 1_000_000n;
  };
  const fee = (hours: bigint, of: bigint) => (19n * 10n ** 12n * hours) / of;
  const rated = statements.map(({ charges }) => charges.map(({ ratedUsd }) => ratedUsd));
  expect(rated).toEqual([
    [usdText(share("2026-03")), usdText(fee(30n * 24n - 1n, 744n))],
    [usdText(share("2026-04")), usdText(fee(2n * 24n + 10n, 720n))],
  ]);

  const billed = statements.reduce((sum, { totals }) => sum + exactUsd(totals.billedUsd), 0n);
  const owed = statements.reduce((sum, { totals }) => sum + exactUsd(totals.ratedUsd), 0n);
  const forfeited = exactUsd(statements[1]?.totals.forfeitedUsd ?? "");
  expect(billed + forfeited).toBe(owed);
  // Less than a unit of each dimension: nothing was billed too late.
  expect(forfeited).toBeLessThan(exactUsd("0.011"));
  expect(workers.flatMap(({ alarms }) => alarms)).toEqual([]);
});
