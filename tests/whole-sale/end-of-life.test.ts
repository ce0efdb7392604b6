import { describe, expect, it } from "vitest";
import product from "../../product.config.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { createSandbox } from "../../sandbox/create-sandbox.ts";
import { join } from "node:path";
import {
  at,
  BUYER,
  type Buyer,
  costOf,
  eventually,
  expectSameBooks,
  HOUR,
  launch,
  type Market,
  meterAt,
  meterUntil,
  MINUTE,
  onlyDeployment,
  openWorld,
  removeStack,
  statements,
  subscribe,
  total,
} from "./a-world.ts";
import { exact } from "./run-launchmeter.ts";

const UNIT = exact("0.002");
const SEED = Number(process.env["SEED"] ?? 5);
const START = at("2026-10-04T20:00Z");

async function aRunningSale() {
  const market = await openWorld({ startAt: START, seed: SEED });
  const buyer = await subscribe(market);
  expect((await launch(market, buyer, BUYER)).status).toBe("CREATE_COMPLETE");
  return { market, buyer };
}

/** The buyer cancels at this instant; answers when the license ended. */
async function cancelAt({ control }: Market, { agreementId }: Buyer, instant: number) {
  await control.moveClock({ advanceTo: instant });
  const { license } = await control.cancel(agreementId);
  expect(license.endedAt).toBe(instant);
}

const heardOfEnd = ({ seller }: Market, { licenseId }: Buyer) =>
  eventually("the end of the license", async () => {
    const license = await seller.licenses.get(licenseId);
    return license?.endedAt === undefined ? undefined : license;
  });

/** Nothing is stamped past the end, sent after the hour, or left unsaid. */
async function expectClosed(market: Market, buyer: Buyer, endedAt: number): Promise<void> {
  const calls = (await market.control.meteringCalls()).length;
  await meterAt(market, endedAt + 61 * MINUTE, endedAt + 3 * HOUR, endedAt + 30 * HOUR);
  expect(await market.control.meteringCalls()).toHaveLength(calls);

  for (const record of await market.control.meteringRecords(buyer.licenseArn)) {
    expect(record.timestamp).toBeLessThanOrEqual(endedAt);
    expect(record.receivedAt).toBeLessThan(endedAt + HOUR);
  }
  await expectSameBooks(market, buyer);
  const all = await statements(market, buyer);
  expect(total(all, ({ carriedUsd }) => carriedUsd)).toBe(0n);
  expect(total(all, ({ pendingUsd }) => pendingUsd)).toBe(0n);
  expect(total(all, ({ ratedUsd }) => ratedUsd) + total(all, ({ creditUsd }) => creditUsd)).toBe(
    total(all, ({ billedUsd }) => billedUsd) + total(all, ({ forfeitedUsd }) => forfeitedUsd),
  );
}

const lastMinutes = [5, 20, 31, 40, 52, 57];

describe("the end of a sale", () => {
  it("reads the last cost when the stack is deleted, and closes when the agreement ends", async () => {
    const { market, buyer } = await aRunningSale();
    await meterUntil(market, at("2026-10-10T15:10Z"), 3);
    // Told by AWS after the day's reading: only the one at the deletion can see it.
    await market.control.restate({ accountId: BUYER, day: "2026-10-07", amountUsd: "1.23" });
    await removeStack(market, BUYER);
    expect((await onlyDeployment(market, buyer)).state).toBe("ended");
    expect((await market.seller.licenses.get(buyer.licenseId))?.endingAt).toBeUndefined();

    await meterUntil(market, at("2026-10-14T12:00Z"), 3);
    expect((await onlyDeployment(market, buyer)).goneAt).toBeDefined();
    // Figures come two days after their day; what came after the role had gone was never read.
    const [october] = await statements(market, buyer);
    const read = october?.days.filter(({ costUsd }) => costUsd !== "0").at(-1)?.date ?? "";
    expect(["2026-10-07", "2026-10-08"]).toContain(read);
    const cost = exact(october?.totals.costUsd ?? "");
    expect(cost).toBeLessThanOrEqual(costOf("2026-10-05", "2026-10-08") + exact("1.23"));
    expect(cost).toBeGreaterThan(costOf("2026-10-05", "2026-10-06") + exact("1.23"));
    expect(exact(october?.totals.carriedUsd ?? "")).toBeLessThan(UNIT);

    const ended = at("2026-10-20T10:20Z");
    await meterUntil(market, ended, 6);
    await cancelAt(market, buyer, ended);
    expect(await heardOfEnd(market, buyer)).toMatchObject({ endingAt: ended, endedAt: ended });
    await meterAt(market, ...lastMinutes.map((minutes) => ended + minutes * MINUTE));
    await expectClosed(market, buyer, ended);
    const [closed] = await statements(market, buyer);
    expect(closed?.totals.ratedUsd).toBe(october?.totals.ratedUsd);
    expect(exact(closed?.totals.forfeitedUsd ?? "")).toBeLessThan(UNIT);
    expect(market.alarms).toEqual([]);
  });

  it.each([0, 50])(
    "bills what AWS tells in the last hour when its notice comes %i minutes late, and the stack goes later",
    async (late) => {
      const { market, buyer } = await aRunningSale();
      const ended = at("2026-10-11T10:20Z");
      await meterUntil(market, at("2026-10-11T10:10Z"), 3);
      const before = await market.control.meteringRecords(buyer.licenseArn);
      await market.control.restate({ accountId: BUYER, day: "2026-10-07", amountUsd: "5.55" });
      if (late > 0) {
        const delayMs = late * MINUTE;
        const fault = { service: "events", action: "*", kind: "delay", delayMs } as const;
        await market.control.setFaults([fault]);
      }
      await cancelAt(market, buyer, ended);
      let heard = false;
      for (const minutes of lastMinutes) {
        await market.control.moveClock({ advanceTo: ended + minutes * MINUTE });
        if (!heard && minutes >= late) heard = (await heardOfEnd(market, buyer)) !== undefined;
        await market.seller.meterAll();
      }
      await removeStack(market, BUYER);
      await expectClosed(market, buyer, ended);
      const last = await market.control.meteringRecords(buyer.licenseArn);
      expect(last.length).toBe(before.length + 1);
      const statement = (await statements(market, buyer)).at(-1);
      // The last figures are those of two days ago.
      expect(exact(statement?.totals.costUsd ?? "")).toBe(
        costOf("2026-10-05", "2026-10-09") + exact("5.55"),
      );
      expect(exact(statement?.totals.forfeitedUsd ?? "")).toBeLessThan(UNIT);
      expect(market.alarms).toEqual([]);
    },
  );

  it("closes in time when the license ends while the site is down for 20 minutes", async () => {
    const { market, buyer } = await aRunningSale();
    const ended = at("2026-10-11T10:20Z");
    await meterUntil(market, at("2026-10-11T10:10Z"), 3);
    await market.control.restate({ accountId: BUYER, day: "2026-10-07", amountUsd: "5.55" });
    await market.control.moveClock({ advanceTo: ended - 30_000 });
    const sitePort = Number(new URL(market.seller.origin).port);
    await market.close();

    // AWS goes on without the seller.
    const alone = await createSandbox({
      port: 0,
      dataDir: join(market.dataDir, "sandbox"),
      products: [sandboxProduct(market.seller.origin)],
    });
    const control = sandboxControl(alone.origin);
    await control.moveClock({ advanceTo: ended });
    await control.cancel(buyer.agreementId);
    await control.moveClock({ advanceTo: ended + 20 * MINUTE });
    await alone.close();

    const again = await openWorld({
      startAt: START,
      seed: SEED,
      dataDir: market.dataDir,
      sitePort,
    });
    await heardOfEnd(again, buyer);
    await again.seller.meterAll();
    await meterAt(again, ...[31, 40, 55].map((minutes) => ended + minutes * MINUTE));
    await expectClosed(again, buyer, ended);
    const statement = (await statements(again, buyer)).at(-1);
    expect(exact(statement?.totals.costUsd ?? "")).toBe(
      costOf("2026-10-05", "2026-10-09") + exact("5.55"),
    );
    expect(exact(statement?.totals.forfeitedUsd ?? "")).toBeLessThan(UNIT);
    expect(again.alarms).toEqual([]);
  });
});

function sandboxProduct(fulfillmentUrl: string) {
  const { listing, title, seller } = product;
  return {
    productCode: listing.productCode,
    productId: listing.productId,
    title,
    sellerAccountId: seller.accountId,
    dimensions: listing.dimensions.map(({ name, description, unitPrice }) => ({
      name,
      description,
      unitPriceUsd: unitPrice,
    })),
    fulfillmentUrl,
  };
}
