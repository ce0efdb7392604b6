import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../registration-site/app.tsx";
import { deploymentIdOf } from "../../registration-site/authenticate-callback.ts";
import {
  anActiveLicense,
  aPayload,
  aProduct,
  aRoleSession,
  aStackId,
  aWorld,
  AUDIENCE,
  BUYER,
  licenseArnOf,
  OTHER_ACCOUNT,
  signedEnvelope,
  tokenTable,
  useCasesOf,
  type World,
} from "./core-world.ts";
import { startStrictSts, type StrictSts } from "./strict-sts.ts";

/** The pages over the real use cases: what a buyer's browser and stack do, in order. */
let sts: StrictSts;
beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());

const LICENSE_ID = `l-${"c".repeat(32)}`;
const { productCode } = aProduct().listing;

let world: World;
let app: ReturnType<typeof createApp>;
let cookie: string;
beforeEach(async () => {
  world = aWorld(sts, {
    marketplace: tokenTable({
      "a-token": {
        kind: "resolved",
        licenseArn: licenseArnOf(LICENSE_ID),
        productCode,
        buyerAccountId: BUYER,
      },
    }),
  });
  app = createApp({
    useCases: useCasesOf(world),
    product: world.product,
    template: () => ({
      version: "1.0.0",
      sha256: "ab".repeat(32),
      url: "https://templates.s3.us-east-1.amazonaws.com/1.0.0.json",
      permissions: [],
      resources: [],
      regions: world.product.launchStack.regions,
      sizes: world.product.launchStack.sizes,
    }),
    launchUrl: ({ region }) => `https://${region}.console.aws.amazon.com/`,
    origin: AUDIENCE,
    marketplaceUrl: "https://console.aws.amazon.com/marketplace",
    clock: world.clock,
    secureCookies: true,
    log: world.log,
  });
  cookie = await register("a-token");
});

const formBody = (fields: Record<string, string>) => ({
  method: "POST",
  body: new URLSearchParams(fields).toString(),
});

async function register(token: string): Promise<string> {
  const response = await app.request("/", {
    ...formBody({ "x-amzn-marketplace-token": token }),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/setup"]);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

const get = async (path: string) => app.request(path, { headers: { cookie } });

/** Sends a form of the page, with the CSRF token that the page holds. */
async function submit(page: string, path: string, fields: Record<string, string>) {
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  return app.request(path, {
    ...formBody({ csrf, ...fields }),
    headers: {
      cookie,
      origin: AUDIENCE,
      "content-type": "application/x-www-form-urlencoded",
    },
  });
}

async function launch(): Promise<{ installCode: string; waitingUrl: string }> {
  const setup = await (await get("/setup")).text();
  const choice = { plan: "flat", region: "eu-central-1", size: "dev" };
  const page = await (await submit(setup, "/setup/launch", choice)).text();
  const installCode = /id="install-code">([^<]+)</.exec(page)?.[1] ?? "";
  const waitingUrl = /href="(\/setup\/waiting[^"]*)"/.exec(page)?.[1] ?? "";
  return { installCode, waitingUrl };
}

async function callback(accountId: string, installCode: string): Promise<string> {
  const stackId = aStackId({ accountId });
  const envelope = await signedEnvelope(
    aRoleSession(sts, { accountId }),
    aPayload({ stackId, installCode }),
  );
  const response = await app.request("/callback", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(envelope),
  });
  expect(await response.json()).toMatchObject({ deploymentId: deploymentIdOf(stackId) });
  return `/deployments/${deploymentIdOf(stackId)}`;
}

describe("a buyer", () => {
  it("waits for AWS, and can launch once it has confirmed", async () => {
    const before = await (await get("/setup")).text();
    await anActiveLicense(world, { licenseId: LICENSE_ID });
    const after = await (await get("/setup")).text();

    expect(before).toContain("AWS has not confirmed your subscription yet.");
    expect(after).not.toContain("AWS has not confirmed");
  });

  it("launches, waits, and is led to the deployment that the stack registered", async () => {
    await anActiveLicense(world, { licenseId: LICENSE_ID });
    const { installCode, waitingUrl } = await launch();
    expect((await get(waitingUrl)).headers.get("refresh")).toBe("5");

    const deployment = await callback(BUYER, installCode);
    const arrived = await get(waitingUrl);
    const page = await (await get(deployment)).text();
    const setup = await (await get("/setup")).text();

    expect(arrived.headers.get("location")).toBe(deployment);
    expect(page).toContain("Running");
    expect(page).toContain("<code>flat</code>");
    expect(setup).toContain('value="flat"');
    expect(setup).not.toContain('value="share"');
  });

  it("confirms a stack in another account of theirs", async () => {
    await anActiveLicense(world, { licenseId: LICENSE_ID });
    const { installCode } = await launch();
    const deployment = await callback(OTHER_ACCOUNT, installCode);
    const asked = await (await get(deployment)).text();

    const decided = await submit(asked, `${deployment}/decision`, { decision: "confirm" });

    expect(asked).toContain(`Is account ${OTHER_ACCOUNT} yours?`);
    expect(decided.headers.get("location")).toBe(deployment);
    expect(await (await get(deployment)).text()).toContain("Running");
  });

  it("who signs out has to come back through AWS Marketplace", async () => {
    await anActiveLicense(world, { licenseId: LICENSE_ID });
    const setup = await (await get("/setup")).text();

    await submit(setup, "/logout", {});

    expect((await get("/setup")).status).toBe(401);
    cookie = await register("a-token");
    expect((await get("/setup")).status).toBe(200);
  });

  it("leaves no token, code or session token in the log", async () => {
    await anActiveLicense(world, { licenseId: LICENSE_ID });
    const { installCode } = await launch();
    await callback(BUYER, installCode);

    const log = world.lines.join("\n");
    for (const secret of ["a-token", installCode, cookie.split("=")[1] ?? "", "token+of/session"]) {
      expect(log).not.toContain(secret);
    }
  });
});
