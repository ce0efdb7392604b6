import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

/** The command line as a person starts it: its own process, from any folder. */
const BIN = resolve("bin/launchmeter.js");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "command-line-"));
});
afterAll(() => rm(folder, { recursive: true }));

function launchmeter(...args: readonly string[]) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done, fail) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

it("lists its commands when asked for help, and when asked for nothing", async () => {
  for (const args of [["--help"], []]) {
    const { code, stdout } = await launchmeter(...args);

    expect(code).toBe(0);
    expect(stdout).toContain("launchmeter start|sandbox|synth|lint|permissions");
  }
});

it("ends with code 2 and a sentence when there is no such command", async () => {
  const { code, stderr } = await launchmeter("sell");

  expect(code).toBe(2);
  expect(stderr).toContain('There is no command "sell".');
});

it("says where an example is when the folder has no product", async () => {
  const { code, stderr } = await launchmeter("synth");

  expect(code).toBe(1);
  expect(stderr).toMatch(/^launchmeter synth: No product configuration at .*Copy the example /);
  expect(stderr).not.toContain("    at ");
});

it.each(["commonjs", "module"])(
  "loads the example in a folder whose package.json says type %s",
  async (type) => {
    const example = await readFile("product.config.ts", "utf8");
    const library = JSON.stringify(resolve("product/define-product.ts"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ type }));
    await writeFile(
      join(folder, `${type}.config.ts`),
      example.replace('"launchmeter"', library).replace("Fernhollow Analytics", "Elsewhere"),
    );

    const { stderr, stdout } = await launchmeter("synth", "--config", `${type}.config.ts`);

    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Elsewhere 1\.0\.0 for /);
  },
);
