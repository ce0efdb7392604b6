import { describe, expect, it } from "vitest";
import { hiddenField } from "../../scripts/play/buyer.ts";
import {
  at,
  BUYER,
  costOf,
  expectSameBooks,
  launch,
  type Market,
  meterUntil,
  onlyDeployment,
  openWorld,
  OTHER_ACCOUNT,
  statements,
  subscribe,
} from "./a-world.ts";
import { exact } from "./run-launchmeter.ts";

const START = at("2026-10-04T20:00Z");
const SEED = Number(process.env["SEED"] ?? 6);

/** What was asked of the other account, through its role or of its bill. */
async function readingsOf({ control }: Market, account: string): Promise<readonly string[]> {
  const calls = await control.requests();
  return calls
    .filter(({ service }) => service === "ce")
    .filter(({ caller = "" }) => caller.includes(account))
    .map(({ action }) => action);
}

describe("a launch in another account than the subscriber's", () => {
  it("is not read or metered before the license's holder lets it in on the site", async () => {
    const market = await openWorld({ startAt: START, seed: SEED });
    const buyer = await subscribe(market);
    expect((await launch(market, buyer, OTHER_ACCOUNT)).status).toBe("CREATE_COMPLETE");
    const waiting = await onlyDeployment(market, buyer);
    expect(waiting).toMatchObject({ state: "awaiting-confirmation", accountId: OTHER_ACCOUNT });

    await meterUntil(market, at("2026-10-09T12:10Z"), 3);
    expect(await readingsOf(market, OTHER_ACCOUNT)).toEqual([]);
    expect(await market.control.meteringCalls()).toEqual([]);
    expect(await market.control.meteringRecords()).toEqual([]);

    const page = `/deployments/${waiting.deploymentId}`;
    const csrf = hiddenField(await buyer.site.get(page), "csrf");
    await buyer.site.post(`${page}/decision`, { csrf, decision: "confirm" });
    expect((await onlyDeployment(market, buyer)).state).toBe("active");

    await meterUntil(market, at("2026-10-14T12:10Z"), 3);
    expect(await readingsOf(market, OTHER_ACCOUNT)).not.toEqual([]);
    const [statement] = await statements(market, buyer);
    // What ran before is not the holder's to pay: the first whole day after the confirmation counts.
    expect(statement?.days.find(({ costUsd }) => costUsd !== "0")?.date).toBe("2026-10-10");
    expect(exact(statement?.totals.costUsd ?? "")).toBe(costOf("2026-10-10", "2026-10-12"));
    expect(exact(statement?.totals.billedUsd ?? "")).toBeGreaterThan(0n);
    await expectSameBooks(market, buyer);
    // Somebody is told, once a day, of what runs unmetered.
    expect(new Set(market.alarms.map(({ kind }) => kind))).toEqual(new Set(["unconfirmed"]));
  });

  it("stays unread when the holder turns it away", async () => {
    const market = await openWorld({ startAt: START, seed: SEED });
    const buyer = await subscribe(market);
    await launch(market, buyer, OTHER_ACCOUNT);
    const { deploymentId } = await onlyDeployment(market, buyer);
    const page = `/deployments/${deploymentId}`;
    const csrf = hiddenField(await buyer.site.get(page), "csrf");
    await buyer.site.post(`${page}/decision`, { csrf, decision: "reject" });
    await meterUntil(market, at("2026-10-09T12:10Z"), 6);
    expect((await onlyDeployment(market, buyer)).state).toBe("ended");
    expect(await readingsOf(market, OTHER_ACCOUNT)).toEqual([]);
    expect(await market.control.meteringRecords()).toEqual([]);
  });
});

describe("a second launch in an account whose whole cost is billed already", () => {
  it("fails in the stack's own events, in plain words, and the first goes on", async () => {
    const market = await openWorld({ startAt: START, seed: SEED });
    const buyer = await subscribe(market);
    expect((await launch(market, buyer, BUYER)).status).toBe("CREATE_COMPLETE");
    const first = await onlyDeployment(market, buyer);

    const second = await launch(market, buyer, BUYER, "a-second-one");
    expect(second.status).toMatch(/^(ROLLBACK_COMPLETE|CREATE_FAILED)$/);
    const reason = second.reasons.find((each) => each.includes(BUYER)) ?? "";
    expect(reason).toMatch(/cost/i);
    expect(reason).toMatch(/deployment/i);
    expect(reason).not.toMatch(/undefined|\{|\bstatus code\b/i);

    await meterUntil(market, at("2026-10-09T12:10Z"), 3);
    expect((await onlyDeployment(market, buyer)).deploymentId).toBe(first.deploymentId);
    const [statement] = await statements(market, buyer);
    expect(exact(statement?.totals.costUsd ?? "")).toBe(costOf("2026-10-05", "2026-10-07"));
    expect(exact(statement?.totals.billedUsd ?? "")).toBeGreaterThan(0n);
    await expectSameBooks(market, buyer);
    expect(market.alarms).toEqual([]);
  });
});
