import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { seededRandom } from "../simulation/random.ts";
import { at, BUYER } from "./fixtures.ts";
import type { Job, Told } from "./meter-in-a-process.ts";
import { focusFile, wireWorld } from "./wire-world.ts";

/**
 * Goal: a real process, killed at any moment, loses no money and changes no sealed record (I2).
 *
 * Method: the same days are metered once undisturbed and once by processes that are killed
 * after a random number of effects, each on the store that the one before left on disk.
 * `SEED=7 npx vitest run tests/metering/kill` plays another one.
 */
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const KILLS = 5;
const START = at("2026-03-26T00:10:00Z");
const UNTIL = at("2026-04-03T12:05:00Z");
const STEP_MS = 6 * 3_600_000;

async function aSale() {
  const world = await wireWorld(START);
  const { sandbox, control } = world;
  // Cost ends early enough for the last daily reading of any run to see it.
  const cost = Array.from({ length: 5 }, (_, n) => ({
    day: new Date(at("2026-03-26") + n * 86_400_000).toISOString().slice(0, 10),
    usd: `${3 + n}.0123456789`,
  }));
  await control.addCostSource({ file: focusFile(cost), accountId: BUYER });
  const license = await world.subscribe();
  const dir = mkdtempSync(join(tmpdir(), "launchmeter-killed-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const job: Omit<Job, "owner"> = {
    origin: sandbox.origin,
    dir,
    credentials: sandbox.sellerCredentials,
    license,
    deployment: await world.launch(license.licenseId),
    stepMs: STEP_MS,
    until: UNTIL,
  };
  return { job, control };
}

const SCRIPT = fileURLToPath(new URL("meter-in-a-process.ts", import.meta.url));

/** Runs until it is done, or kills it once it has told of so many effects. */
async function meter(job: Job, killAfter: number): Promise<Told[]> {
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, AWS_ENDPOINT_URL: job.origin },
  });
  const exited = new Promise<number | null>((done) => child.once("exit", done));
  const told: Told[] = [];
  let effects = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // A kill may cut the last line.
    if (!line.endsWith("}")) continue;
    const one = JSON.parse(line) as Told;
    told.push(one);
    if (one.kind === "effect" && (effects += 1) === killAfter) child.kill("SIGKILL");
  }
  const code = await exited;
  if (killAfter === Infinity && code !== 0) throw new Error(`the process ended with ${code}`);
  return told;
}

const lastOf = (told: readonly Told[]) => {
  const done = told.at(-1);
  if (done?.kind !== "done") throw new Error("the last run did not finish");
  return done.money;
};

it(`keeps money and records over ${KILLS} kills (SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  const calm = await aSale();
  const undisturbed = lastOf(await meter({ ...calm.job, owner: "calm" }, Infinity));

  const { job, control } = await aSale();
  const told: Told[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    told.push(...(await meter({ ...job, owner: `killed-${kill}` }, random.between(1, 18))));
  }
  told.push(...(await meter({ ...job, owner: "last" }, Infinity)));
  const money = lastOf(told);

  for (const dimension of ["cents", "fee"]) {
    const { chain = [], committed } = money[dimension] ?? {};
    expect(chain.length).toBeGreaterThan(dimension === "fee" ? 20 : 2);
    expect(committed).toBe(undisturbed[dimension]?.committed);
    expect(new Set(chain.map(({ outcome }) => outcome))).toEqual(new Set(["accepted"]));
    for (const each of told) {
      if (each.kind !== "sealed" || each.dimension !== dimension) continue;
      expect(chain.map(({ record }) => record)).toContain(each.record);
    }
    const atAws = (await control.meteringRecords()).filter((one) => one.dimension === dimension);
    expect(atAws.map(({ timestamp, quantity }) => `${timestamp} ${quantity}`).sort()).toEqual(
      chain.map(({ record }) => record.split(" ").slice(1, 3).join(" ")).sort(),
    );
  }
});
