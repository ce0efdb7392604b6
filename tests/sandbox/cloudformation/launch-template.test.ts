import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import product from "../../../product.config.ts";
import { synthesizeLaunchStack } from "../../../template-src/publish/synthesize.ts";
import { startHarness, type Harness } from "./harness.ts";

/** The template that buyers get, with a failure at each of its resources in turn. */
const PARAMETERS = {
  InstallCode: "K7Q2-9F3M-XW4T-0000",
  ExternalIds: "0123456789abcdef0123456789abcdef",
};

interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

function synthesized(site: string): Template {
  const { json } = synthesizeLaunchStack({
    product,
    callbackUrl: `${site}/callback`,
    audience: site,
  });
  return JSON.parse(json) as Template;
}

const logicalIds = Object.entries(synthesized("https://site.example").Resources);

let sandbox: Harness;
let site: Server;
let template: Template;
let asked: string[];
beforeEach(async () => {
  asked = [];
  site = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { payload } = JSON.parse(Buffer.concat(chunks).toString()) as { payload: string };
      asked.push((JSON.parse(payload) as { requestType: string }).requestType);
      response.end(JSON.stringify({ deploymentId: "d-1", settings: { plan: "share" } }));
    });
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  template = synthesized(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
  sandbox = await startHarness();
});
afterEach(async () => {
  await sandbox.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

describe("the launch template", () => {
  it.each(logicalIds.map(([id]) => id))(
    "leaves nothing behind when %s fails",
    async (logicalId) => {
      for (const when of ["before", "after"] as const) {
        sandbox.part.failures.clear();
        const failure = { logicalId, operation: "create", when, reason: "no", times: 1 } as const;
        sandbox.part.failures.add(failure);

        await sandbox.deploy(template, PARAMETERS);

        expect(await sandbox.status()).toBe("ROLLBACK_COMPLETE");
        expect(await sandbox.existing()).toEqual({});
        expect(sandbox.roles.size).toBe(0);
        await sandbox.remove();
      }
      const registrations = asked.filter((type) => type === "Create").length;
      expect(asked.filter((type) => type === "Delete")).toHaveLength(registrations);
    },
  );

  const deletable = logicalIds.map(([id]) => id);
  it.each(deletable)("can be deleted after %s refused to be the first time", async (logicalId) => {
    await sandbox.deploy(template, PARAMETERS);
    const failure = { logicalId, operation: "delete", reason: "no", times: 1 } as const;
    sandbox.part.failures.add({ ...failure, when: "before" });

    await sandbox.remove();
    await sandbox.remove();

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
  });

  it("makes again what was made, when the sandbox was killed in the middle", async () => {
    await sandbox.call("CreateStack", {
      StackName: "demo",
      TemplateBody: JSON.stringify(template),
      Capabilities: ["CAPABILITY_IAM"],
      Parameters: Object.entries(PARAMETERS).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    });
    await expect.poll(() => asked, { interval: 1, timeout: 20_000 }).toEqual(["Create"]);

    sandbox = await sandbox.killAndRestart();

    await expect.poll(() => sandbox.status(), { timeout: 20_000 }).toBe("CREATE_COMPLETE");
  });
});
