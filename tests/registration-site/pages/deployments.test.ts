import { describe, expect, it } from "vitest";
import { anOverview, aStatement, NOW } from "./samples.ts";
import { aSite } from "./site.ts";

const HERE = "/deployments/d-7f3a9c2e51b8";

describe("the deployment page", () => {
  it("shows what is known before the first figure", async () => {
    const page = await (await aSite({ deployments: [anOverview()] }).get(HERE)).text();

    expect(page).toContain("Running");
    expect(page).toContain("3 November 2026, 14:12 UTC");
    expect(page).toContain("Not yet: AWS publishes a day&#39;s cost up to 24 hours later.");
    expect(page).toContain("Nothing so far.");
    expect(page).toContain("arn:aws:iam::111122223333:role/");
    expect(page).toContain("lm-4f0c9b1de2a84b7c9d31");
    expect(page).toContain("aws cloudformation delete-stack");
  });

  it("shows the last figure and what was charged, with the way to the statement", async () => {
    const site = aSite({
      deployments: [anOverview({ lastCostDay: "2026-11-20", lastReadAt: NOW })],
      statements: [aStatement()],
    });

    const page = await (await site.get(HERE)).text();

    expect(page).toContain("Figures up to 20 November 2026.");
    expect(page).toMatch(/\$113\.98.*for November 2026/s);
    expect(page).toContain('href="/statements/2026-11"');
  });

  it("says in words why the cost could not be read", async () => {
    const site = aSite({ deployments: [anOverview({ readProblem: "The role was deleted." })] });

    expect(await (await site.get(HERE)).text()).toContain("The role was deleted.");
  });

  it("refreshes only while watched, and never once it has ended", async () => {
    const site = aSite({ deployments: [anOverview()] });
    const ended = aSite({ deployments: [anOverview({}, { state: "ended", endedAt: NOW })] });

    expect((await site.get(HERE)).headers.get("refresh")).toBeNull();
    expect((await site.get(`${HERE}?watch`)).headers.get("refresh")).toBe("10");
    expect((await ended.get(`${HERE}?watch`)).headers.get("refresh")).toBeNull();
  });

  it("offers an update only when the published version differs", async () => {
    const older = aSite({ deployments: [anOverview({}, { templateVersion: "0.9.0" })] });
    const newest = aSite({ deployments: [anOverview()] });

    expect(await (await older.get(HERE)).text()).toContain("Replace existing template");
    expect(await (await newest.get(HERE)).text()).not.toContain("Replace existing template");
  });

  it("answers 404 for a deployment that this subscription does not have", async () => {
    const response = await aSite().get(HERE);

    expect(response.status).toBe(404);
  });
});

describe("a deployment in another account", () => {
  const foreign = anOverview({}, { accountId: "444455556666", state: "awaiting-confirmation" });

  it("asks the holder, naming both accounts", async () => {
    const page = await (await aSite({ deployments: [foreign] }).get(HERE)).text();

    expect(page).toContain("Is account 444455556666 yours?");
    expect(page).toContain("<code>111122223333</code>");
    expect(page).toContain("nothing is charged");
  });

  it.each(["confirm", "reject"])(
    "is decided by %s and leads back to the page",
    async (decision) => {
      const site = aSite({ deployments: [foreign] });

      const response = await site.post(`${HERE}/decision`, { decision });

      expect([response.status, response.headers.get("location")]).toEqual([303, HERE]);
      expect(site.memory.calls).toEqual([
        { name: "confirmDeployment", input: { deploymentId: "d-7f3a9c2e51b8", decision } },
      ]);
    },
  );

  it("is not decided by anything else", async () => {
    const site = aSite({ deployments: [foreign] });

    expect((await site.post(`${HERE}/decision`, { decision: "maybe" })).status).toBe(400);
    expect(site.memory.calls).toEqual([]);
  });

  it("is not asked about once it runs", async () => {
    const page = await (await aSite({ deployments: [anOverview()] }).get(HERE)).text();

    expect(page).not.toContain("/decision");
  });
});
