import { describe, expect, it } from "vitest";
import {
  permissionManifest,
  permissionMarkdown,
} from "../../template-src/publish/permission-manifest.ts";
import { aBrokenTemplate, aTemplate, synthesize } from "./support.ts";

const manifest = permissionManifest(synthesize().json);

describe("the permission manifest", () => {
  it("holds every policy statement of the template", () => {
    const statements = JSON.stringify(aTemplate().Resources).match(/"Effect":/g);

    expect(manifest.permissions).toHaveLength(statements?.length ?? 0);
  });

  it("says for every resource and statement why it is there", () => {
    expect(manifest.resources.map(({ logicalId }) => logicalId)).toEqual(
      Object.keys(aTemplate().Resources),
    );
    for (const { why } of [...manifest.resources, ...manifest.permissions]) {
      expect(why).toMatch(/^[A-Z].{15,}\.$/);
    }
  });

  it("tells what the seller can do, and under which conditions", () => {
    const bySeller = manifest.permissions.filter(({ usableBy }) =>
      usableBy.includes("999988887777"),
    );

    expect(
      bySeller.map(({ actions, resources, conditions }) => ({ actions, resources, conditions })),
    ).toEqual([
      {
        actions: ["sts:AssumeRole"],
        resources: [],
        conditions: [
          "sts:ExternalId = ${ExternalIds}",
          "aws:PrincipalArn is like arn:${AWS::Partition}:iam::999988887777:role/launchmeter-*",
        ],
      },
      {
        actions: ["sts:TagSession"],
        resources: [],
        conditions: [
          "aws:PrincipalArn is like arn:${AWS::Partition}:iam::999988887777:role/launchmeter-*",
          "aws:TagKeys are only launchmeter:license or launchmeter:deployment",
        ],
      },
      { actions: ["ce:GetCostAndUsage"], resources: ["*"], conditions: [] },
      {
        actions: ["cloudformation:DescribeStacks"],
        resources: ["${AWS::StackId}"],
        conditions: [],
      },
    ]);
    expect(bySeller[0]?.usableBy).toBe("Fernhollow (AWS account 999988887777)");
  });

  it("names everyone else in words", () => {
    const holders = Object.fromEntries(
      manifest.permissions.map(({ holder, usableBy, effect }) => [holder, `${effect} ${usableBy}`]),
    );

    expect(holders).toMatchObject({
      EncryptionKey: "Allow your own account",
      ContentBucketPolicy: "Deny everyone",
      CallbackRole: "Allow AWS Lambda",
    });
  });

  it("refuses a statement without a reason", () => {
    const json = aBrokenTemplate({
      "Resources.CallbackRole.Properties.Policies.0.PolicyDocument.Statement.1": {
        Sid: "Sneaky",
        Effect: "Allow",
        Action: "s3:*",
        Resource: "*",
      },
    });

    expect(() => permissionManifest(json)).toThrow(
      /Statement "Sneaky" of CallbackRole has no reason/,
    );
  });

  it("refuses a resource without a reason", () => {
    const json = aBrokenTemplate({ "Resources.UserPool.Metadata": undefined });

    expect(() => permissionManifest(json)).toThrow(/UserPool .* has no reason/);
  });

  it("reads as two tables", () => {
    const markdown = permissionMarkdown(manifest);

    expect(markdown).toContain("| `CostReadRole` | Fernhollow (AWS account 999988887777) |");
    expect(markdown).toContain("**denied** `s3:*`");
    expect(markdown.split("\n").filter((line) => line.startsWith("| "))).toHaveLength(
      manifest.permissions.length + manifest.resources.length + 4,
    );
  });
});
