import { mkdtemp, rm, symlink, writeFile, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import product from "../../product.config.ts";
import { findCfnLint } from "../../template-src/publish/cfn-lint.ts";
import { launchFindings } from "../../template-src/publish/launch-rules.ts";
import { lintTemplate, type LintInput } from "../../template-src/publish/lint.ts";
import { runWasmValidator } from "../../template-src/publish/wasm-validator.ts";
import { aBrokenTemplate, synthesize } from "./support.ts";

const { json } = synthesize();
const input = (changes: Partial<LintInput> = {}): LintInput => ({
  json,
  regions: product.launchStack.regions,
  environment: process.env,
  allowDownload: false,
  requireCfnLint: false,
  ...changes,
});
const nowhere = { PATH: "/nonexistent" };
const installed = await findCfnLint({ environment: process.env, allowDownload: false });

describe("the real cfn-lint", () => {
  it.runIf(process.env["REQUIRE_CFN_LINT"] === "1")(
    "is here, because REQUIRE_CFN_LINT is set",
    () => {
      expect(installed?.version).toMatch(/^cfn-lint /);
    },
  );

  it.skipIf(installed === undefined)(
    `finds neither error nor warning in any region of the product (${installed?.version ?? "NOT INSTALLED HERE: not checked"})`,
    async () => {
      const report = await lintTemplate(input({ requireCfnLint: true }));

      expect(report.findings).toEqual([]);
      expect(report.engines[0]).toMatch(/^cfn-lint \d+\.\d+\.\d+ for 34 regions$/);
      expect(report.caveat).toBeUndefined();
    },
  );

  it.skipIf(installed === undefined)("is heard when it finds something", async () => {
    const broken = aBrokenTemplate({
      "Resources.CallbackFunction.Properties.Runtime": "nodejs12.x",
      "Resources.Registration.DependsOn": ["CallbackFunction"],
    });

    const { findings } = await lintTemplate(input({ json: broken }));

    expect(findings).toContainEqual(
      expect.objectContaining({ engine: "cfn-lint", severity: "error", rule: "E2533" }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ engine: "cfn-lint", severity: "warning", rule: "W3005" }),
    );
  });

  it("is taken from CFN_LINT first, with its arguments", async () => {
    await inFolder(async (folder) => {
      const fake = await anExecutable(folder, "my-lint", "echo cfn-lint 9.9.9");

      const found = await findCfnLint({
        environment: { ...process.env, CFN_LINT: `${fake} --quietly` },
        allowDownload: false,
      });

      expect(found).toEqual({ command: [fake, "--quietly"], version: "cfn-lint 9.9.9" });
    });
  });

  it("is not silently replaced when CFN_LINT names something else", async () => {
    const environment = { ...process.env, CFN_LINT: "/nonexistent/cfn-lint" };

    await expect(findCfnLint({ environment, allowDownload: false })).rejects.toThrow(
      'CFN_LINT is "/nonexistent/cfn-lint", but that does not run cfn-lint.',
    );
  });

  it("is downloaded through uvx only when that is allowed", async () => {
    await inFolder(async (folder) => {
      await anExecutable(folder, "uvx", "echo cfn-lint 1.51.0");
      await symlink("/bin/sh", join(folder, "sh"));
      const environment = { PATH: folder };

      expect(await findCfnLint({ environment, allowDownload: false })).toBeUndefined();
      expect(await findCfnLint({ environment, allowDownload: true })).toEqual({
        command: ["uvx", "cfn-lint@1.51.0"],
        version: "cfn-lint 1.51.0",
      });
    });
  });

  it("that dies without a result is an error, not a clean bill", async () => {
    await inFolder(async (folder) => {
      const script =
        'case "$1" in --version) echo cfn-lint 1.0.0;; *) echo broken >&2; exit 1;; esac';
      const fake = await anExecutable(folder, "cfn-lint", script);

      await expect(
        lintTemplate(input({ environment: { ...process.env, CFN_LINT: fake } })),
      ).rejects.toThrow("cfn-lint 1.0.0 gave no result: broken");
    });
  });
});

describe("without cfn-lint", () => {
  it("the npm-only validator runs, finds nothing, and the report says what did not run", async () => {
    const report = await lintTemplate(input({ environment: nowhere }));

    expect(report.findings).toEqual([]);
    expect(report.engines).toEqual([
      expect.stringMatching(/^cloudformation-validate \d/),
      "launch rules",
    ]);
    expect(report.caveat).toMatch(/cfn-lint was not found, so it did NOT run/);
  });

  it("linting fails when cfn-lint was required", async () => {
    await expect(
      lintTemplate(input({ environment: nowhere, requireCfnLint: true })),
    ).rejects.toThrow(/cfn-lint was required and could not be found/);
  });

  it("the npm-only validator finds a misspelt property", () => {
    const broken = aBrokenTemplate({
      "Resources.ContentTable.Properties.BilingMode": "PAY_PER_REQUEST",
    });

    expect(runWasmValidator(broken)).toContainEqual(
      expect.objectContaining({
        severity: "error",
        where: expect.stringContaining("ContentTable") as string,
      }),
    );
  });
});

describe("our own rules", () => {
  it("find nothing in the launch template", () => {
    expect(launchFindings(json)).toEqual([]);
  });

  const trust = "Resources.CostReadRole.Properties.AssumeRolePolicyDocument.Statement.0";

  it.each<[string, string, Record<string, unknown>]>([
    ["a macro", "LM01", { Transform: "AWS::LanguageExtensions" }],
    ["a bootstrap version", "LM01", { "Parameters.BootstrapVersion": { Type: "String" } }],
    [
      "code in a bucket",
      "LM01",
      { "Resources.CallbackFunction.Properties.Code": { S3Bucket: "b", S3Key: "k" } },
    ],
    ["a template beyond 51,200 bytes", "LM01", { Description: "x".repeat(51_200) }],
    [
      "a deletion policy by parameter",
      "LM02",
      { "Resources.ContentTable.DeletionPolicy": { Ref: "Size" } },
    ],
    [
      "a function that Rules don't know",
      "LM03",
      {
        "Rules.SupportedRegion.Assertions.0.Assert": {
          "Fn::Equals": [{ "Fn::Sub": "${AWS::Region}" }, "x"],
        },
      },
    ],
    ["everyone as principal", "LM04", { [`${trust}.Principal`]: "*" }],
    ["every account as principal", "LM04", { [`${trust}.Principal`]: { AWS: ["*"] } }],
    ["a role without an external ID", "LM05", { [`${trust}.Condition.StringEquals`]: undefined }],
    [
      "an external ID that may be absent",
      "LM05",
      {
        [`${trust}.Condition`]: {
          StringEqualsIfExists: { "sts:ExternalId": { Ref: "ExternalIds" } },
        },
      },
    ],
    [
      "a custom resource without a token",
      "LM06",
      { "Resources.Registration.Properties.ServiceToken": undefined },
    ],
    [
      "a custom resource whose token is no ARN",
      "LM06",
      { "Resources.Registration.Properties.ServiceToken": { Ref: "CallbackFunction" } },
    ],
    [
      "a resource outside the callback's closure",
      "LM07",
      { "Resources.Registration.DependsOn": undefined },
    ],
    [
      "a policy that could go before the callback",
      "LM07",
      {
        "Resources.CostPolicy": {
          Type: "AWS::IAM::Policy",
          Properties: { PolicyName: "p", Roles: [{ Ref: "CostReadRole" }] },
        },
      },
    ],
    [
      "a key that goes before its data",
      "LM08",
      { "Resources.EncryptionKey.DeletionPolicy": "Delete" },
    ],
    [
      "a mapping without that size",
      "LM09",
      { "Mappings.SizeSettings.dev.LogRetentionDays": undefined },
    ],
    [
      "a hard-coded partition",
      "LM10",
      { [`${trust}.Principal`]: { AWS: "arn:aws:iam::999988887777:root" } },
    ],
    ["a pattern that is none", "LM11", { "Parameters.InstallCode.AllowedPattern": "^[a-z" }],
    [
      "a parameter without a place in the console",
      "LM11",
      { "Parameters.New": { Type: "String" } },
    ],
    ["a hidden parameter in a link", "LM11", { "Parameters.InstallCode.NoEcho": true }],
    ["the install code in an output", "LM12", { "Outputs.X": { Value: { Ref: "InstallCode" } } }],
    [
      "a client secret in an output",
      "LM12",
      { "Outputs.X": { Value: { "Fn::GetAtt": ["UserPoolClient", "ClientSecret"] } } },
    ],
    [
      "a hidden parameter in an output",
      "W2010",
      {
        "Parameters.PermissionsBoundaryArn.NoEcho": true,
        "Outputs.X": { Value: { "Fn::Sub": "x-${PermissionsBoundaryArn}" } },
      },
    ],
    ["a label for no parameter", "W4001", { "Parameters.PermissionsBoundaryArn": undefined }],
    ["a resource without a reason", "LM13", { "Resources.UserPool.Metadata": undefined }],
  ])("find %s", (_what, rule, changes) => {
    const rules = launchFindings(aBrokenTemplate(changes)).map((finding) => finding.rule);

    expect(rules).toContain(rule);
  });
});

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "lint-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function anExecutable(folder: string, name: string, script: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
