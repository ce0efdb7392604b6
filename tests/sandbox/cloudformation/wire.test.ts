import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStacksCommand,
  UpdateStackCommand,
  ValidateTemplateCommand,
} from "@aws-sdk/client-cloudformation";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it, onTestFinished } from "vitest";
import product from "../../../product.config.ts";
import { createSandbox } from "../../../sandbox/create-sandbox.ts";
import { SELLER_ROLE_PREFIX } from "../../../template-src/contract.ts";
import { synthesizeLaunchStack } from "../../../template-src/publish/synthesize.ts";
import { aProduct, aSandbox, BUYER, clientOf, SELLER } from "../a-sandbox.ts";
import { sampleTemplate } from "./sample-template.ts";

const REGION = "eu-central-1";
type Sandbox = Awaited<ReturnType<typeof createSandbox>>;

function clients(sandbox: Sandbox) {
  const buyer = clientOf(sandbox, sandbox.buyerCredentials(BUYER), REGION);
  const seller = clientOf(sandbox, sandbox.sellerCredentials, "us-east-1");
  return {
    cloudFormation: new CloudFormationClient(buyer),
    buyerS3: new S3Client(buyer),
    sellerS3: new S3Client(seller),
    sellerSts: new STSClient(seller),
  };
}

async function settled(sandbox: Sandbox): Promise<void> {
  await fetch(`${sandbox.origin}/_sandbox/cloudformation/settled`, { method: "POST" });
}

async function publish(sandbox: Sandbox, body: string): Promise<string> {
  const { sellerS3 } = clients(sandbox);
  await sellerS3.send(new CreateBucketCommand({ Bucket: "templates" }));
  await sellerS3.send(
    new PutObjectCommand({
      Bucket: "templates",
      Key: "v1/launch.json",
      Body: body,
      ContentType: "application/json",
      IfNoneMatch: "*",
    }),
  );
  return `${sandbox.origin}/templates/v1/launch.json`;
}

/** A site that lets every stack in. */
async function aSite(): Promise<string> {
  const site = createServer((request, response) => {
    request.resume().on("end", () => {
      response.end(JSON.stringify({ deploymentId: "d-1", settings: { plan: "share" } }));
    });
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void site.close());
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}

/** The seller's own stack: the role that the buyers' read roles let in. */
async function meteringRole(sandbox: Sandbox): Promise<string> {
  const assume = { Effect: "Allow", Action: "sts:AssumeRole" };
  const RoleName = `${SELLER_ROLE_PREFIX}metering`;
  const role = {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: {
        Statement: [{ ...assume, Principal: { AWS: `arn:aws:iam::${SELLER}:root` } }],
      },
      Policies: [
        { PolicyName: "a", PolicyDocument: { Statement: [{ ...assume, Resource: "*" }] } },
      ],
    },
  };
  await new CloudFormationClient(clientOf(sandbox, sandbox.sellerCredentials)).send(
    new CreateStackCommand({
      StackName: "seller",
      TemplateBody: JSON.stringify({ Resources: { Role: role } }),
      Capabilities: ["CAPABILITY_NAMED_IAM"],
    }),
  );
  await settled(sandbox);
  return `arn:aws:iam::${SELLER}:role/${RoleName}`;
}

async function assume(sandbox: Sandbox, sts: STSClient, RoleArn: string, ExternalId?: string) {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "meter", ExternalId }),
  );
  const credentials = {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
  return clientOf(sandbox, credentials, REGION);
}

describe("CloudFormation over the wire", () => {
  it("plays a stack's whole life with the SDK's client", async () => {
    const sandbox = await aSandbox();
    const { cloudFormation } = clients(sandbox);
    const templateUrl = await publish(sandbox, JSON.stringify(sampleTemplate));

    const valid = await cloudFormation.send(
      new ValidateTemplateCommand({ TemplateURL: templateUrl }),
    );
    expect(valid.Capabilities).toEqual(["CAPABILITY_IAM"]);
    expect(valid.Parameters).toContainEqual(
      expect.objectContaining({ ParameterKey: "Secret", NoEcho: true }),
    );

    const { StackId } = await cloudFormation.send(
      new CreateStackCommand({
        StackName: "wire",
        TemplateURL: templateUrl,
        Parameters: [{ ParameterKey: "Name", ParameterValue: "a & b <c>" }],
        Capabilities: ["CAPABILITY_IAM"],
        Tags: [{ Key: "team", Value: "billing" }],
      }),
    );
    await settled(sandbox);
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: StackId }));
    expect(Stacks![0]).toMatchObject({
      StackName: "wire",
      StackStatus: "CREATE_COMPLETE",
      Tags: [{ Key: "team", Value: "billing" }],
      Capabilities: ["CAPABILITY_IAM"],
    });
    expect(Stacks![0]!.CreationTime).toBeInstanceOf(Date);
    expect(Stacks![0]!.Outputs).toContainEqual({
      OutputKey: "Greeting",
      OutputValue: "hello a & b <c>",
    });

    const resources = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: "wire" }),
    );
    expect(resources.StackResources).toHaveLength(12);
    const events = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: "wire" }));
    expect(events.StackEvents![0]).toMatchObject({ ResourceStatus: "CREATE_COMPLETE" });
    const text = await cloudFormation.send(new GetTemplateCommand({ StackName: "wire" }));
    expect(JSON.parse(text.TemplateBody!)).toEqual(sampleTemplate);

    const same = cloudFormation.send(
      new UpdateStackCommand({
        StackName: "wire",
        UsePreviousTemplate: true,
        Parameters: [{ ParameterKey: "Name", UsePreviousValue: true }],
        Capabilities: ["CAPABILITY_IAM"],
      }),
    );
    await expect(same).rejects.toMatchObject({
      name: "ValidationError",
      message: "No updates are to be performed.",
    });

    await cloudFormation.send(new DeleteStackCommand({ StackName: "wire" }));
    await settled(sandbox);
    const listed = await cloudFormation.send(
      new ListStacksCommand({ StackStatusFilter: ["DELETE_COMPLETE"] }),
    );
    expect(listed.StackSummaries).toMatchObject([{ StackName: "wire" }]);
  });

  it("answers refusals under the names the SDK knows", async () => {
    const sandbox = await aSandbox();
    const { cloudFormation } = clients(sandbox);
    const TemplateBody = JSON.stringify(sampleTemplate);
    const create = (more: object = {}) =>
      cloudFormation.send(new CreateStackCommand({ StackName: "wire", TemplateBody, ...more }));

    await expect(create()).rejects.toMatchObject({
      name: "InsufficientCapabilitiesException",
      message: "Requires capabilities : [CAPABILITY_IAM]",
    });
    await create({ Capabilities: ["CAPABILITY_IAM"] });
    await expect(create({ Capabilities: ["CAPABILITY_IAM"] })).rejects.toMatchObject({
      name: "AlreadyExistsException",
      message: "Stack [wire] already exists",
    });
    await expect(
      cloudFormation.send(new DescribeStacksCommand({ StackName: "other" })),
    ).rejects.toMatchObject({
      name: "ValidationError",
      message: "Stack with id other does not exist",
    });
    await settled(sandbox);
  });

  it("lets the seller's read role see its own stack and no other", async () => {
    const sandbox = await aSandbox();
    const { cloudFormation, sellerSts } = clients(sandbox);
    const site = await aSite();
    const seller = { ...product.seller, accountId: SELLER };
    const { json } = synthesizeLaunchStack({
      product: { ...product, seller },
      callbackUrl: `${site}/callback`,
      audience: site,
    });
    const externalId = "0123456789abcdef0123456789abcdef";
    const launch = async (StackName: string) => {
      const { StackId } = await cloudFormation.send(
        new CreateStackCommand({
          StackName,
          TemplateBody: json,
          Capabilities: ["CAPABILITY_NAMED_IAM"],
          Parameters: [
            { ParameterKey: "InstallCode", ParameterValue: "K7Q2-9F3M-XW4T-0000" },
            { ParameterKey: "ExternalIds", ParameterValue: externalId },
          ],
        }),
      );
      await settled(sandbox);
      return StackId!;
    };
    const own = await launch("own");
    const other = await launch("other");
    const { StackResources } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: own }),
    );
    const roles = StackResources!.filter(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === "AWS::IAM::Role" && /read|cost/i.test(LogicalResourceId!),
    );
    expect(roles).toHaveLength(1);

    const metering = await assume(sandbox, sellerSts, await meteringRole(sandbox));
    const reading = await assume(
      sandbox,
      new STSClient(metering),
      `arn:aws:iam::${BUYER}:role/${roles[0]!.PhysicalResourceId}`,
      externalId,
    );
    const reader = new CloudFormationClient(reading);

    const seen = await reader.send(new DescribeStacksCommand({ StackName: own }));
    expect(seen.Stacks).toMatchObject([{ StackStatus: "CREATE_COMPLETE" }]);
    await expect(
      reader.send(new DescribeStacksCommand({ StackName: other })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(reader.send(new DescribeStacksCommand({}))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await expect(reader.send(new DeleteStackCommand({ StackName: own }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  it("goes on with a stack after the sandbox was killed", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "launchmeter-test-"));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const before = await createSandbox({ port: 0, products: [aProduct], dataDir });
    const { StackId } = await clients(before).cloudFormation.send(
      new CreateStackCommand({
        StackName: "wire",
        TemplateBody: JSON.stringify(sampleTemplate),
        Capabilities: ["CAPABILITY_IAM"],
      }),
    );
    await before.close();

    const after = await createSandbox({ port: 0, products: [aProduct], dataDir });
    onTestFinished(() => after.close());
    const { cloudFormation } = clients(after);

    await expect
      .poll(
        async () =>
          (await cloudFormation.send(new DescribeStacksCommand({ StackName: StackId }))).Stacks![0]!
            .StackStatus,
        { timeout: 20_000 },
      )
      .toBe("CREATE_COMPLETE");
  });
});

describe("S3 over the wire", () => {
  it("refuses to overwrite what was put with If-None-Match", async () => {
    const sandbox = await aSandbox();
    await publish(sandbox, "first");

    await expect(
      clients(sandbox).sellerS3.send(
        new PutObjectCommand({
          Bucket: "templates",
          Key: "v1/launch.json",
          Body: "second",
          IfNoneMatch: "*",
        }),
      ),
    ).rejects.toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
  });

  it("serves a published object to anybody, and keeps it over a restart", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "launchmeter-test-"));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const before = await createSandbox({ port: 0, products: [aProduct], dataDir });
    const path = new URL(await publish(before, "{}")).pathname;
    await before.close();
    const after = await createSandbox({ port: 0, products: [aProduct], dataDir });
    onTestFinished(() => after.close());

    const response = await fetch(after.origin + path);

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe("{}");
    const { sellerS3 } = clients(after);
    const input = { Bucket: "templates", Key: "v1/launch.json" };
    const head = await sellerS3.send(new HeadObjectCommand(input));
    expect(head.ETag).toBe(response.headers.get("etag"));
    const got = await sellerS3.send(new GetObjectCommand(input));
    expect(await got.Body!.transformToString()).toBe("{}");
  });

  it("lets nobody write into another account's bucket, nor without a signature", async () => {
    const sandbox = await aSandbox();
    await publish(sandbox, "{}");

    await expect(
      clients(sandbox).buyerS3.send(
        new PutObjectCommand({ Bucket: "templates", Key: "v2", Body: "mine" }),
      ),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    const unsigned = await fetch(`${sandbox.origin}/templates/v2`, { method: "PUT", body: "mine" });
    expect(unsigned.status).toBe(403);
  });

  it("takes streams, lists and deletes", async () => {
    const sandbox = await aSandbox();
    await publish(sandbox, "{}");
    const { sellerS3 } = clients(sandbox);
    const Bucket = "templates";
    // A stream can't be sent twice, so the client has to know the sandbox's time by then.
    await sellerS3.send(new ListObjectsV2Command({ Bucket }));
    const Body = Readable.from(Array.from({ length: 20_000 }, () => Buffer.from("streamed ")));

    await sellerS3.send(new PutObjectCommand({ Bucket, Key: "big", Body, ContentLength: 180_000 }));

    const got = await sellerS3.send(new GetObjectCommand({ Bucket, Key: "big" }));
    expect(await got.Body!.transformToString()).toHaveLength(180_000);
    await sellerS3.send(new DeleteObjectCommand({ Bucket, Key: "big" }));
    const list = await sellerS3.send(new ListObjectsV2Command({ Bucket }));
    expect(list.Contents?.map(({ Key }) => Key)).toEqual(["v1/launch.json"]);
    await expect(sellerS3.send(new GetObjectCommand({ Bucket, Key: "big" }))).rejects.toMatchObject(
      { name: "NoSuchKey" },
    );
  });
});
