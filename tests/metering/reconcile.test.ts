import { describe, expect, it } from "vitest";
import { amountOf, committedThrough, isRecord } from "../../metering/domain/chain.ts";
import { usdText } from "../../metering/domain/money.ts";
import { reconcileWorld } from "./reconcile-world.ts";

describe("a clean sale", () => {
  it("agrees with CloudTrail, record by record", async () => {
    const { pass, compare, moveTo, ledger, key } = await reconcileWorld();
    await pass("2026-03-11T00:10:00Z");
    await pass("2026-03-12T00:10:00Z");
    await pass("2026-03-13T00:10:00Z");
    moveTo("2026-03-14T02:10:00Z");

    const found = await compare();

    expect((await ledger.chain(key)).length).toBe(3);
    expect(found).toMatchObject({ differences: [], agreed: 3, notCovered: 0, licenses: 1 });
  });

  it("is not covered before CloudTrail can show it, and not missing", async () => {
    const { pass, compare } = await reconcileWorld();
    await pass("2026-03-11T00:10:00Z");

    expect(await compare()).toMatchObject({ differences: [], agreed: 0, notCovered: 1 });
  });
});

describe("a record in doubt", () => {
  /** Sent before its window closed, answered never. */
  async function inDoubt(kind: "lose-answer" | "lose-request") {
    const world = await reconcileWorld();
    await world.fault(kind, 100);
    await world.pass("2026-03-11T00:10:00Z");
    await world.control.setFaults([]);
    await world.pass("2026-03-11T23:10:00Z");
    const [first] = await world.ledger.chain(world.key);
    expect(first).toMatchObject({ outcome: { kind: "in-doubt" } });
    return world;
  }

  it("that AWS took is billed once: its event resolves it, and both sides agree then", async () => {
    const { compare, moveTo, resolve, ledger, key, pass, control } = await inDoubt("lose-answer");
    moveTo("2026-03-13T02:10:00Z");
    const { differences } = await compare();
    const [difference] = differences;

    expect(differences).toHaveLength(1);
    expect(difference).toMatchObject({ kind: "in-doubt", usd: 0n, finding: { about: 0 } });
    if (difference?.finding === undefined) throw new Error("no finding");
    expect((await resolve(difference.finding)).kind).toBe("resolved");
    expect((await resolve(difference.finding)).kind).toBe("already");
    expect((await compare()).differences).toEqual([]);
    await pass("2026-03-14T00:10:00Z");
    const chain = await ledger.chain(key);
    expect(chain.filter((item) => !isRecord(item))).toHaveLength(1);
    const atAws = (await control.meteringRecords()).reduce((sum, one) => sum + one.quantity, 0);
    expect(committedThrough(chain.at(-1))).toBe(BigInt(atAws) * 1_000_000_000n);
  });

  it("that AWS never took is owed again, but only once its log is whole", async () => {
    const { compare, moveTo, resolve, ledger, key, pass } = await inDoubt("lose-request");
    const early = await compare();
    moveTo("2026-03-13T02:10:00Z");
    const { differences } = await compare();
    const [difference] = differences;
    const [lost] = (await ledger.chain(key)).filter(isRecord);

    expect(early.differences[0]?.finding).toBeUndefined();
    expect(difference).toMatchObject({ kind: "in-doubt", finding: { about: 0, billed: 0 } });
    if (difference?.finding === undefined || lost === undefined) throw new Error("no finding");
    expect(usdText(difference.usd ?? 0n)).toBe(usdText(-amountOf(lost)));
    await resolve(difference.finding);
    await pass("2026-03-13T03:10:00Z");
    const again = (await ledger.chain(key)).at(-1);
    expect(again).toMatchObject({ kind: "record", outcome: { kind: "accepted" } });
    expect(again !== undefined && isRecord(again) ? again.quantity : 0).toBeGreaterThanOrEqual(
      lost.quantity,
    );
  });

  it("is resolved once by two people at the same moment", async () => {
    const { resolve, ledger, key } = await inDoubt("lose-answer");
    const finding = { about: 0, billed: 0, source: "AWS Support" };

    const both = await Promise.all([resolve(finding), resolve(finding)]);

    expect(both.map(({ kind }) => kind).sort()).toEqual(["already", "resolved"]);
    const chain = await ledger.chain(key);
    expect(chain.filter((item) => !isRecord(item))).toHaveLength(1);
  });
});

describe("somebody else's metering", () => {
  it("is a difference with its money, and its caller", async () => {
    const { pass, moveTo, somebodyMeters, compare } = await reconcileWorld();
    await pass("2026-03-11T00:10:00Z");
    moveTo("2026-03-11T15:10:00Z");
    await somebodyMeters({ Quantity: 5000 });
    moveTo("2026-03-13T02:10:00Z");

    const { differences, agreed } = await compare();

    expect(agreed).toBe(1);
    expect(differences).toMatchObject([{ kind: "unknown-to-ledger", dimension: "fee" }]);
    expect(usdText(differences[0]?.usd ?? 0n)).toBe("5");
    expect(differences[0]?.aws).toContain("arn:aws:");
  });

  it("of an hour that the ledger wants makes a conflict, which its event resolves", async () => {
    const { pass, moveTo, somebodyMeters, compare, resolve } = await reconcileWorld();
    moveTo("2026-03-11T00:09:00Z");
    await somebodyMeters({ Quantity: 5 });
    await pass("2026-03-11T00:10:00Z");
    moveTo("2026-03-12T02:10:00Z");
    const { differences } = await compare();

    expect(differences).toMatchObject([{ kind: "conflicting", finding: { about: 0, billed: 5 } }]);
    if (differences[0]?.finding === undefined) throw new Error("no finding");
    await resolve(differences[0].finding);
    expect((await compare()).differences).toEqual([]);
  });

  it("by ProductCode in the same hour is billed twice", async () => {
    const { pass, moveTo, compare, license, sandbox } = await reconcileWorld();
    await pass("2026-03-11T00:10:00Z");
    const { MarketplaceMeteringClient, BatchMeterUsageCommand } =
      await import("@aws-sdk/client-marketplace-metering");
    await new MarketplaceMeteringClient({
      region: "us-east-1",
      endpoint: sandbox.origin,
      credentials: sandbox.sellerCredentials,
    }).send(
      new BatchMeterUsageCommand({
        ProductCode: license.productCode,
        UsageRecords: [
          {
            Timestamp: new Date("2026-03-10T23:00:00Z"),
            CustomerAWSAccountId: license.buyerAccountId,
            Dimension: "fee",
            Quantity: 612,
          },
        ],
      }),
    );
    moveTo("2026-03-12T02:10:00Z");

    const { differences } = await compare();

    expect(differences).toMatchObject([{ kind: "both-identifications" }]);
    expect(usdText(differences[0]?.usd ?? 0n)).toBe("0.612");
  });
});
