import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { MarketplaceAgreementClient } from "@aws-sdk/client-marketplace-agreement";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { agreementAdjustments } from "../../metering/adapters/agreement-adjustments.ts";
import { dynamoAdjustments } from "../../metering/adapters/dynamo-adjustments.ts";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { memoryCosts } from "../../metering/adapters/memory-ledger.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import {
  approveAdjustment,
  creditLeft,
  prepareForLicense,
  statementAdjustments,
} from "../../metering/adjust-billing.ts";
import {
  doubleBilled,
  type KeptAdjustment,
  prepareAdjustments,
} from "../../metering/domain/adjustment.ts";
import { exactUsd, usdText } from "../../metering/domain/money.ts";
import { accepted, aFee, always, anItem, aPlan, at, LICENSE_ID, PRICES } from "./fixtures.ts";
import { reconcileWorld } from "./reconcile-world.ts";

/** Somebody else metered $5 of the buyer's March, which is invoiced. */
async function doubleBilledWorld() {
  const world = await reconcileWorld();
  await world.pass("2026-03-11T00:10:00Z");
  world.moveTo("2026-03-20T15:10:00Z");
  await world.somebodyMeters({ Quantity: 5_000 });
  world.moveTo("2026-04-03T08:00:00Z");
  const { differences } = await world.compare();
  const store = await startEmbeddedDynamoDb({});
  const client = new DynamoDBClient({
    region: "us-east-1",
    endpoint: store.endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(async () => {
    client.destroy();
    await store.close();
  });
  await ensureTables(client);
  const table = { client: documentClient(client), tableName: tableNames.ledger };
  const deps = {
    clock: world.clock,
    adjustments: dynamoAdjustments(table),
    aws: agreementAdjustments(
      new MarketplaceAgreementClient({
        region: "us-east-1",
        endpoint: world.sandbox.origin,
        credentials: world.sandbox.sellerCredentials,
      }),
    ),
    sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
  };
  const prepare = () => prepareForLicense(deps, world.license, doubleBilled(differences));
  const prepareOne = async () => {
    const [one, ...others] = (await prepare()).adjustments;
    if (one === undefined || others.length > 0) throw new Error("not one adjustment");
    return one;
  };
  return { ...world, deps, prepare, prepareOne };
}

describe("what somebody else billed", () => {
  it("is given back from the invoice that it stands on, once, through to completed", async () => {
    const { deps, prepare, prepareOne, moveTo, control, license } = await doubleBilledWorld();
    const one = await prepareOne();

    expect(one).toMatchObject({ usd: "5.00", month: "2026-03", before: "0.00", failures: 0 });
    expect(await prepareOne()).toEqual(one);
    const first = await approveAdjustment(deps, one);
    const second = await approveAdjustment(deps, one);
    expect(first).toMatchObject({ kind: "kept", isNew: true, kept: { state: "requested" } });
    expect(second).toMatchObject({ kind: "kept", isNew: false, kept: { state: "requested" } });
    expect(await prepare()).toEqual({ adjustments: [], left: [] });

    moveTo("2026-04-03T10:00:00Z");
    const last = await approveAdjustment(deps, one);
    expect(last).toMatchObject({ kept: { state: "completed" } });
    const requestId = last.kind === "kept" ? last.kept.requestId : undefined;
    const lines = await statementAdjustments(deps.adjustments)(license.licenseId, "2026-03");
    expect(lines).toMatchObject([{ requestId, usd: "5.00", state: "completed" }]);
    const done = (await control.events()).filter(
      (event) =>
        event["detail-type"] === "Purchase Agreement Billing Adjustment Completed - Proposer",
    );
    expect(done).toHaveLength(1);
  });

  it("is asked for by the same token after an answer was lost, so only once", async () => {
    const { deps, prepareOne, prepare, control } = await doubleBilledWorld();
    const one = await prepareOne();
    const deaf = {
      ...deps,
      aws: {
        ...deps.aws,
        request: async (kept: KeptAdjustment) => {
          await deps.aws.request(kept);
          throw new Error("the answer was lost");
        },
      },
    };

    await expect(approveAdjustment(deaf, one)).rejects.toThrow("lost");
    // Kept before it was sent: nobody prepares it anew meanwhile.
    expect(await prepare()).toEqual({ adjustments: [], left: [] });
    const again = await approveAdjustment(deps, one);

    expect(again).toMatchObject({ kind: "kept", kept: { state: "requested" } });
    const invoices = await control.invoices("2026-03");
    expect(invoices).toHaveLength(1);
    const [left] = await deps.aws.issuedInvoices(one.agreementId);
    // Given back once: the rest of the invoice is the ledger's own.
    expect(left?.maxAdjustment).toBe("0.61");
  });

  it("that AWS failed to give back can be prepared again, by another token", async () => {
    const { deps, prepareOne, control, moveTo } = await doubleBilledWorld();
    await control.addFault({
      service: "aws-marketplace",
      action: "BatchCreateBillingAdjustmentRequest",
      kind: "adjustment-fails",
      count: 1,
    });
    const one = await prepareOne();
    await approveAdjustment(deps, one);
    moveTo("2026-04-03T10:00:00Z");

    expect(await approveAdjustment(deps, one)).toMatchObject({ kept: { state: "failed" } });
    expect(await prepareOne()).toEqual({ ...one, failures: 1 });
    expect(await approveAdjustment(deps, await prepareOne())).toMatchObject({
      kept: { state: "requested" },
    });
  });
});

describe("credit", () => {
  it("is left when a license is over, and none before", async () => {
    const { license, licenses, ledger, clock, moveTo, key } = await reconcileWorld();
    const quantity = 3_000;
    await ledger.seal(key, anItem({ quantity, unitPrice: exactUsd("0.001"), outcome: accepted }));
    const deps = {
      clock,
      licenses,
      ledger,
      costs: memoryCosts(),
      usage: { month: async () => undefined },
      entitlements: { periods: async () => undefined },
      plans: always([aPlan(aFee)]),
      prices: PRICES,
    };
    const ended = { ...license, endedAt: at("2026-03-12T00:00:00Z") };
    moveTo("2026-03-12T00:30:00Z");
    const early = await creditLeft(deps, ended);
    moveTo("2026-03-12T01:30:00Z");

    expect(early).toEqual([]);
    expect(await creditLeft(deps, license)).toEqual([]);
    // Two whole days of $19 a month, 31 days: 1.2258…, floored day by day at most.
    const [credit] = await creditLeft(deps, ended);
    expect(usdText(credit?.usd ?? 0n)).toMatch(/^1\.774/);
  });
});

describe("amounts", () => {
  const invoice = (invoiceId: string, month: string, maxAdjustment: string) => ({
    agreementId: "agmt-1",
    invoiceId,
    month,
    maxAdjustment,
  });
  const giveBack = (usd: string) => ({
    licenseId: LICENSE_ID,
    dimension: "fee",
    usd: exactUsd(usd),
    because: "",
  });

  it("are rounded up to the cent, newest invoice first, and never beyond what AWS allows", () => {
    const { adjustments, left } = prepareAdjustments({
      giveBacks: [giveBack("3.001")],
      invoices: [invoice("a", "2026-01", "9.99"), invoice("b", "2026-02", "2.50")],
      kept: [],
    });

    expect(adjustments.map(({ invoiceId, usd }) => [invoiceId, usd])).toEqual([
      ["b", "2.50"],
      ["a", "0.51"],
    ]);
    expect(left).toEqual([]);
  });

  it("are never more in total than what is owed, to the cent, and within each invoice", () => {
    const cents = fc.integer({ min: 0, max: 100_000 });
    const textOf = (n: number) => usdText(BigInt(n) * exactUsd("0.01"));
    fc.assert(
      fc.property(
        fc.array(cents, { maxLength: 5 }),
        fc.bigInt({ min: 1n, max: exactUsd("500") }),
        (rooms, usd) => {
          const invoices = rooms.map((room, n) => invoice(`i${n}`, `2026-0${n + 1}`, textOf(room)));
          const giveBacks = [{ ...giveBack("0"), usd }];
          const { adjustments, left } = prepareAdjustments({ giveBacks, invoices, kept: [] });
          const given = adjustments.reduce((sum, one) => sum + exactUsd(one.usd), 0n);
          const owed = given + left.reduce((sum, one) => sum + one.usd, 0n);
          expect(owed - usd).toBeGreaterThanOrEqual(0n);
          expect(owed - usd).toBeLessThan(exactUsd("0.01"));
          for (const { invoiceId, usd: part } of adjustments) {
            const room = invoices.find((one) => one.invoiceId === invoiceId)?.maxAdjustment ?? "0";
            expect(exactUsd(part)).toBeLessThanOrEqual(exactUsd(room));
          }
        },
      ),
    );
  });
});
