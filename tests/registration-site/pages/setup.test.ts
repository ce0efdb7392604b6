import { describe, expect, it } from "vitest";
import { aLicense, anOverview, NOW } from "./samples.ts";
import { aSite } from "./site.ts";

const choice = { plan: "share", region: "eu-central-1", size: "dev" };

describe("the set-up page", () => {
  it("shows plan, price, an example, every permission, the template's version and hash", async () => {
    const site = aSite();

    const page = await (await site.get("/setup")).text();

    expect(page).toContain("20 % of AWS cost");
    expect(page).toContain("If AWS charges $1,000.00 in a month: 20 % is $200.00");
    expect(page).toContain("reported as 100,000 units of $0.002");
    expect(page).toContain("$19.00 a month");
    expect(page).toContain("ce:GetCostAndUsage");
    expect(page).toContain("sts:ExternalId");
    expect(page).toMatch(/[0-9a-f]{64}/);
    expect(page).toContain("<code>1.0.0</code>");
    expect(page).toMatch(/<form[^>]*action="\/setup\/launch"/);
  });

  it("cannot launch, and offers to look again, while AWS has not confirmed", async () => {
    const site = aSite({
      status: "waiting-for-aws",
      license: aLicense({ activatedAt: undefined }),
    });

    const response = await site.get("/setup");
    const page = await response.text();

    expect(page).toContain("AWS has not confirmed your subscription yet.");
    expect(page).toMatch(/<button[^>]*disabled=""[^>]*>\s*Launch Stack/);
    expect(response.headers.get("refresh")).toBeNull();
    expect((await site.get("/setup?watch")).headers.get("refresh")).toBe("10");
    expect((await site.post("/setup/launch", choice)).headers.get("location")).toBe("/setup");
    expect(site.memory.calls).toEqual([]);
  });

  it("stops refreshing by itself once AWS has confirmed", async () => {
    expect((await aSite().get("/setup?watch")).headers.get("refresh")).toBeNull();
  });

  it("offers only the plan in force once a stack has fixed it", async () => {
    const site = aSite({
      license: aLicense({ plan: { id: "license", since: NOW, fixed: true } }),
      deployments: [anOverview()],
    });

    const page = await (await site.get("/setup")).text();

    expect(page).toContain('value="license"');
    expect(page).not.toContain('value="share"');
  });

  it("saves an e-mail, and keeps a bad one in the field with a sentence", async () => {
    const site = aSite();

    const bad = await site.post("/setup/contact", { email: '"><script>alert(1)</script>' });
    const page = await bad.text();
    const good = await site.post("/setup/contact", { email: " cloud@gmail.com " });

    expect(bad.status).toBe(400);
    expect(page).toContain("Write it like name@example.com");
    expect(page).toContain("&quot;&gt;&lt;script&gt;");
    expect(page).not.toContain("<script>alert");
    expect(good.headers.get("location")).toBe("/setup?contact=saved#contact");
    expect(site.memory.email).toBe("cloud@gmail.com");
  });
});

describe("Launch Stack", () => {
  it("chooses the plan, then shows a fresh code, its expiry, the external ID and the link", async () => {
    const site = aSite();

    const response = await site.post("/setup/launch", choice);
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(site.memory.calls.map(({ name, input }) => [name, input])).toEqual([
      ["choosePlan", "share"],
      ["issueInstallCode", site.memory.license.licenseId],
    ]);
    expect(page).toContain("K7QM-3XRD-9VTA");
    expect(page).toContain("22 November 2026, 09:30 UTC");
    expect(page).toContain("lm-4f0c9b1de2a84b7c9d31");
    expect(page).toMatch(/href="https:\/\/eu-central-1\.console\.aws\.amazon\.com[^"]*Size=dev"/);
    expect(page).toContain("aws cloudformation deploy");
    expect(page).toContain(`/setup/waiting?since=${NOW}`);
  });

  it("launches the plan that earlier stacks have fixed, and says which", async () => {
    const site = aSite({ planAnswer: { kind: "fixed", planId: "license" } });

    const page = await (await site.post("/setup/launch", choice)).text();

    expect(page).toContain("Flat license plan");
  });

  it.each([
    ["plan", { ...choice, plan: "free" }],
    ["region", { ...choice, region: "eu-central-1.evil.example" }],
    ["size", { ...choice, size: "huge" }],
    ["anything", {}],
  ])("refuses a choice of %s that is not on offer", async (_, form) => {
    const site = aSite();

    const response = await site.post("/setup/launch", form);

    expect(response.status).toBe(400);
    expect(site.memory.calls).toEqual([]);
  });

  it.each(["ending", "ended"] as const)("refuses when the subscription is %s", async (status) => {
    const site = aSite({ status });

    const response = await site.post("/setup/launch", choice);

    expect(response.status).toBe(409);
    expect(site.memory.calls).toEqual([]);
  });

  it("leads back to set-up when its page is reloaded by address", async () => {
    const response = await aSite().get("/setup/launch");

    expect([response.status, response.headers.get("location")]).toEqual([303, "/setup#launch"]);
  });
});

describe("waiting for the stack", () => {
  it("looks again by itself until the buyer stops it", async () => {
    const site = aSite();

    expect((await site.get("/setup/waiting?since=1")).headers.get("refresh")).toBe("5");
    expect((await site.get("/setup/waiting?since=1&pause")).headers.get("refresh")).toBeNull();
  });

  it("moves on to a deployment registered since the launch, not to an earlier one", async () => {
    const site = aSite({ deployments: [anOverview()] });
    const { registeredAt } = anOverview().deployment;

    const later = await site.get(`/setup/waiting?since=${registeredAt + 1}`);
    const since = await site.get(`/setup/waiting?since=${registeredAt}`);

    expect(later.status).toBe(200);
    expect(since.headers.get("location")).toBe("/deployments/d-7f3a9c2e51b8");
  });

  it("takes a nonsensical time for none", async () => {
    const response = await aSite().get("/setup/waiting?since=%22%3E%3Cscript%3E");

    expect(await response.text()).toContain("/setup/waiting?since=0");
  });
});

describe("hostile values from AWS or the configuration", () => {
  const hostile = '"><img src=x onerror=alert(1)>';

  it("are escaped wherever they are shown", async () => {
    const site = aSite({
      deployments: [
        anOverview(
          { settings: { [hostile]: hostile }, readProblem: hostile },
          { region: hostile, stackId: hostile, readRoleArn: hostile, templateVersion: hostile },
        ),
      ],
    });

    for (const path of ["/deployments", "/deployments/d-7f3a9c2e51b8"]) {
      const page = await (await site.get(path)).text();
      expect(page, path).not.toContain("<img");
      expect(page, path).toContain("&lt;img");
    }
  });
});
