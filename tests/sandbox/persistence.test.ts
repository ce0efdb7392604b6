import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
} from "@aws-sdk/client-marketplace-metering";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { createSandbox } from "../../sandbox/create-sandbox.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aProduct, aSandbox, BUYER, clientOf, START } from "./a-sandbox.ts";

const HOUR_MS = 3_600_000;
const EXAMPLE = fileURLToPath(new URL("../../sandbox/data/example-focus.csv", import.meta.url));
const RUNNER = fileURLToPath(new URL("fixtures/run-sandbox.ts", import.meta.url));

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const meter = (
  origin: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
  now: number,
  licenseArn: string,
  hoursAgo: number,
) =>
  new MarketplaceMeteringClient({
    endpoint: origin,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    systemClockOffset: now - Date.now(),
  }).send(
    new BatchMeterUsageCommand({
      UsageRecords: [
        {
          Timestamp: new Date(START + 30 * HOUR_MS - hoursAgo * HOUR_MS),
          CustomerAWSAccountId: BUYER,
          LicenseArn: licenseArn,
          Dimension: "AwsCostShare",
          Quantity: 1,
        },
      ],
    }),
  );

const messagesOf = async (sandbox: Sandbox) =>
  (
    await new SQSClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
      new ReceiveMessageCommand({
        QueueUrl: sandbox.lifecycleQueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
      }),
    )
  ).Messages?.map(({ MessageId }) => MessageId);

describe("a data folder", () => {
  it("brings back clock, keys, agreements, records, queue, faults, settings and costs", async () => {
    const dataDir = await aFolder();
    const before = await aSandbox({ dataDir });
    const control = sandboxControl(before.origin);
    const { licenseArn } = await control.subscribe();
    await control.addCostSource({ file: EXAMPLE, accountId: BUYER });
    await control.restate({ accountId: BUYER, day: "2026-10-05", amountUsd: "1" });
    await control.addFault({ service: "ce", action: "*", kind: "throttle", probability: 0.1 });
    await control.changeSettings({ meteringQuota: true });
    const { now } = await control.moveClock({ advanceTo: START + 31 * HOUR_MS });
    await meter(before.origin, before.sellerCredentials, now, licenseArn, 1);
    const saw = async (sandbox: Sandbox) => {
      const seen = sandboxControl(sandbox.origin);
      return {
        identity: [sandbox.sellerCredentials, sandbox.buyerCredentials(BUYER)],
        world: [await seen.agreements(), await seen.meteringRecords(), await seen.costSources()],
        told: [await seen.events(), await seen.meteringCalls(), await messagesOf(sandbox)],
        faults: await seen.faults(),
      };
    };
    const old = await saw(before);
    await before.close();

    const after = await aSandbox({ dataDir, seed: 99, startAt: START });

    expect(await saw(after)).toEqual(old);
    expect(after.clock.now()).toBeGreaterThanOrEqual(now);
    expect(await sandboxControl(after.origin).changeSettings({})).toMatchObject({
      meteringQuota: true,
    });
    expect(await sandboxControl(after.origin).subscribe()).not.toMatchObject({ licenseArn });
  });

  it("has what was answered after a kill at any moment", async () => {
    const dataDir = await aFolder();
    const process = spawn("node", ["--import", "tsx", RUNNER, dataDir, `${START}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(process.stdout, "data")) as [Buffer];
    const origin = line.toString().trim();
    const control = sandboxControl(origin);
    const { seller } = await control.identity();
    const { licenseArn } = await control.subscribe();
    const { now } = await control.moveClock({ advanceTo: START + 31 * HOUR_MS });
    const answered: (string | undefined)[] = [];
    let killed = false;
    for (let hour = 2; hour < 22; hour += 1) {
      const sent = meter(origin, seller, now, licenseArn, hour);
      if (hour === 15) killed = process.kill("SIGKILL");
      await sent.then(
        ({ Results }) => answered.push(Results?.[0]?.MeteringRecordId),
        () => undefined,
      );
    }

    const after = await aSandbox({ dataDir });
    const recorded = (await sandboxControl(after.origin).meteringRecords()).map(
      ({ meteringRecordId }) => meteringRecordId,
    );

    expect(killed).toBe(true);
    expect(answered.length).toBeGreaterThanOrEqual(13);
    expect(recorded).toEqual(expect.arrayContaining(answered));
  });

  it("never holds half a file, and no leftover stops a start", async () => {
    const dataDir = await aFolder();
    await writeFile(join(dataDir, "sandbox-state.json.new"), '{"version":1,"clo');
    const sandbox = await aSandbox({ dataDir });
    await sandboxControl(sandbox.origin).subscribe();

    expect(await readdir(dataDir)).toContain("sandbox-state.json");
  });

  it("forgets what its log holds beyond the state, and reads a file from before the log", async () => {
    const dataDir = await aFolder();
    const first = await aSandbox({ dataDir });
    const { licenseArn } = await sandboxControl(first.origin).subscribe();
    const { now } = await sandboxControl(first.origin).moveClock({
      advanceTo: START + 31 * HOUR_MS,
    });
    await meter(first.origin, first.sellerCredentials, now, licenseArn, 1);
    await first.close();
    const [state, log] = ["sandbox-state.json", "sandbox-log.jsonl"].map((name) =>
      join(dataDir, name),
    );
    if (state === undefined || log === undefined) throw new Error("no file names");
    const lines = (await readFile(log, "utf8")).split("\n").slice(0, -1);
    await appendFile(log, `${lines[0] ?? ""}\n["trail",{"half`);

    const second = await aSandbox({ dataDir });
    await meter(second.origin, second.sellerCredentials, now, licenseArn, 2);
    await second.close();
    const whole = await readFile(log, "utf8");
    const old = JSON.parse(await readFile(state, "utf8")) as {
      logBytes?: number;
      parts: { marketplace: { state: { records: Record<string, unknown> } } };
    };
    const entries = whole
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as [string, [string, unknown]]);
    const records = entries.filter(([part]) => part === "marketplace").map(([, entry]) => entry);
    old.parts.marketplace.state.records = Object.fromEntries(records);
    delete old.logBytes;
    await writeFile(state, JSON.stringify(old));
    await rm(log);
    const third = await aSandbox({ dataDir });

    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(records).toHaveLength(2);
    expect(await sandboxControl(third.origin).meteringRecords()).toHaveLength(2);
  });

  it("that is unreadable or of another version is refused with what to do", async () => {
    const dataDir = await aFolder();
    const start = () => createSandbox({ port: 0, dataDir, products: [aProduct] });
    await writeFile(join(dataDir, "sandbox-state.json"), "{");
    await expect(start()).rejects.toThrow(/Delete the file to start afresh/);
    await writeFile(join(dataDir, "sandbox-state.json"), '{"version":2}');
    await expect(start()).rejects.toThrow(/another version/);
  });
});

describe("the lock of a data folder", () => {
  it("keeps a second sandbox out until the first is closed", async () => {
    const dataDir = await aFolder();
    const first = await aSandbox({ dataDir });

    await expect(createSandbox({ port: 0, dataDir, products: [aProduct] })).rejects.toThrow(
      "belongs to another running sandbox",
    );
    await first.close();
    await aSandbox({ dataDir });
  });

  it("keeps out a sandbox of another process, and is worth nothing once that was killed", async () => {
    const dataDir = await aFolder();
    const runner = spawn("node", ["--import", "tsx", RUNNER, dataDir, `${START}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(runner.stdout, "data");

    await expect(createSandbox({ port: 0, dataDir, products: [aProduct] })).rejects.toThrow(
      "belongs to another running sandbox",
    );
    runner.kill("SIGKILL");
    await aSandbox({ dataDir });
  });

  it("is given back when the start fails", async () => {
    const dataDir = await aFolder();
    await writeFile(join(dataDir, "sandbox-state.json"), "{");
    await expect(createSandbox({ port: 0, dataDir, products: [aProduct] })).rejects.toThrow();
    await rm(join(dataDir, "sandbox-state.json"));

    await aSandbox({ dataDir });
  });
});

describe("the port", () => {
  it("that is taken is refused with a sentence", async () => {
    const sandbox = await aSandbox();
    const port = Number(new URL(sandbox.origin).port);

    await expect(createSandbox({ port, products: [aProduct] })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken`,
    );
  });
});
