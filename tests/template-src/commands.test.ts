import { runCommand } from "citty";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lintCommand } from "../../scripts/commands/lint.ts";
import { permissionsCommand } from "../../scripts/commands/permissions.ts";
import { synthCommand } from "../../scripts/commands/synth.ts";
import { aBrokenTemplate, synthesize } from "./support.ts";

let folder: string;
let printed: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "commands-"));
  printed = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe("launchmeter synth", () => {
  it("writes the template and prints its size, resources and hash", async () => {
    const out = join(folder, "template.json");

    await runCommand(synthCommand, { rawArgs: ["--out", out, "--site", "http://localhost:3000"] });

    expect(await readFile(out, "utf8")).toContain(
      '"CALLBACK_URL": "http://localhost:3000/callback"',
    );
    expect(printed.join("\n")).toMatch(
      /^Fernhollow Analytics 1\.0\.0 for http:\/\/localhost:3000\n {2}\d+ bytes, 12 resources\n {2}sha256 [0-9a-f]{64}\n/,
    );
  });

  it("--check passes for the template as it is", async () => {
    await runCommand(synthCommand, { rawArgs: ["--check"] });

    expect(printed.join("\n")).toContain(synthesize().sha256);
  });

  it("--check names the golden file when the template changed", async () => {
    const config = join(folder, "product.config.mjs");
    const source = await readFile("product.config.ts", "utf8");
    await writeFile(
      config,
      source
        .replace('"launchmeter"', JSON.stringify(`${process.cwd()}/product/define-product.ts`))
        .replace('version: "1.0.0"', 'version: "1.0.1"'),
    );

    await expect(
      runCommand(synthCommand, { rawArgs: ["--check", "--config", config] }),
    ).rejects.toThrow(
      /differs from tests\/template-src\/launch-stack\.golden\.json.*--update-golden/,
    );
  });

  it("says which configuration is missing", async () => {
    await expect(
      runCommand(synthCommand, { rawArgs: ["--config", join(folder, "absent.ts")] }),
    ).rejects.toThrow(/No product configuration at .*absent\.ts/);
  });

  it("refuses a site without TLS", async () => {
    await expect(
      runCommand(synthCommand, { rawArgs: ["--site", "http://register.example.com"] }),
    ).rejects.toThrow(/must be an https URL/);
  });

  it.each(["register.example.com", "https://register.example.com/path"])(
    "refuses %s, which is no origin of a site",
    async (site) => {
      await expect(runCommand(synthCommand, { rawArgs: ["--site", site] })).rejects.toThrow(
        /--site is .*: it must be the site's address such as https:\/\/register\.example\.com/,
      );
    },
  );
});

describe("launchmeter lint", () => {
  it("says which engines ran", async () => {
    await runCommand(lintCommand, { rawArgs: [] });

    expect(printed[0]).toMatch(
      /^Checked with (cfn-lint|cloudformation-validate) .* and launch rules\./,
    );
    expect(printed.at(-1)).toBe("Nothing found.");
  });

  it("fails with every finding of a given template", async () => {
    const file = join(folder, "broken.json");
    await writeFile(file, aBrokenTemplate({ "Resources.Registration.DependsOn": undefined }));

    await expect(runCommand(lintCommand, { rawArgs: ["--template", file] })).rejects.toThrow(
      /error LM07 \(launchmeter\) Resources\.ContentBucketPolicy/,
    );
  });
});

describe("a given template", () => {
  it.each([
    ["is missing", undefined, /can't be read\. Check --template/],
    ["is no JSON", "Resources: {}", /is no CloudFormation template in JSON/],
    ["has no resources", "{}", /is no CloudFormation template in JSON/],
    ["is nothing", "null", /is no CloudFormation template in JSON/],
  ])("that %s is refused with a sentence", async (_what, content, message) => {
    const file = join(folder, "template.json");
    if (content !== undefined) await writeFile(file, content);

    for (const command of [lintCommand, permissionsCommand]) {
      await expect(
        runCommand<never>(command as never, { rawArgs: ["--template", file] }),
      ).rejects.toThrow(message);
    }
  });
});

describe("launchmeter permissions", () => {
  it("prints tables for people and JSON for programs", async () => {
    await runCommand(permissionsCommand, { rawArgs: [] });
    await runCommand(permissionsCommand, { rawArgs: ["--format", "json"] });

    expect(printed[0]).toContain("## Permissions");
    expect(JSON.parse(printed[1] ?? "")).toHaveProperty("permissions");
  });
});
