import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import product from "../../product.config.ts";
import type { CallbackEnvelope, CallbackPayload } from "../../template-src/contract.ts";
import { synthesizeLaunchStack } from "../../template-src/publish/synthesize.ts";
import { startHarness, type Harness } from "../sandbox/cloudformation/harness.ts";

/** The template as it is, in the sandbox's CloudFormation, against a site that says what it is told to. */

const PARAMETERS = {
  InstallCode: "K7Q2-9F3M-XW4T-0000",
  ExternalIds: "0123456789abcdef0123456789abcdef",
};

let sandbox: Harness;
let site: Server;
let received: CallbackPayload[];
let refusal: string | undefined;

beforeEach(async () => {
  received = [];
  refusal = undefined;
  site = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const envelope = JSON.parse(Buffer.concat(chunks).toString()) as CallbackEnvelope;
      received.push(JSON.parse(envelope.payload) as CallbackPayload);
      response
        .writeHead(refusal === undefined ? 200 : 403)
        .end(
          JSON.stringify(
            refusal === undefined
              ? { deploymentId: "d-123", settings: { plan: "share" } }
              : { error: { code: "no", message: refusal } },
          ),
        );
    });
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  sandbox = await startHarness();
});
afterEach(async () => {
  await sandbox.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

function aTemplate(launchStack: Partial<typeof product.launchStack> = {}): object {
  const audience = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const { json } = synthesizeLaunchStack({
    product: { ...product, launchStack: { ...product.launchStack, ...launchStack } },
    callbackUrl: `${audience}/callback`,
    audience,
  });
  return JSON.parse(json) as object;
}

async function outputs(): Promise<Record<string, string>> {
  const answer = await sandbox.call<{
    Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[];
  }>("DescribeStacks", { StackName: "demo" });
  return Object.fromEntries(
    answer.Stacks[0]!.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
}

describe("launching", () => {
  it("registers once everything else exists, and shows what the site answered", async () => {
    await sandbox.deploy(aTemplate(), PARAMETERS);

    expect(await sandbox.status()).toBe("CREATE_COMPLETE");
    expect((await sandbox.events()).slice(-2)).toEqual([
      "Registration CREATE_COMPLETE",
      "demo CREATE_COMPLETE",
    ]);
    const out = await outputs();
    expect(out).toMatchObject({ DeploymentId: "d-123", Settings: '{"plan":"share"}' });
    expect(received).toEqual([
      expect.objectContaining({
        requestType: "Create",
        installCode: PARAMETERS.InstallCode,
        resources: expect.objectContaining({
          readRoleArn: out.CostReadRoleArn,
          size: "production",
        }) as unknown,
      }),
    ]);
  });

  it("leaves nothing behind when the site refuses, and says why", async () => {
    refusal = "This install code was used before. Get a new one.";

    await sandbox.deploy(aTemplate(), PARAMETERS);

    expect(await sandbox.status()).toBe("ROLLBACK_COMPLETE");
    expect((await sandbox.reasons()).join("\n")).toContain(refusal);
    expect(await sandbox.existing()).toEqual({});
  });

  it("is refused in a region that the product doesn't support, before anything is made", async () => {
    const attempt = sandbox.deploy(aTemplate({ regions: ["us-east-1"] }), PARAMETERS);

    await expect(attempt).rejects.toThrow(/can't be launched in this region/);
    expect(received).toEqual([]);
  });

  it.each([
    ["InstallCode", "two words"],
    ["ExternalIds", "short"],
    ["Size", "huge"],
    ["PermissionsBoundaryArn", "Boundary"],
  ])("is refused with a wrong %s", async (name, value) => {
    await expect(sandbox.deploy(aTemplate(), { ...PARAMETERS, [name]: value })).rejects.toThrow(
      name,
    );
  });

  it("puts the buyer's permissions boundary to use", async () => {
    const PermissionsBoundaryArn = "arn:aws:iam::111122223333:policy/Boundary";

    await sandbox.deploy(aTemplate(), { ...PARAMETERS, PermissionsBoundaryArn });

    expect(await sandbox.status()).toBe("CREATE_COMPLETE");
  });
});

describe("updating", () => {
  it("to a new version calls again, with the spent code", async () => {
    await sandbox.deploy(aTemplate(), PARAMETERS);

    await sandbox.update(aTemplate({ version: "1.1.0" }), PARAMETERS);

    expect(await sandbox.status()).toBe("UPDATE_COMPLETE");
    expect(
      received.map(({ requestType, templateVersion }) => [requestType, templateVersion]),
    ).toEqual([
      ["Create", "1.0.0"],
      ["Update", "1.1.0"],
    ]);
  });

  it("that the site refuses rolls back, even though it refuses the roll-back too", async () => {
    await sandbox.deploy(aTemplate(), PARAMETERS);
    refusal = "This deployment has ended.";

    await sandbox.update(aTemplate({ version: "1.1.0" }), PARAMETERS);

    expect(await sandbox.status()).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(received.map(({ templateVersion }) => templateVersion)).toEqual([
      "1.0.0",
      "1.1.0",
      "1.0.0",
    ]);
  });

  it("goes through while the site is down, and still knows its deployment", async () => {
    await sandbox.deploy(aTemplate(), PARAMETERS);
    const next = aTemplate({ version: "1.1.0" });
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));

    await sandbox.update(next, PARAMETERS);

    expect(await sandbox.status()).toBe("UPDATE_COMPLETE");
    expect(await outputs()).toMatchObject({ DeploymentId: "d-123" });
  });
});

describe("deleting", () => {
  it("says goodbye first, and keeps the buyer's data with its key", async () => {
    await sandbox.deploy(aTemplate(), PARAMETERS);

    await sandbox.remove();

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
    const deletions = (await sandbox.events()).filter((event) => event.includes("DELETE_"));
    expect(deletions[1]).toBe("Registration DELETE_IN_PROGRESS");
    expect(deletions[2]).toBe("Registration DELETE_COMPLETE");
    expect(received.at(-1)).toMatchObject({ requestType: "Delete" });
    expect(Object.keys(await sandbox.existing()).sort()).toEqual([
      "ActivityTable",
      "ContentBucket",
      "ContentBucketPolicy",
      "ContentTable",
      "EncryptionKey",
      "UserPool",
    ]);
  });

  it("works when the site refuses to hear of it", async () => {
    await sandbox.deploy(aTemplate(), PARAMETERS);
    refusal = "Who are you?";

    await sandbox.remove();

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
  });
});
