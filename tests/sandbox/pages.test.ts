import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aProduct, aSandbox, BUYER, OTHER_ACCOUNT } from "./a-sandbox.ts";

interface Browsing {
  readonly cookie?: string;
  readonly origin?: string;
}

const get = (sandbox: Sandbox, path: string, { cookie }: Browsing = {}) =>
  fetch(new URL(path, sandbox.origin), {
    redirect: "manual",
    ...(cookie === undefined ? {} : { headers: { cookie } }),
  });

const post = (
  sandbox: Sandbox,
  path: string,
  fields: Record<string, string> = {},
  { cookie = "", origin = sandbox.origin }: Browsing = {},
) =>
  fetch(new URL(path, sandbox.origin), {
    method: "POST",
    redirect: "manual",
    headers: { cookie, origin, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields),
  });

const LISTING = `/marketplace/${aProduct.productId}`;
const tokenIn = (html: string) => /name="x-amzn-marketplace-token" value="(\w+)"/.exec(html)?.[1];

describe("the buyer's pages", () => {
  it("lead from the listing to a real form for the seller's fulfillment URL", async () => {
    const sandbox = await aSandbox();

    const listing = await (await get(sandbox, LISTING)).text();
    const subscribed = await post(sandbox, `${LISTING}/subscribe`);
    const setUp = await get(sandbox, subscribed.headers.get("location") ?? "");
    const html = await setUp.text();

    expect(listing).toContain("AwsCostShare");
    expect(listing).toContain("$0.01");
    expect(subscribed.status).toBe(303);
    expect(html).toContain(`<form method="post" action="${aProduct.fulfillmentUrl as string}">`);
    expect(tokenIn(html)).toMatch(/^\w{96}$/);
    expect(setUp.headers.get("content-security-policy")).toContain(
      "form-action 'self' http://127.0.0.1:9",
    );
    expect(await sandboxControl(sandbox.origin).agreements()).toMatchObject([
      { buyerAccountId: BUYER, status: "ACTIVE" },
    ]);
  });

  it("keep a token for a reload and give a new one to a buyer who comes back", async () => {
    const sandbox = await aSandbox();
    await post(sandbox, `${LISTING}/subscribe`);
    const token = async () =>
      tokenIn(await (await get(sandbox, "/marketplace/subscriptions")).text());

    const [first, reloaded] = [await token(), await token()];
    await sandboxControl(sandbox.origin).moveClock({ advanceBy: 3_600_000 });

    expect(reloaded).toBe(first);
    expect(await token()).not.toBe(first);
  });

  it("cancel a subscription, once", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { agreementId } = await control.subscribe();
    const path = `/marketplace/agreements/${agreementId}/cancel`;

    const answers = [await post(sandbox, path), await post(sandbox, path)];

    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await control.agreements()).toMatchObject([{ status: "CANCELLED" }]);
    expect(await (await get(sandbox, "/marketplace/subscriptions")).text()).not.toContain(
      "Set up your account",
    );
  });

  it("belong to the account that the browser is signed in as", async () => {
    const sandbox = await aSandbox();
    await post(sandbox, `${LISTING}/subscribe`);
    const signedIn = await post(sandbox, "/account", { accountId: OTHER_ACCOUNT, back: LISTING });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    const [agreement] = await sandboxControl(sandbox.origin).agreements();

    const other = await get(sandbox, "/marketplace/subscriptions", { cookie });
    const foreign = await get(sandbox, `/marketplace/agreements/${agreement?.agreementId}`, {
      cookie,
    });

    expect(cookie).toBe(`sandbox-account=${OTHER_ACCOUNT}`);
    expect(signedIn.headers.get("location")).toBe(LISTING);
    expect(await other.text()).toContain("This account has no subscription");
    expect(foreign.status).toBe(404);
  });

  it("never redirect to another host, and refuse an account that isn't there", async () => {
    const sandbox = await aSandbox();
    const leave = await post(sandbox, "/account", { accountId: BUYER, back: "//evil.example" });

    expect(leave.headers.get("location")).toBe("/");
    expect((await post(sandbox, "/account", { accountId: "000000000000" })).status).toBe(400);
  });

  it("take no form from another site", async () => {
    const sandbox = await aSandbox();
    const forged = await post(
      sandbox,
      `${LISTING}/subscribe`,
      {},
      { origin: "https://evil.example" },
    );

    expect(forged.status).toBe(403);
    expect(await sandboxControl(sandbox.origin).agreements()).toEqual([]);
  });

  it("move the clock from the start page, forward only", async () => {
    const sandbox = await aSandbox();
    const before = sandbox.clock.now();

    expect((await post(sandbox, "/clock", { hours: "24" })).status).toBe(303);
    expect((await post(sandbox, "/clock", { hours: "-1" })).status).toBe(400);
    expect(sandbox.clock.now() - before).toBeGreaterThanOrEqual(86_400_000);
  });

  it("answer an unknown listing with 404", async () => {
    const sandbox = await aSandbox();

    expect((await get(sandbox, "/marketplace/prod-unknown")).status).toBe(404);
    expect((await post(sandbox, "/marketplace/prod-unknown/subscribe")).status).toBe(404);
  });
});

describe("the control API", () => {
  it("tells identities, endpoints and how to point an SDK here", async () => {
    const sandbox = await aSandbox();

    expect(await sandboxControl(sandbox.origin).identity()).toMatchObject({
      origin: sandbox.origin,
      lifecycleQueueUrl: sandbox.lifecycleQueueUrl,
      seller: sandbox.sellerCredentials,
      buyers: [{ accountId: BUYER }, { accountId: OTHER_ACCOUNT }],
      environment: { AWS_ENDPOINT_URL: sandbox.origin },
    });
  });

  it("suspends and resumes a license by the l-… of its ARN", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { licenseArn } = await control.subscribe();
    const id = licenseArn.split(":").at(-1) ?? "";

    expect(await control.suspend(id)).toMatchObject({ licenseArn, suspended: true });
    expect(await control.resume(licenseArn)).toMatchObject({ suspended: false });
    await expect(control.suspend("l-0")).rejects.toThrow("There is no license l-0.");
  });

  it("refuses a second cancel, unknown products and paths, and bodies that aren't JSON", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { agreementId } = await control.subscribe();
    await control.cancel(agreementId);
    const plain = await fetch(`${sandbox.origin}/_sandbox/agreements`, {
      method: "POST",
      body: "{}",
    });
    const unknown = await fetch(`${sandbox.origin}/_sandbox/nothing`);

    await expect(control.cancel(agreementId)).rejects.toThrow(/has ended/);
    await expect(control.subscribe({ productCode: "none" })).rejects.toThrow(/no product/);
    await expect(control.cancel("agmt-none")).rejects.toThrow(/There is no agreement/);
    expect([plain.status, unknown.status]).toEqual([415, 404]);
  });
});
