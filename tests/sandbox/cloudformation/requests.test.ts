import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOW, startHarness, type Harness } from "./harness.ts";
import { sampleTemplate, sampleWith } from "./sample-template.ts";

let sandbox: Harness;
beforeEach(async () => void (sandbox = await startHarness()));
afterEach(() => sandbox.close());

function stored(key: string, body: string): string {
  sandbox.buckets.create({
    name: "templates",
    accountId: "999999999999",
    region: "us-east-1",
    publicRead: true,
  });
  const contentType = "application/json";
  sandbox.buckets.put({ bucket: "templates", key, body: Buffer.from(body), contentType, at: NOW });
  return `${sandbox.origin}/templates/${key}`;
}

const validate = (input: object) => sandbox.call("ValidateTemplate", { ...input });

describe("where a template comes from", () => {
  it.each([
    "https://example.com/template.json",
    "https://d111111abcdef8.cloudfront.net/template.json",
    "https://templates.s3-website.eu-central-1.amazonaws.com.example/t.json",
    "http://templates.s3.eu-central-1.amazonaws.com/v1.json",
    "file:///etc/passwd",
    "no url",
  ])("%s is no S3 URL", async (TemplateURL) => {
    await expect(validate({ TemplateURL })).rejects.toThrow("TemplateURL must be a supported URL");
  });

  it.each([
    (origin: string) => `${origin}/templates/v1/a.json`,
    () => "https://templates.s3.eu-central-1.amazonaws.com/v1/a.json",
    () => "https://s3.us-east-1.amazonaws.com/templates/v1/a.json",
    () => "https://s3-eu-west-1.amazonaws.com/templates/v1/a.json",
  ])("an S3 URL in any of its forms leads to the object", async (url) => {
    stored("v1/a.json", JSON.stringify(sampleTemplate));

    const answer = await validate({ TemplateURL: url(sandbox.origin) });

    expect(answer).toMatchObject({ Description: "Everything a launch stack uses" });
  });

  it("says which of bucket and key is missing", async () => {
    await expect(validate({ TemplateURL: `${sandbox.origin}/no-bucket/a` })).rejects.toThrow(
      "The specified bucket does not exist",
    );
    stored("v1/a.json", "{}");
    await expect(validate({ TemplateURL: `${sandbox.origin}/templates/b` })).rejects.toThrow(
      "The specified key does not exist",
    );
  });

  it("takes 51,200 bytes inline, and up to 1 MB by URL", async () => {
    const padded = (bytes: number) => {
      const text = JSON.stringify(sampleTemplate);
      return text + " ".repeat(bytes - Buffer.byteLength(text));
    };

    await expect(validate({ TemplateBody: padded(51_200) })).resolves.toBeDefined();
    await expect(validate({ TemplateBody: padded(51_201) })).rejects.toThrow(
      "length less than or equal to 51200",
    );
    await expect(
      validate({ TemplateURL: stored("big", padded(1_000_000)) }),
    ).resolves.toBeDefined();
    await expect(validate({ TemplateURL: stored("bigger", padded(1_000_001)) })).rejects.toThrow(
      "Template may not exceed",
    );
  });
});

describe("what a request must say", () => {
  it("acknowledges named roles by name", async () => {
    const named = sampleWith(({ Resources }) => {
      Resources.ReadRole!.Properties.RoleName = "reader";
    });

    await expect(
      sandbox.deploy(named, {}, { Capabilities: ["CAPABILITY_IAM"] }),
    ).rejects.toMatchObject({
      code: "InsufficientCapabilitiesException",
      message: "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    });
  });

  it.each(["1demo", "my_stack", "", "x".repeat(129)])("%j is no stack name", async (StackName) => {
    await expect(sandbox.deploy(sampleTemplate, {}, { StackName })).rejects.toThrow(/stackName/);
  });

  it("may not update a stack that is being made, or was rolled back", async () => {
    await sandbox.call("CreateStack", {
      StackName: "demo",
      TemplateBody: JSON.stringify(sampleTemplate),
      Parameters: [{ ParameterKey: "FailOn", ParameterValue: "Create" }],
      Capabilities: ["CAPABILITY_IAM"],
    });
    await expect(sandbox.update(sampleTemplate)).rejects.toThrow(
      "is in CREATE_IN_PROGRESS state and can not be updated",
    );
    await sandbox.part.settled();
    await expect(sandbox.update(sampleTemplate)).rejects.toThrow(
      "is in ROLLBACK_COMPLETE state and can not be updated",
    );
  });

  it("may not delete a protected stack", async () => {
    await sandbox.deploy(sampleTemplate, {}, { EnableTerminationProtection: "true" });

    await expect(sandbox.remove()).rejects.toThrow("TerminationProtection is enabled");
  });

  it("leaves nothing behind when a rule refuses it", async () => {
    const elsewhere = sampleWith((template) => {
      template.Rules = {
        Regions: {
          Assertions: [
            {
              Assert: { "Fn::Contains": [["us-east-1"], { Ref: "AWS::Region" }] },
              AssertDescription: "Not in this region",
            },
          ],
        },
      };
    });

    await expect(sandbox.deploy(elsewhere)).rejects.toThrow(/^Not in this region$/);
    await expect(sandbox.call("DescribeStacks", { StackName: "demo" })).rejects.toThrow(
      "does not exist",
    );
  });

  it("hides NoEcho parameters in every answer", async () => {
    await sandbox.deploy(sampleTemplate, { Secret: "sesame" });

    for (const action of ["DescribeStacks", "DescribeStackEvents", "DescribeStackResources"]) {
      const answer = JSON.stringify(await sandbox.call(action, { StackName: "demo" }));
      expect(answer).not.toContain("sesame");
    }
  });

  it("deleting a stack that is not there is no error", async () => {
    await expect(sandbox.call("DeleteStack", { StackName: "nothing" })).resolves.toEqual({});
  });
});
