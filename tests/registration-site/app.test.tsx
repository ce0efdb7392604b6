import { describe, expect, it } from "vitest";
import { assets } from "../../registration-site/views/assets.ts";
import { refusals } from "../../registration-site/views/refusals.ts";
import { anOverview, aStatement } from "./pages/samples.ts";
import { aSite, ORIGIN, SESSION_TOKEN } from "./pages/site.ts";

const TOKEN = "AKLJ8s7df98sd7f%2Bregistration%2Ftoken==";

const fulfillment = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: {
    "content-type": "application/x-www-form-urlencoded",
    // The form is on AWS's page, not on ours.
    origin: "https://aws.amazon.com",
    "sec-fetch-site": "cross-site",
    ...headers,
  },
  body: new URLSearchParams(fields).toString(),
});

describe("the fulfillment address", () => {
  it("answers AWS's checker, a stranger's GET, with 200, an e-mail field, a way in and support", async () => {
    const response = await aSite().app.request("/");
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toMatch(/<input[^>]*type="email"/);
    expect(page).toContain("Log in through AWS Marketplace");
    expect(page).toContain("support@fernhollow.example.com");
  });

  it("also answers HEAD", async () => {
    expect((await aSite().app.request("/", { method: "HEAD" })).status).toBe(200);
  });

  it("leads a signed-in buyer on to set-up", async () => {
    const page = await (await aSite().get("/")).text();

    expect(page).toContain("Continue to set-up");
  });

  it("registers with AWS's token and offer hint, and answers 303 with a __Host- cookie", async () => {
    const site = aSite();

    const response = await site.app.request(
      "/",
      fulfillment({
        "x-amzn-marketplace-token": TOKEN,
        "x-amzn-marketplace-offer-type": "free-trial",
        "x-amzn-marketplace-agreement-id": "agmt-ignored",
      }),
    );

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/setup");
    expect(site.memory.calls).toEqual([
      { name: "register", input: { registrationToken: TOKEN, freeTrialHint: true } },
    ]);
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toContain(`__Host-session=${SESSION_TOKEN}`);
    for (const attribute of ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"]) {
      expect(cookie).toContain(attribute);
    }
    expect(cookie).not.toContain("Domain");
  });

  it("uses a plain cookie name without Secure on http, where browsers refuse __Host-", async () => {
    const { app } = aSite({}, { secureCookies: false });

    const response = await app.request("/", fulfillment({ "x-amzn-marketplace-token": TOKEN }));

    expect(response.headers.get("set-cookie")).toMatch(/^session=/);
    expect(response.headers.get("set-cookie")).not.toContain("Secure");
  });

  it("keeps the token out of cookies, addresses, pages and the log", async () => {
    const site = aSite({ registration: { kind: "invalid-token" } });

    const response = await site.app.request(
      "/",
      fulfillment({ "x-amzn-marketplace-token": TOKEN }),
    );

    const everything = JSON.stringify([
      await response.text(),
      [...response.headers.entries()],
      site.logged,
    ]);
    expect(everything).not.toContain("AKLJ8s7df98sd7f");
  });

  const outcomes = [
    ["expired-token", 410],
    ["invalid-token", 400],
    ["other-product", 400],
    ["unavailable", 503],
  ] as const;
  it.each(outcomes)("answers %s with %i, what it means and what to do", async (kind, status) => {
    const site = aSite({
      registration: kind === "other-product" ? { kind, productCode: "<b>theirs</b>" } : { kind },
    });

    const response = await site.app.request(
      "/",
      fulfillment({ "x-amzn-marketplace-token": TOKEN }),
    );
    const page = await response.text();

    expect(response.status).toBe(status);
    expect(page).toContain("What it means");
    expect(page).toContain("What to do");
    expect(page).toContain("https://console.aws.amazon.com/marketplace/home#/subscriptions");
    expect(page).not.toContain("theirs");
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "60" : null);
  });

  it("answers a form without the token with 400", async () => {
    const response = await aSite().app.request("/", fulfillment({}));

    expect(response.status).toBe(400);
    expect(await response.text()).toContain(refusals["missing-token"].title);
  });

  it("refuses a body that is no form, and one that is too large", async () => {
    const { app, memory } = aSite();
    const json = await app.request("/", fulfillment({}, { "content-type": "application/json" }));
    const large = await app.request(
      "/",
      fulfillment({ "x-amzn-marketplace-token": "a".repeat(70_000) }),
    );

    expect([json.status, large.status]).toEqual([415, 413]);
    expect(memory.calls).toEqual([]);
  });

  it("refuses other methods and says which are allowed", async () => {
    const response = await aSite().app.request("/", { method: "PUT" });

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
  });
});

describe("every answer", () => {
  const pages = ["/", "/template", "/setup", "/nowhere", "/statements", "/healthz"];
  it.each(pages)("carries the security headers at %s", async (path) => {
    const { headers } = await aSite().get(path);

    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("strict-transport-security")).toMatch(/max-age=\d{8}/);
    expect(headers.get("cache-control")).toBe("private, no-store");
  });

  it("does not ask for https on plain http", async () => {
    const { headers } = await aSite({}, { secureCookies: false }).get("/");

    expect(headers.get("strict-transport-security")).toBeNull();
  });

  it("has neither inline script nor inline style", async () => {
    const site = aSite({ deployments: [anOverview()], statements: [aStatement()] });
    for (const path of ["/", "/setup", "/deployments/d-7f3a9c2e51b8", "/statements/2026-11"]) {
      const page = await (await site.get(path)).text();
      expect(page, path).not.toMatch(/<style|<script(?![^>]*src=)|\sstyle=|\son\w+=/);
    }
  });

  it("is uncached unless its address holds a hash of its content", async () => {
    const { app } = aSite();
    for (const { path, contentType } of Object.values(assets)) {
      const response = await app.request(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(contentType);
      expect(response.headers.get("cache-control")).toContain("immutable");
    }
    expect((await app.request("/assets/site.0000000000000000.css")).status).toBe(404);
  });

  it("hides an exception behind a reference that the log explains", async () => {
    const site = aSite(
      {},
      {
        template: () => {
          throw new Error("secret table name");
        },
      },
    );

    const response = await site.get("/template");
    const page = await response.text();

    expect(response.status).toBe(500);
    expect(page).not.toContain("secret table name");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const [entry] = site.logged;
    expect(JSON.stringify(entry)).toContain("secret table name");
    expect(page).toContain((entry?.fields as { reference: string }).reference);
  });

  it("says 404 in words for an unknown address, without repeating it", async () => {
    const response = await aSite().app.request("/%3Cscript%3Ealert(1)%3C/script%3E");

    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain("alert(1)");
  });
});

describe("a session", () => {
  const privatePages = [
    "/setup",
    "/setup/waiting",
    "/deployments",
    "/deployments/d-7f3a9c2e51b8",
    "/statements",
    "/statements/2026-11",
    "/statements/2026-11.csv",
    "/statements/2026-11.json",
  ];
  it.each(privatePages)("is needed for %s", async (path) => {
    const site = aSite({ deployments: [anOverview()], statements: [aStatement()] });

    const stranger = await site.app.request(path);
    const forged = await site.get(path, { cookie: "__Host-session=forged" });

    expect([stranger.status, forged.status]).toEqual([401, 401]);
    expect(await stranger.text()).toContain("Set up your account");
  });

  it("ends on the server and in the browser when the buyer signs out", async () => {
    const site = aSite();

    const response = await site.post("/logout");

    expect(response.status).toBe(303);
    expect(response.headers.get("set-cookie")).toMatch(/__Host-session=;.*Max-Age=0/);
    expect((await site.get("/setup")).status).toBe(401);
  });
});

describe("a form", () => {
  const forms: [path: string, fields: Record<string, string>][] = [
    ["/logout", {}],
    ["/setup/contact", { email: "a@example.com" }],
    ["/setup/launch", { plan: "share", region: "eu-central-1", size: "dev" }],
    ["/deployments/d-7f3a9c2e51b8/decision", { decision: "confirm" }],
  ];
  const attacks: [what: string, headers: Record<string, string>, csrf: string | undefined][] = [
    ["from another origin", { origin: "https://evil.example" }, undefined],
    ["from an opaque origin", { origin: "null" }, undefined],
    ["without a CSRF token", {}, ""],
    ["with another session's CSRF token", {}, "cS9f".repeat(11)],
  ];
  for (const [path, fields] of forms) {
    it.each(attacks)(
      `at ${path} sent %s is refused and changes nothing`,
      async (_, headers, csrf) => {
        const site = aSite({ deployments: [anOverview()] });

        const response = await site.post(
          path,
          csrf === undefined ? fields : { ...fields, csrf },
          headers,
        );

        expect(response.status).toBe(403);
        expect(site.memory.calls).toEqual([]);
      },
    );

    it(`at ${path} without a session is refused and changes nothing`, async () => {
      const site = aSite({ deployments: [anOverview()] });

      const response = await site.post(path, fields, { cookie: "" });

      expect(response.status).toBe(401);
      expect(site.memory.calls).toEqual([]);
    });
  }

  it("is recognised as foreign by Sec-Fetch-Site where Origin is missing", async () => {
    const { app } = aSite();
    const send = (site: string) =>
      app.request("/email", {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "sec-fetch-site": site,
        },
        body: "email=a%40example.com",
      });

    expect((await send("cross-site")).status).toBe(403);
    expect((await send("same-origin")).status).toBe(303);
  });

  it("keeps an e-mail typed before registration in the browser, for set-up to fill in", async () => {
    const site = aSite();
    const kept = await site.app.request("/email", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN },
      body: "email=someone%40gmail.com",
    });
    const cookie = kept.headers.get("set-cookie")?.split(";")[0] ?? "";

    const page = await site.get("/setup", {
      cookie: `__Host-session=${SESSION_TOKEN}; ${cookie}`,
    });

    expect(kept.status).toBe(303);
    expect(await page.text()).toContain('value="someone@gmail.com"');
  });
});
