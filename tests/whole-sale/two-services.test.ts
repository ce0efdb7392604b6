import { randomBytes } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { S3Client } from "@aws-sdk/client-s3";
import product from "../../product.config.ts";
import { publishTemplate } from "../../scripts/local/publish-template.ts";
import { sellerRole } from "../../scripts/local/seller-role.ts";
import { openPort } from "../../scripts/local/listen.ts";
import { startSellerService } from "../../scripts/local/seller-service.ts";
import { templateFor } from "../../scripts/commands/template-args.ts";
import type { Alarm } from "../../metering/ports.ts";
import {
  at,
  BUYER,
  costOf,
  expectSameBooks,
  HOUR,
  launch,
  type Market,
  MINUTE,
  openWorld,
  statements,
  subscribe,
  total,
} from "./a-world.ts";
import { exact } from "./run-launchmeter.ts";

const SEED = Number(process.env["SEED"] ?? 7);

/** Another of the seller's services on the same store and queue, as a second machine would be. */
async function anotherService(market: Market) {
  const { sandbox, seller, storeEndpoint } = market;
  const alarms: Alarm[] = [];
  const systemClockOffset = sandbox.clock.now() - Date.now();
  const s3 = new S3Client({ region: "us-east-1", forcePathStyle: true, systemClockOffset });
  const port = await openPort(0);
  onTestFinished(() => port.close());
  const service = await startSellerService({
    product,
    clock: sandbox.clock,
    template: await publishTemplate(
      s3,
      sandbox.origin,
      product,
      templateFor(product, seller.origin),
    ),
    storeEndpoint,
    credentials: await sellerRole(sandbox, product),
    queueUrl: sandbox.lifecycleQueueUrl,
    consoleOrigin: sandbox.origin,
    marketplaceUrl: sandbox.origin,
    // It signs and bakes what the first one does, as two machines behind one address.
    sitePort: { ...port, origin: seller.origin },
    usageTokenKeys: [{ id: "k", secret: randomBytes(32) }],
    log: () => undefined,
    alarm: (alarm) => alarms.push(alarm),
  });
  onTestFinished(() => service.close());
  return { ...service, alarms };
}

it("two services that meter one month at once bill it once", async () => {
  const market = await openWorld({ startAt: at("2026-09-30T20:00Z"), seed: SEED });
  const second = await anotherService(market);
  const buyer = await subscribe(market);
  expect((await launch(market, buyer, BUYER)).status).toBe("CREATE_COMPLETE");

  const { control, sandbox, seller, alarms } = market;
  while (sandbox.clock.now() < at("2026-11-04T00:00Z")) {
    const step = 6 * HOUR;
    const next = Math.floor(sandbox.clock.now() / step + 1) * step + 5 * MINUTE;
    await control.moveClock({ advanceTo: next });
    await Promise.all([seller.meterAll(), second.meterAll()]);
  }

  // Nobody else billed these hours: AWS never holds another quantity for one of them.
  expect([...alarms, ...second.alarms]).toEqual([]);
  for (const { outcome } of await control.meteringCalls()) {
    expect(Object.keys(outcome)).toEqual(["Success"]);
  }
  await expectSameBooks(market, buyer);

  const all = await statements(market, buyer);
  const [october] = all.filter(({ month }) => month === "2026-10");
  expect(exact(october?.totals.costUsd ?? "")).toBe(costOf("2026-10-01", "2026-10-31"));
  const owed = total(all, ({ ratedUsd }) => ratedUsd) - total(all, ({ billedUsd }) => billedUsd);
  expect(owed).toBeGreaterThanOrEqual(0n);
  expect(owed).toBeLessThan(exact("0.002"));
});
