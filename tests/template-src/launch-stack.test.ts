import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import product from "../../product.config.ts";
import { COST_TAG_KEY, launchParameters, READ_ROLE_RESOURCE } from "../../template-src/contract.ts";
import { defineProduct } from "../../product/define-product.ts";
import { commercialRegions } from "../../product/regions.ts";
import { launchFindings } from "../../template-src/publish/launch-rules.ts";
import { addLaunchStack } from "../../template-src/launch-stack/launch-stack.ts";
import { synthesizeLaunchStack } from "../../template-src/publish/synthesize.ts";
import { dependenciesOf, statementsOf } from "../../template-src/publish/template.ts";
import { aTemplate, resource, SITE, synthesize } from "./support.ts";

const template = aTemplate();
const resources = Object.entries(template.Resources);
const ofType = (type: string) => resources.filter(([, one]) => one.Type === type);
const golden = fileURLToPath(new URL("./launch-stack.golden.json", import.meta.url));

describe("the bytes", () => {
  it("are those of the golden file: whoever changes them raises the version and renews it", () => {
    expect(synthesize().json).toBe(readFileSync(golden, "utf8"));
  });

  it("are the same in another folder and another process", () => {
    const script = fileURLToPath(new URL("./print-template.ts", import.meta.url));
    const tsx = fileURLToPath(new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), "elsewhere-"));

    const run = spawnSync(process.execPath, [tsx, script], { cwd: folder, encoding: "utf8" });
    rmSync(folder, { recursive: true });

    expect(run.stderr).toBe("");
    expect(run.stdout).toBe(readFileSync(golden, "utf8"));
  });

  it("fit into a template without a bucket", () => {
    expect(synthesize().bytes).toBeLessThan(51_200);
  });

  it("change with the site that is baked in, and with nothing a link could set", () => {
    const other = synthesizeLaunchStack({
      product,
      callbackUrl: "https://other.example.com/callback",
      audience: "https://other.example.com",
    });

    expect(other.json.replaceAll("https://other.example.com", SITE)).toBe(synthesize().json);
    expect(other.sha256).not.toBe(synthesize().sha256);
  });

  it.each(["http://register.example.com", "ftp://localhost", "register.example.com", ""])(
    "are refused for the site %j",
    (site) => {
      const input = { product, audience: SITE, callbackUrl: site };

      expect(() => synthesizeLaunchStack(input)).toThrow(/must be an https URL/);
    },
  );

  it.each(["http://localhost:3000/callback", "http://127.0.0.1:8080/callback"])(
    "are made for a laptop's own site %s",
    (site) => {
      const made = synthesizeLaunchStack({ product, audience: site, callbackUrl: site });

      expect(made.json).toContain(site);
    },
  );
});

describe("any product that can be described", () => {
  it("gives a template that keeps every promise", () => {
    const line = (longest: number) =>
      fc
        .string({ unit: "grapheme", minLength: 1, maxLength: longest / 4 })
        .filter((text) => /\S/.test(text) && !/\p{Cc}|\p{Cs}|\p{Zl}|\p{Zp}|\$\{/u.test(text));
    fc.assert(
      fc.property(
        line(72),
        line(100),
        fc.uniqueArray(fc.constantFrom(...commercialRegions), { minLength: 1 }),
        fc.constantFrom(["dev"], ["staging", "production"], ["dev", "staging", "production"]),
        (title, name, regions, sizes) => {
          const described = defineProduct({
            ...product,
            title,
            seller: { ...product.seller, name },
            launchStack: { version: "2.0.0", regions, sizes: sizes },
          });
          const { json } = synthesizeLaunchStack({
            product: described,
            callbackUrl: `${SITE}/callback`,
            audience: SITE,
          });

          expect(launchFindings(json)).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("the template asks a buyer for nothing but itself", () => {
  it("has no transform, no bootstrap and no metadata of its toolkit", () => {
    expect(Object.keys(template)).toEqual([
      "Description",
      "Metadata",
      "Parameters",
      "Mappings",
      "Conditions",
      "Rules",
      "Resources",
      "Outputs",
    ]);
    expect(JSON.stringify(template)).not.toMatch(/BootstrapVersion|CDKMetadata|aws:cdk|aws:asset/);
  });

  it("creates exactly what a buyer is told", () => {
    expect(resources.map(([id, one]) => `${id} ${one.Type}`).sort()).toEqual([
      "ActivityTable AWS::DynamoDB::Table",
      "CallbackFunction AWS::Lambda::Function",
      "CallbackLogs AWS::Logs::LogGroup",
      "CallbackRole AWS::IAM::Role",
      "ContentBucket AWS::S3::Bucket",
      "ContentBucketPolicy AWS::S3::BucketPolicy",
      "ContentTable AWS::DynamoDB::Table",
      "CostReadRole AWS::IAM::Role",
      "EncryptionKey AWS::KMS::Key",
      "Registration Custom::LaunchmeterRegistration",
      "UserPool AWS::Cognito::UserPool",
      "UserPoolClient AWS::Cognito::UserPoolClient",
    ]);
  });
});

describe("parameters", () => {
  it("are these, and none of them can redirect trust", () => {
    expect(Object.keys(template.Parameters ?? {})).toEqual([
      launchParameters.installCode,
      launchParameters.externalIds,
      launchParameters.size,
      "PermissionsBoundaryArn",
    ]);
  });

  it("are all visible, because a launch link can't fill in hidden ones", () => {
    for (const parameter of Object.values(template.Parameters ?? {})) {
      expect(parameter.NoEcho).toBeUndefined();
    }
  });

  it.each([
    ["InstallCode", ["K7Q2-9F3M-XW4T", "abcdef", "a_b-C9".repeat(5)], ["", "short", "a b c d e f"]],
    [
      "ExternalIds",
      [
        "0123456789abcdef",
        "a".repeat(32) + "," + "b".repeat(32),
        "3f1c2d4e-0000-4000-8000-1234567890ab",
      ],
      ["", "tooshort", "with blanks in it is bad", "a".repeat(32) + ","],
    ],
    [
      "PermissionsBoundaryArn",
      ["", "arn:aws:iam::111122223333:policy/Boundary", "arn:aws-cn:iam::aws:policy/x"],
      ["Boundary", "arn:aws:iam::111122223333:role/Boundary", "arn:aws:iam::1:policy/Boundary"],
    ],
  ])("%s takes what is meant and refuses the rest", (name, good, bad) => {
    const pattern = new RegExp(String(template.Parameters?.[name]?.AllowedPattern));

    expect(good.filter((value) => !pattern.test(value))).toEqual([]);
    expect(bad.filter((value) => pattern.test(value))).toEqual([]);
  });

  it("offer the product's sizes and start with its default", () => {
    expect(template.Parameters?.Size).toMatchObject({
      AllowedValues: ["dev", "staging", "production"],
      Default: "production",
    });
  });

  it("refuse every region outside the product's before anything is made", () => {
    const only = synthesize({ launchStack: { ...product.launchStack, regions: ["eu-central-1"] } });
    const { Rules } = JSON.parse(only.json) as { Rules: Record<string, unknown> };

    expect(Rules).toEqual({
      SupportedRegion: {
        Assertions: [
          {
            Assert: { "Fn::Contains": [["eu-central-1"], { Ref: "AWS::Region" }] },
            AssertDescription: expect.stringContaining(
              "can't be launched in this region",
            ) as string,
          },
        ],
      },
    });
  });
});

describe("the seller's access", () => {
  const role = resource(template, "CostReadRole");
  const [trust, naming, ...allowed] = statementsOf(role);

  it("is trusted to the seller's account, its metering roles, and the external ID only", () => {
    expect(trust).toEqual({
      Sid: "SellerWithExternalId",
      Effect: "Allow",
      Principal: { AWS: { "Fn::Sub": "arn:${AWS::Partition}:iam::999988887777:root" } },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "sts:ExternalId": { Ref: "ExternalIds" } },
        ArnLike: {
          "aws:PrincipalArn": {
            "Fn::Sub": "arn:${AWS::Partition}:iam::999988887777:role/launchmeter-*",
          },
        },
      },
    });
  });

  it("may write license and deployment on its session, and no other tag", () => {
    expect(naming).toEqual({
      Sid: "SellerNamesItsSession",
      Effect: "Allow",
      Principal: trust?.Principal,
      Action: "sts:TagSession",
      Condition: {
        ArnLike: trust?.Condition?.["ArnLike"],
        "ForAllValues:StringEquals": {
          "aws:TagKeys": ["launchmeter:license", "launchmeter:deployment"],
        },
      },
    });
  });

  it("reads cost figures and whether this stack exists, nothing else", () => {
    expect(allowed.map(({ Action, Resource, Effect }) => [Effect, Action, Resource])).toEqual([
      ["Allow", "ce:GetCostAndUsage", "*"],
      ["Allow", "cloudformation:DescribeStacks", { Ref: "AWS::StackId" }],
    ]);
  });

  it("lasts an hour and obeys the buyer's boundary", () => {
    expect(role.Properties).toMatchObject({
      MaxSessionDuration: 3600,
      PermissionsBoundary: {
        "Fn::If": [
          "HasPermissionsBoundary",
          { Ref: "PermissionsBoundaryArn" },
          { Ref: "AWS::NoValue" },
        ],
      },
    });
  });

  it("is held by no separate policy, which could be deleted too early", () => {
    expect(resources.filter(([, one]) => /^AWS::IAM::(Managed)?Policy$/.test(one.Type))).toEqual(
      [],
    );
  });
});

describe("permissions", () => {
  it("name no wildcard principal in anything that allows", () => {
    for (const [, one] of resources) {
      for (const statement of statementsOf(one).filter(({ Effect }) => Effect === "Allow")) {
        expect(JSON.stringify(statement.Principal ?? {})).not.toContain('"*"');
      }
    }
  });

  it("put the buyer's boundary on every role", () => {
    for (const [, role] of ofType("AWS::IAM::Role")) {
      expect(role.Properties).toHaveProperty("PermissionsBoundary");
    }
  });

  it("let the callback write its own log and nothing else", () => {
    expect(statementsOf(resource(template, "CallbackRole")).slice(1)).toEqual([
      {
        Sid: "WriteOwnLog",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: { "Fn::GetAtt": ["CallbackLogs", "Arn"] },
      },
    ]);
  });
});

describe("data", () => {
  const key = { "Fn::GetAtt": ["EncryptionKey", "Arn"] };

  it("lies under the buyer's own key, which rotates", () => {
    expect(resource(template, "EncryptionKey").Properties).toMatchObject({
      EnableKeyRotation: true,
    });
    for (const [, table] of ofType("AWS::DynamoDB::Table")) {
      expect(table.Properties).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: key },
      });
    }
    expect(resource(template, "ContentBucket").Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key },
          },
        ],
      },
    });
  });

  it("is closed to the public and to plain HTTP", () => {
    expect(resource(template, "ContentBucket").Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(statementsOf(resource(template, "ContentBucketPolicy"))).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    ]);
  });

  it("never blocks the stack's deletion and never loses its key to it", () => {
    const surviving = resources.filter(([, one]) => one.DeletionPolicy !== undefined);
    const policies = Object.fromEntries(
      surviving.map(([id, one]) => [id, [one.DeletionPolicy, one.UpdateReplacePolicy]]),
    );
    const kept = ["RetainExceptOnCreate", "Retain"];

    expect(policies).toEqual({
      EncryptionKey: kept,
      ContentBucket: kept,
      ContentBucketPolicy: kept,
      ContentTable: kept,
      ActivityTable: kept,
      UserPool: kept,
      CallbackLogs: ["Delete", "Delete"],
    });
  });

  it("has no physical name, so that a second launch finds no name taken", () => {
    expect(JSON.stringify(template.Resources)).not.toMatch(
      /"(BucketName|TableName|RoleName|FunctionName|LogGroupName|UserPoolName|AliasName)"/,
    );
  });
});

describe("the registration", () => {
  it("comes after and goes before every other resource", () => {
    const others = Object.keys(template.Resources).filter((id) => id !== "Registration");

    expect([...dependenciesOf(template, "Registration")].sort()).toEqual(others.sort());
    for (const id of others) {
      expect(dependenciesOf(template, id)).not.toContain("Registration");
    }
  });

  it("calls again with every version, and fails soon when nobody answers", () => {
    expect(resource(template, "Registration").Properties).toMatchObject({
      TemplateVersion: product.launchStack.version,
      ServiceTimeout: 300,
      InstallCode: { Ref: "InstallCode" },
      Resources: { [READ_ROLE_RESOURCE]: { "Fn::GetAtt": ["CostReadRole", "Arn"] } },
    });
  });

  it("proves the account to baked places only", () => {
    expect(resource(template, "CallbackFunction").Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Timeout: 30,
      Environment: {
        Variables: {
          CALLBACK_URL: `${SITE}/callback`,
          AUDIENCE: SITE,
          STS_HOST: { "Fn::Sub": "sts.${AWS::Region}.${AWS::URLSuffix}" },
        },
      },
    });
  });

  it("runs code without comments or names of source files", () => {
    const { Code } = resource(template, "CallbackFunction").Properties as {
      Code: { ZipFile: string };
    };

    expect(Code.ZipFile).not.toMatch(/^\s*\/\/|\/\*/m);
    expect(Code.ZipFile).not.toContain("template-src");
  });

  it("logs into a group of the stack's own, kept as long as the size says", () => {
    expect(resource(template, "CallbackLogs").Properties).toMatchObject({
      RetentionInDays: { "Fn::FindInMap": ["SizeSettings", { Ref: "Size" }, "LogRetentionDays"] },
    });
  });
});

describe("tags", () => {
  const taggable = resources.filter(
    ([, one]) =>
      !["AWS::S3::BucketPolicy", "AWS::Cognito::UserPoolClient"].includes(one.Type) &&
      !one.Type.startsWith("Custom::"),
  );
  const guid = { "Fn::Select": [2, { "Fn::Split": ["/", { Ref: "AWS::StackId" }] }] };

  it.each(taggable)("%s carries the deployment's own GUID", (_id, one) => {
    const { Tags, UserPoolTags } = one.Properties as Record<string, unknown>;
    const tags =
      UserPoolTags ??
      Object.fromEntries((Tags as { Key: string; Value: unknown }[]).map((t) => [t.Key, t.Value]));

    expect(tags).toEqual({ [COST_TAG_KEY]: guid, "launchmeter:product": product.name });
  });
});

describe("outputs", () => {
  it("tell names and ARNs, and nothing secret", () => {
    expect(Object.keys(template.Outputs ?? {})).toEqual([
      "DeploymentId",
      "Settings",
      "CostReadRoleArn",
      "ContentBucketName",
      "ContentTableName",
      "ActivityTableName",
      "UserPoolId",
      "UserPoolClientId",
    ]);
    expect(JSON.stringify(template.Outputs)).not.toContain('"InstallCode"');
  });
});

describe("cdk-nag's AwsSolutions", () => {
  it("finds nothing that isn't accepted with a reason beside its construct", () => {
    const outdir = mkdtempSync(join(tmpdir(), "nag-"));
    const app = new App({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
    });
    Validations.of(app).addPlugins(new AwsSolutionsChecks());
    addLaunchStack(app, { product, callbackUrl: `${SITE}/callback`, audience: SITE });

    app.synth();
    const report = readReport(join(outdir, "validation-report.json"));
    rmSync(outdir, { recursive: true });

    expect(report.flatMap((plugin) => plugin.violations ?? [])).toEqual([]);
  });
});

function readReport(path: string): readonly { readonly violations?: readonly unknown[] }[] {
  const report = JSON.parse(readFileSync(path, "utf8")) as {
    pluginReports: { violations?: unknown[] }[];
  };
  return report.pluginReports;
}
