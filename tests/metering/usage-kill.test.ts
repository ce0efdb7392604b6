import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { seededRandom } from "../simulation/random.ts";
import type { UsageJob } from "./usage-in-a-process.ts";

/**
 * Goal: a real process that is killed while it records or sums loses no event that it answered
 * for, and counts none twice.
 *
 * Method: the same 120 events are sent by processes that are killed after a random number of
 * writes, each on the store that the one before left on disk, each later than the one before.
 * `SEED=7 npx vitest run tests/metering/usage-kill` plays another one.
 */
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const KILLS = 3;
const EVENTS = 120;
const SCRIPT = fileURLToPath(new URL("usage-in-a-process.ts", import.meta.url));

/** Runs until it is done, or kills it once it has told of so many writes. */
async function record(job: UsageJob, killAfter: number) {
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((done) => child.once("exit", done));
  let [effects, answered] = [0, 0];
  const summed: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, number] = line.split(" ");
    if (word === "effect" && (effects += 1) === killAfter) child.kill("SIGKILL");
    if (word === "answered") answered = Number(number);
    if (word === "summed") summed.push(Number(number));
  }
  await exited;
  return { answered, summed };
}

it(`loses and doubles nothing over ${KILLS} kills (SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  const dir = mkdtempSync(join(tmpdir(), "launchmeter-usage-killed-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const jobAt = (minute: number): UsageJob => ({
    dir,
    now: `2026-03-01T13:${minute}:00Z`,
    events: EVENTS,
    batch: 20,
  });

  let answered = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const told = await record(jobAt(10 + kill * 10), random.between(1, 200));
    answered = Math.max(answered, told.answered);
    for (const sum of told.summed) expect(sum).toBeLessThanOrEqual(EVENTS);
  }
  const last = await record(jobAt(50), Infinity);

  // What was answered before is there from the first look on; in the end all is, each once.
  expect(last.summed[0]).toBeGreaterThanOrEqual(answered);
  expect(last.summed.at(-1)).toBe(EVENTS);
});
