import { describe, expect, it } from "vitest";
import { readSellerReport } from "../../metering/adapters/seller-reports.ts";
import { isRecord } from "../../metering/domain/chain.ts";
import { usdText } from "../../metering/domain/money.ts";
import { reconcile } from "../../metering/reconcile.ts";
import { PERIOD, reconcileWorld } from "./reconcile-world.ts";

async function* chunksOf(text: string) {
  for (let at = 0; at < text.length; at += 97) yield text.slice(at, at + 97);
}

const read = (csv: string) => readSellerReport("folder/report.csv", chunksOf(csv));

/** Metered daily through the 20th of March, and invoiced. */
async function invoiced(prepare?: (world: World) => Promise<void>) {
  const world = await reconcileWorld();
  for (let day = 11; day <= 20; day += 1) await world.pass(`2026-03-${day}T00:10:00Z`);
  await prepare?.(world);
  world.moveTo("2026-04-04T08:00:00Z");
  const usageCsv = await world.control.sellerReport("usage", "2026-03");
  const revenueCsv = await world.control.sellerReport("billed-revenue", "2026-03");
  const against = async (...csvs: string[]) => {
    const reports = await Promise.all(csvs.map(read));
    return reconcile(
      world.deps,
      { period: PERIOD },
      {
        usage: reports.flatMap((one) => (one.kind === "usage" ? [one.report] : [])),
        revenue: reports.flatMap((one) => (one.kind === "revenue" ? [one.report] : [])),
      },
    );
  };
  return { ...world, usageCsv, revenueCsv, against };
}
type World = Awaited<ReturnType<typeof reconcileWorld>>;

describe("the seller's reports", () => {
  it("agree with the ledger in units and in money", async () => {
    const { against, usageCsv, revenueCsv } = await invoiced();

    expect(await against(usageCsv, revenueCsv)).toMatchObject({
      differences: [],
      agreedMonths: 1,
    });
  });

  it("with other units differ by month, with the money", async () => {
    const { against, usageCsv } = await invoiced();
    const units = /,us-east-1,(\d+),/.exec(usageCsv)?.[1] ?? "";
    const changed = usageCsv.replace(`us-east-1,${units},`, `us-east-1,${Number(units) + 1000},`);

    const { differences } = await against(changed);

    expect(differences).toMatchObject([{ kind: "report-units", dimension: "fee" }]);
    expect(usdText(differences[0]?.usd ?? 0n)).toBe("1");
  });

  it("with a day left out in the middle count fewer units", async () => {
    const { against, usageCsv } = await invoiced();
    const lines = usageCsv.split("\r\n");

    const { differences } = await against(lines.toSpliced(4, 1).join("\r\n"));

    expect(differences).toMatchObject([{ kind: "report-units" }]);
    expect(differences[0]?.usd).toBeLessThan(0n);
  });

  it("with another amount differ in money, a cent of rounding apart", async () => {
    const { against, revenueCsv } = await invoiced();
    const [, gross = ""] = /,(\d+\.\d\d),0\.00,-/.exec(revenueCsv) ?? [];
    const by = (cents: number) =>
      against(revenueCsv.replace(gross, ((Number(gross) * 100 + cents) / 100).toFixed(2)));

    expect((await by(0)).differences).toEqual([]);
    expect((await by(50)).differences).toMatchObject([{ kind: "report-money" }]);
    expect((await by(-50)).differences).toMatchObject([{ kind: "report-money" }]);
  });

  it("before the day is over show nothing of it, which is not missing", async () => {
    const { pass, control, deps, moveTo } = await reconcileWorld();
    await pass("2026-03-11T00:10:00Z");
    moveTo("2026-03-12T00:20:00Z");
    await pass("2026-03-12T00:30:00Z");
    moveTo("2026-03-12T01:00:00Z");
    const made = await read(await control.sellerReport("usage", "2026-03"));
    await pass("2026-03-13T00:30:00Z");
    if (made.kind !== "usage") throw new Error(made.kind);

    const found = await reconcile(deps, { period: PERIOD }, { usage: [made.report] });

    expect(made.report.covers.end).toBe(Date.parse("2026-03-12T00:00:00Z"));
    expect(found.differences).toEqual([]);
  });

  it.each([
    ["lose-answer", true],
    ["lose-request", false],
  ] as const)("resolve a record in doubt after the invoice (%s)", async (kind, isBilled) => {
    const { against, usageCsv, ledger, key, resolve } = await invoiced(async (world) => {
      await world.fault(kind, 200);
      await world.pass("2026-03-21T00:10:00Z");
      await world.control.setFaults([]);
      await world.pass("2026-03-22T00:10:00Z");
    });
    const records = (await ledger.chain(key)).filter(isRecord);
    const open = records.find(({ outcome }) => outcome?.kind === "in-doubt");
    const { differences } = await against(usageCsv);

    expect(differences).toMatchObject([
      { kind: "in-doubt", finding: { about: open?.n, billed: isBilled ? open?.quantity : 0 } },
    ]);
    if (differences[0]?.finding === undefined) throw new Error("no finding");
    await resolve(differences[0].finding);
    expect((await against(usageCsv)).differences).toEqual([]);
  });

  it("of one month say nothing of the next, however late they were made", async () => {
    const { pass, control, deps, moveTo } = await reconcileWorld();
    await pass("2026-03-11T00:10:00Z");
    await pass("2026-04-02T00:10:00Z");
    moveTo("2026-04-05T08:00:00Z");
    const made = await read(await control.sellerReport("usage", "2026-03"));
    if (made.kind !== "usage") throw new Error(made.kind);
    const period = { start: PERIOD.start, end: Date.parse("2026-05-01T00:00:00Z") };

    const found = await reconcile(deps, { period }, { usage: [made.report] });

    expect(made.report.covers.end).toBe(PERIOD.end);
    expect(found).toMatchObject({ differences: [], agreedMonths: 1 });
  });

  it("that can't be read are refused with their row", async () => {
    const { usageCsv } = await invoiced();

    await expect(read("a,b\r\n1,2\r\n")).rejects.toThrow(/no report that can be compared/);
    await expect(read(usageCsv.replace(/us-east-1,\d+,/, "us-east-1,1.5,"))).rejects.toThrow(
      /row \d+: estimated_usage_units is "1.5"/,
    );
  });
});
