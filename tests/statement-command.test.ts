import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  PACKAGED_SCHEMA,
  toStatementDocument,
} from "../registration-site/views/statement-schema.ts";
import { tampered } from "./metering/statement-figures.ts";
import { mixedSale } from "./metering/statement-cases.ts";

const BIN = resolve("bin/launchmeter.js");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "statement-command-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The command line in an empty folder: verifying needs no product and no store. */
function statement(args: readonly string[], input = "") {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done, fail) => {
    const child = spawn(process.execPath, [BIN, "statement", ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

const march = mixedSale().statement("2026-03");
const json = (of: typeof march) => JSON.stringify(toStatementDocument(of, PACKAGED_SCHEMA));

it("says that a statement holds, from a file and from standard input", async () => {
  const file = join(folder, "march.json");
  await writeFile(file, json(march));

  expect(await statement(["verify", file])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The statement of 2026-03 for arn:.* holds\.\n$/) as string,
  });
  expect((await statement(["verify", "-"], json(march))).code).toBe(0);
});

it("ends with code 1 and both values of each figure that differs", async () => {
  const changed = tampered(march, ["totals", "billedUsd"], 7n);
  const { code, stdout } = await statement(["verify", "-"], json(changed));

  expect(code).toBe(1);
  expect(stdout).toContain("does not hold: 2 differences.");
  expect(stdout).toContain(
    `totals.billedUsd: says ${changed.totals.billedUsd}, comes to ${march.totals.billedUsd}`,
  );
});

it.each([
  ["no JSON", "month,row", "it is not JSON"],
  ["another JSON", "{}", "its schemaVersion is missing"],
  ["null", "null", "its schemaVersion is missing"],
  ["a later version", '{"schemaVersion":9}', "its schemaVersion is 9; this program knows 1"],
  ["a statement without its chains", '{"schemaVersion":1,"month":"2026-03"}', "chains"],
])("ends with code 2 and a sentence for %s", async (_, input, why) => {
  const { code, stderr, stdout } = await statement(["verify", "-"], input);

  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("is no statement that can be checked");
  expect(stderr).toContain(why);
});

it("ends with code 2 for a file that isn't there", async () => {
  const { code, stderr } = await statement(["verify", "nowhere.json"]);

  expect(code).toBe(2);
  expect(stderr).toContain("nowhere.json");
});
