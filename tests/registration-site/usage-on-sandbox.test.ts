import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it, onTestFinished } from "vitest";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { defineProduct, perUnit } from "../../product/define-product.ts";
import example from "../../product.config.ts";
import { startWorld, type World } from "../../scripts/local/world.ts";
import {
  browser,
  buyersCloudFormation,
  createStack,
  deleteStack,
  hiddenField,
  readLaunchLink,
  watchStack,
} from "../../scripts/play/buyer.ts";
import { usageClient, UsageNotSent, type UsageToSend } from "../../usage-client/usage-client.ts";
import { eventually } from "../whole-sale/a-world.ts";
import { temporaryFolder } from "../whole-sale/run-launchmeter.ts";

const BUYER = "111122223333";
const REGION = "eu-central-1";
const METER = "video_minutes";
const MINUTES = 60_000;
const HOURS = 60 * MINUTES;

/** The example, sold by the minute: $0.004 each beyond 100, in cents. */
const { title, name, listing, seller, launchStack } = example;
const product = defineProduct({
  ...{ title, name, listing, seller, launchStack },
  plans: [
    {
      id: "minutes",
      title: "By the minute",
      summary: "What you watch.",
      charges: [
        perUnit({
          id: "watched",
          dimension: "license_cents",
          meter: METER,
          unitPrice: "0.004",
          included: "100",
        }),
      ],
    },
  ],
});

async function openWorld(dataDir: string, startAt = Date.parse("2026-10-05T08:10Z")) {
  const world = await startWorld({
    product,
    dataDir,
    sitePort: 0,
    sandboxPort: 0,
    startAt,
    seed: 7,
    log: () => undefined,
    alarm: (alarm) => {
      throw new Error(alarm.message);
    },
  });
  let open = true;
  const close = async () => {
    if (open) await world.close();
    open = false;
  };
  onTestFinished(close);
  return { ...world, close };
}

/** Subscribes, registers, launches; answers the license and what the stack knows of itself. */
async function launched({ control, seller, sandbox }: World) {
  const { licenseArn, registrationToken } = await control.subscribe({ accountId: BUYER });
  const site = browser(seller.origin);
  await site.post("/", { "x-amzn-marketplace-token": registrationToken });
  const licenseId = licenseIdOf(licenseArn);
  await eventually("the activation", async () => {
    if ((await seller.licenses.get(licenseId))?.activatedAt !== undefined) return true;
    await control.moveClock({ advanceBy: 1_000 });
    return undefined;
  });
  const csrf = hiddenField(await site.get("/setup"), "csrf");
  const form = { csrf, plan: "minutes", region: REGION, size: "dev" };
  const client = buyersCloudFormation(sandbox, BUYER, REGION);
  await createStack(client, readLaunchLink(await site.post("/setup/launch", form)));
  expect(await watchStack(client, product.name, () => undefined)).toBe("CREATE_COMPLETE");
  const [deployment] = await seller.licenses.deployments(licenseId);
  if (deployment === undefined) throw new Error("no deployment");
  return { licenseId, licenseArn, deployment };
}

/** Credentials of a role of the stack, as its compute would have them. */
async function stackCredentials({ control, sandbox }: World, roleName: string) {
  const roleArn = await control
    .createRole({
      accountId: BUYER,
      name: roleName,
      trustPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${BUYER}:root` },
            Action: "sts:AssumeRole",
          },
        ],
      },
    })
    .catch(() => `arn:aws:iam::${BUYER}:role/${roleName}`);
  const sts = new STSClient({
    region: REGION,
    endpoint: sandbox.origin,
    credentials: sandbox.buyerCredentials(BUYER),
    systemClockOffset: sandbox.clock.now() - Date.now(),
  });
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "product" }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

const aClient = (world: World, stackId: string, roleName = `${product.name}-Product-1A2B3C`) =>
  usageClient({
    site: world.seller.origin,
    stackId,
    region: REGION,
    credentials: () => stackCredentials(world, roleName),
    now: () => new Date(world.sandbox.clock.now()),
  });

let made = 0;
const used = (world: World, quantity: string): UsageToSend => ({
  id: `e-${(made += 1)}`,
  type: `com.example.usage.${METER}`,
  time: new Date(world.sandbox.clock.now()).toISOString(),
  data: { quantity },
});

it("a product's usage goes from its stack's role to a metering record, once", async () => {
  const world = await openWorld(temporaryFolder(onTestFinished));
  const { control, sandbox, seller } = world;
  const { deployment, licenseId, licenseArn } = await launched(world);
  const client = aClient(world, deployment.stackId);
  const events = [used(world, "100"), used(world, "2.75"), used(world, "5")];

  const results = await client.send(events);
  const again = await client.send(events);

  expect(results.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted", "accepted"]);
  expect(results[0]?.source).toBe(`urn:launchmeter:deployment:${deployment.deploymentId}`);
  expect(again.map(({ verdict }) => verdict)).toEqual(["duplicate", "duplicate", "duplicate"]);
  await control.moveClock({ advanceBy: 3 * HOURS });
  await seller.meterAll();
  // 7.75 minutes beyond the 100 included come to $0.031: three cents, and a tenth is carried.
  const quantities = async () =>
    (await control.meteringRecords(licenseArn)).map(({ quantity }) => quantity);
  expect(await quantities()).toEqual([3]);

  // Late, and under a token of its own, since the first one has ended.
  await control.moveClock({ advanceTo: Date.parse("2026-11-02T00:30Z") });
  await seller.meterAll();
  const late = { ...used(world, "2.5"), time: "2026-10-20T10:00:00Z" };
  expect(await client.send([late])).toMatchObject([{ verdict: "accepted" }]);
  await control.moveClock({ advanceBy: 2 * HOURS });
  await seller.meterAll();
  expect(await quantities()).toEqual([3, 1]);
  expect(await seller.usage.month(licenseId, METER, "2026-10")).toMatchObject({
    hours: { "2026-10-20T10": "2.5" },
  });

  await expect(aClient(world, deployment.stackId, "other-role").send(events)).rejects.toThrow(
    "not a role of this stack",
  );
  await deleteStack(buyersCloudFormation(sandbox, BUYER, REGION), product.name);
  await expect(client.send([used(world, "1")])).rejects.toBeInstanceOf(UsageNotSent);
});

it("the seller imports what a product couldn't send, while nothing else holds the store", async () => {
  const dataDir = temporaryFolder(onTestFinished);
  const world = await openWorld(dataDir);
  const { licenseId } = await launched(world);
  const file = join(dataDir, "usage.csv");
  const time = new Date(world.sandbox.clock.now()).toISOString();
  const rows = ["1", "2.5", "-1"].map((quantity, n) => `i${n},${time},${METER},${quantity}`);
  writeFileSync(file, ["id,time,meter,quantity", ...rows].join("\n"));
  writeFileSync(
    join(dataDir, "product.config.ts"),
    `import { defineProduct } from ${JSON.stringify(resolve("product/define-product.ts"))};
     export default defineProduct(${JSON.stringify(product)});`,
  );
  const run = (...args: string[]) =>
    launchmeter(
      ["usage", "import", file, "--data", dataDir, "--license", licenseId, ...args],
      dataDir,
    );

  const locked = await run();
  expect(locked.stderr).toMatch(/in use by another Launchmeter\. Stop that one first/);
  expect(locked.code).toBe(1);
  await world.close();

  const tried = await run("--dry-run", "--json");
  const first = await run("--json");
  const second = await run("--json");

  const refused = { invalid: 1 };
  expect(JSON.parse(tried.stdout)).toEqual({ lines: 3, accepted: 2, duplicate: 0, refused });
  expect(JSON.parse(first.stdout)).toEqual({ lines: 3, accepted: 2, duplicate: 0, refused });
  expect(JSON.parse(second.stdout)).toEqual({ lines: 3, accepted: 0, duplicate: 2, refused });
  expect(first.stderr).toMatch(/^line 4: invalid: data\.quantity is "-1"/m);
  expect(first.code).toBe(1);
  const reopened = await openWorld(dataDir);
  expect(await reopened.seller.usage.month(licenseId, METER, "2026-10")).toMatchObject({
    hours: { [time.slice(0, 13)]: "3.5" },
  });
});

function launchmeter(args: readonly string[], cwd: string) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done, fail) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(process.execPath, [resolve("bin/launchmeter.js"), ...args], { cwd, env });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}
