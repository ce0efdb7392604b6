import { describe, expect, it } from "vitest";
import { aLicense, NOW } from "./samples.ts";
import { aSite } from "./site.ts";

const SINCE = NOW - 18 * 24 * 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 22);

const onShare = aLicense({ plan: { id: "share", since: SINCE, fixed: true } });
const changing = aLicense({
  plan: { id: "license", since: MIDNIGHT, fixed: true },
  earlierPlans: [{ id: "share", since: SINCE, until: MIDNIGHT }],
});

describe("the page of the plan", () => {
  it("shows the plan in force with its price, and from when another one would count", async () => {
    const page = await (await aSite({ license: onShare }).get("/plan")).text();

    expect(page).toMatch(/<b>Pay as you grow<\/b>, 20 % of AWS cost, since/);
    expect(page).toContain("3 November 2026, 09:30 UTC");
    expect(page).toContain("$19.00 a month");
    expect(page).toContain("22 November 2026, 00:00 UTC");
    expect(page).toMatch(/id="plan-share"[^>]*checked/);
    expect(page).not.toContain("instead</button>");
  });

  it("says that a change counts at once while no stack is registered", async () => {
    const picked = aLicense({ plan: { id: "share", since: NOW - 3_600_000 } });
    const page = await (await aSite({ license: picked }).get("/plan")).text();

    expect(page).toContain("Counts at once");
    expect(page).not.toContain("22 November 2026, 00:00 UTC");
  });

  it("shows both plans and both prices while a change is coming, and how to undo it", async () => {
    const site = aSite({ license: changing });
    const page = await (await site.get("/plan")).text();

    expect(page).toMatch(/<b>Pay as you grow<\/b>, 20 % of AWS cost, since/);
    expect(page).toMatch(/From <time[^>]*>22 November 2026, 00:00 UTC<\/time> on: <b>Flat license/);
    expect(page).toContain("Keep Pay as you grow instead");
    expect(page).toMatch(/id="plan-license"[^>]*checked/);

    await site.post("/plan", { plan: "share" });
    expect(site.memory.calls).toEqual([{ name: "changePlan", input: "share" }]);
  });

  it("answers a change with a redirect, and says that it was saved", async () => {
    const site = aSite({ license: onShare });

    const response = await site.post("/plan", { plan: "license" });

    expect([response.status, response.headers.get("location")]).toEqual([303, "/plan?changed"]);
    expect(await (await site.get("/plan?changed")).text()).toContain("Saved.");
  });

  it.each([
    [{ kind: "cost-taken", accountId: "444455556666" } as const, "never billed twice"],
    [{ kind: "hosted-elsewhere", needs: "seller" } as const, "Delete the stack, then change"],
    [{ kind: "hosted-elsewhere", needs: "buyer" } as const, "what we host has to end first"],
  ])("says why a change was refused, and what to do: %j", async (changeAnswer, sentence) => {
    const site = aSite({ license: onShare, changeAnswer });

    const response = await site.post("/plan", { plan: "license" });

    expect(response.status).toBe(409);
    expect((await response.text()).replace(/\s+/g, " ")).toContain(sentence);
  });

  it.each([
    [{ kind: "unknown-plan" } as const, 400],
    [{ kind: "ended" } as const, 409],
  ])("refuses what was never on offer: %j", async (changeAnswer, status) => {
    const response = await aSite({ changeAnswer }).post("/plan", { plan: "<script>" });

    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain("<script>alert");
  });

  it("names a plan that left the product, and lets the buyer pick another", async () => {
    const site = aSite({ license: aLicense({ plan: { id: "gone", since: SINCE, fixed: true } }) });
    const page = await (await site.get("/plan")).text();

    expect(page).toContain("<b>gone</b>");
    expect(page).toContain("not offered any more");
    expect(page).toContain('value="share"');
  });

  it("offers no change after the end, and none to a stranger", async () => {
    const ended = aSite({ status: "ended", license: { ...onShare, endedAt: NOW } });

    expect(await (await ended.get("/plan")).text()).not.toContain("Change plan");
    expect((await aSite().app.request("/plan")).status).toBe(401);
  });

  it("is not changed by a form without the session's token", async () => {
    const site = aSite({ license: onShare });

    const response = await site.post("/plan", { plan: "license", csrf: "forged" });

    expect(response.status).toBe(403);
    expect(site.memory.calls).toEqual([]);
  });
});

describe("the set-up page of a running subscription", () => {
  it("shows the plan that counts now, not the coming one, and leads to its page", async () => {
    const page = await (await aSite({ license: changing }).get("/setup")).text();

    expect(page).toContain('value="share"');
    expect(page).not.toContain('value="license"');
    expect(page).toContain('href="/plan"');
  });
});
