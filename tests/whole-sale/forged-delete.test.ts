import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it, onTestFinished } from "vitest";
import { licenseIdOf } from "../../metering/domain/license.ts";
import product from "../../product.config.ts";
import { startWorld, type World } from "../../scripts/local/world.ts";
import {
  browser,
  buyersCloudFormation,
  createStack,
  hiddenField,
  readLaunchLink,
  watchStack,
} from "../../scripts/play/buyer.ts";
import { signProof } from "../../template-src/launch-stack/callback/sign-proof.ts";
import { focusText } from "./focus-files.ts";

/** A buyer who proves a Delete without deleting anything, over the wires of a whole world. */

const BUYER = "111122223333";
const REGION = "eu-central-1";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 2, 1) - 4 * HOUR;
/** 20 % of $10 a day at $0.002 a unit. */
const UNITS_A_DAY = 1_000;

it("goes on being metered, and is not billed twice when another license takes the account", async () => {
  const world = await aWorld();
  const first = await aSale(world, "first-stack");
  await days(world, 5);
  const [deployment] = await world.seller.licenses.deployments(first.licenseId);
  if (deployment === undefined) throw new Error("the stack did not register");
  const before = await first.units();
  expect(before).toBeGreaterThan(0);

  expect(await forgedDelete(world, deployment)).toBe(200);
  await days(world, 5);

  // AWS's figures follow a day or two behind.
  const forged = await first.units();
  expect(forged - before).toBe(5 * UNITS_A_DAY);

  const second = await aSale(world, "second-stack");
  await days(world, 5);

  expect(await first.units()).toBe(forged);
  expect(await second.units()).toBeGreaterThan(0);
  const passed = Math.floor((world.sandbox.clock.now() - START) / DAY);
  expect((await first.units()) + (await second.units())).toBeLessThan(passed * UNITS_A_DAY);
});

async function aWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "launchmeter-forged-"));
  const world = await startWorld({
    product,
    dataDir: folder,
    sitePort: 0,
    sandboxPort: 0,
    startAt: START,
    seed: 1,
    log: () => undefined,
    alarm: () => undefined,
  });
  onTestFinished(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "cost.csv");
  const march = Array.from({ length: 31 }, (_, n) => new Date(START + (n + 1) * DAY));
  const rows = march.map((day) => ({
    ChargePeriodStart: `${day.toISOString().slice(0, 10)}T00:00:00Z`,
    BilledCost: "10",
    SubAccountId: BUYER,
  }));
  writeFileSync(file, focusText(rows));
  await world.control.addCostSource({ file, accountId: BUYER });
  return world;
}

async function aSale({ control, sandbox, seller }: World, stackName: string) {
  const { agreementId, licenseArn } = await control.subscribe({ accountId: BUYER });
  const licenseId = licenseIdOf(licenseArn);
  const site = browser(seller.origin);
  const token = await control.registrationToken(agreementId);
  await site.post("/", { "x-amzn-marketplace-token": token });
  await expect
    .poll(async () => (await seller.licenses.get(licenseId))?.activatedAt, { timeout: 15_000 })
    .toBeDefined();
  const csrf = hiddenField(await site.get("/setup"), "csrf");
  const choice = { plan: "share", region: REGION, size: "dev" };
  const link = readLaunchLink(await site.post("/setup/launch", { csrf, ...choice }));
  const client = buyersCloudFormation(sandbox, BUYER, REGION);
  await createStack(client, { ...link, stackName });
  expect(await watchStack(client, stackName, () => undefined)).toBe("CREATE_COMPLETE");
  const units = async () =>
    (await control.meteringRecords(licenseArn)).reduce((sum, { quantity }) => sum + quantity, 0);
  return { licenseId, units };
}

/** Twice on each of the next days: what is read in the one pass may be billed in the next. */
async function days({ control, sandbox, seller }: World, count: number): Promise<void> {
  for (let day = 0; day < count; day += 1) {
    const midnight = (Math.floor(sandbox.clock.now() / DAY) + 1) * DAY;
    for (const hour of [13, 22]) {
      await control.moveClock({ advanceTo: midnight + hour * HOUR });
      await seller.meterAll();
    }
  }
}

/** Anybody in the account may make a role whose name begins like the stack's, and sign with it. */
async function forgedDelete(
  { control, sandbox, seller }: World,
  { stackId, templateVersion }: { stackId: string; templateVersion: string },
): Promise<number> {
  const own = { Effect: "Allow", Action: "sts:AssumeRole" } as const;
  const RoleArn = await control.createRole({
    accountId: BUYER,
    name: "first-stack-forged",
    trustPolicy: {
      Statement: [{ ...own, Principal: { AWS: `arn:aws:iam::${BUYER}:root` } }],
    },
  });
  const sts = new STSClient({
    region: REGION,
    endpoint: sandbox.origin,
    credentials: sandbox.buyerCredentials(BUYER),
    systemClockOffset: sandbox.clock.now() - Date.now(),
  });
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "forger" }),
  );
  const payload = JSON.stringify({
    version: 1,
    requestType: "Delete",
    requestId: "forged-request",
    stackId,
    logicalResourceId: "Registration",
    installCode: "",
    templateVersion,
    resources: {},
  });
  const proof = signProof({
    credentials: {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    },
    region: REGION,
    stsHost: `sts.${REGION}.amazonaws.com`,
    audience: seller.origin,
    payload,
    now: new Date(sandbox.clock.now()),
  });
  const body = JSON.stringify({ payload, proof });
  const answer = await fetch(`${seller.origin}/callback`, { method: "POST", body });
  return answer.status;
}
