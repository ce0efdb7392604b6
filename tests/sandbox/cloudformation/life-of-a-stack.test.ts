import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, NOW, REGION, startHarness, type Harness } from "./harness.ts";
import { sampleTemplate, sampleWith } from "./sample-template.ts";

let sandbox: Harness;
beforeEach(async () => void (sandbox = await startHarness()));
afterEach(() => sandbox.close());

async function outputs(stackName = "demo"): Promise<Record<string, string>> {
  const answer = await sandbox.call<{
    Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[];
  }>("DescribeStacks", { StackName: stackName });
  return Object.fromEntries(
    answer.Stacks[0]!.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
}

describe("creating", () => {
  it("makes every resource in dependency order and answers with outputs", async () => {
    await sandbox.deploy(sampleTemplate, { Name: "marketplace" });

    expect(await sandbox.status()).toBe("CREATE_COMPLETE");
    const events = await sandbox.events();
    const at = (event: string) => events.indexOf(event);
    expect(events[0]).toBe("demo CREATE_IN_PROGRESS");
    expect(at("Key CREATE_COMPLETE")).toBeLessThan(at("Table CREATE_IN_PROGRESS"));
    expect(at("Table CREATE_COMPLETE")).toBeLessThan(at("Registration CREATE_IN_PROGRESS"));
    expect(events.at(-1)).toBe("demo CREATE_COMPLETE");
    const out = await outputs();
    expect(out.Greeting).toBe("hello marketplace");
    expect(out.Ids).toBe("one+two");
    expect(out.TableArn).toMatch(
      new RegExp(`^arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/demo-Table-[A-Z0-9]{12}$`),
    );
    expect(out).not.toHaveProperty("ProductionOnly");
  });

  it("answers before the work begins", async () => {
    const { StackId } = await sandbox.call<{ StackId: string }>("CreateStack", {
      StackName: "demo",
      TemplateBody: JSON.stringify(sampleTemplate),
      Capabilities: ["CAPABILITY_IAM"],
    });

    expect(StackId).toMatch(
      new RegExp(`^arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/demo/[0-9a-f-]{36}$`),
    );
    expect(await sandbox.status()).toBe("CREATE_IN_PROGRESS");
    await sandbox.part.settled(StackId);
    expect(await sandbox.status()).toBe("CREATE_COMPLETE");
  });

  it("gives the function strings, the sandbox's time and only the runtime's variables", async () => {
    process.env.SANDBOX_TEST_SECRET = "must not leak";

    await sandbox.deploy(sampleTemplate);

    delete process.env.SANDBOX_TEST_SECRET;
    const out = await outputs();
    const seen = JSON.parse(out.Seen!) as { type: string; properties: Record<string, unknown> };
    expect(seen.type).toBe("Create");
    expect(seen.properties).toMatchObject({ Flag: "true", Count: "3", ServiceTimeout: "60" });
    expect(seen.properties.Roles).toEqual([
      expect.stringMatching(/^arn:aws:iam::111122223333:role/),
    ]);
    expect(Date.parse(out.Now!) - NOW).toBeLessThan(20_000);
    expect(Date.parse(out.Now!) - NOW).toBeGreaterThanOrEqual(0);
    expect(out.Region).toBe(REGION);
    const variables = out.Variables!.split(",");
    expect(variables).toContain("OWN");
    const foreign = variables.filter(
      (name) => !/^(AWS_|LAMBDA_|_HANDLER|TZ|LANG|PATH|OWN)/.test(name),
    );
    expect(foreign).toEqual([]);
  });

  it("keeps what the function printed in its log group", async () => {
    await sandbox.deploy(sampleTemplate);

    await sandbox.part.idle();
    const group = (await outputs()).LogGroup!;
    const logs = await sandbox.fetch(
      `/_sandbox/cloudformation/logs?accountId=${ACCOUNT}&region=${REGION}&group=${group}`,
    );
    const text = await logs.text();
    expect(text).toContain("asked to Create at 2031-03-04");
    expect(text).toContain("answered 200");
    expect(text).not.toContain("secret-of-the-session");
  });

  it("attaches separate policies to their role", async () => {
    await sandbox.deploy(sampleTemplate);

    const role = [...sandbox.roles.values()].find(({ name }) => name.includes("FunctionRole"));
    expect(Object.keys(role!.policies)).toEqual(["logs"]);
    const reader = [...sandbox.roles.values()].find(({ name }) => name.includes("ReadRole"));
    expect(JSON.stringify(reader!.trustPolicy)).toContain('"sts:ExternalId":["one","two"]');
  });

  it("makes conditional resources when their condition holds", async () => {
    await sandbox.deploy(sampleTemplate, { Size: "production" });

    expect(await sandbox.existing()).toHaveProperty("OnlyInProduction");
  });
});

describe("failing to create", () => {
  const everyResource = Object.keys(sampleTemplate.Resources).filter(
    (id) => id !== "OnlyInProduction",
  );

  it.each(everyResource)("leaves nothing behind when %s fails", async (logicalId) => {
    sandbox.part.failures.add({
      logicalId,
      operation: "create",
      when: "before",
      reason: "no capacity",
      times: 1,
    });

    await sandbox.deploy(sampleTemplate);

    expect(await sandbox.status()).toBe("ROLLBACK_COMPLETE");
    expect(await sandbox.events()).toContain(`${logicalId} CREATE_FAILED`);
    expect((await sandbox.reasons()).join()).toContain("no capacity");
    expect(await sandbox.existing()).toEqual({});
    expect(sandbox.roles.size).toBe(0);
    expect(sandbox.buckets.snapshot()).toEqual([]);
  });

  it("shows the function's reason and sends Delete for a failed Create", async () => {
    await sandbox.deploy(sampleTemplate, { FailOn: "Create" });

    expect(await sandbox.status()).toBe("ROLLBACK_COMPLETE");
    const reasons = (await sandbox.reasons()).join("\n");
    expect(reasons).toContain("Received response status [FAILED] from custom resource");
    expect(reasons).toContain("refused on purpose");
    expect(await sandbox.events()).toContain("Registration DELETE_COMPLETE");
  });

  it("tries a function that throws three times before it gives up", async () => {
    await sandbox.deploy(sampleTemplate, { Behaviour: "throw" }, { OnFailure: "DO_NOTHING" });

    expect(await sandbox.status()).toBe("CREATE_FAILED");
    expect((await sandbox.reasons()).join()).toContain("did not receive a response");
    const { Logs } = await sandbox.existing();
    const logs = await sandbox.fetch(
      `/_sandbox/cloudformation/logs?accountId=${ACCOUNT}&region=${REGION}&group=${Logs}`,
    );
    expect((await logs.text()).match(/Error: thrown on purpose/g)).toHaveLength(6);
  });

  it("kills a function at its timeout", async () => {
    const quick = sampleWith((template) => {
      template.Resources.Function!.Properties.Timeout = 1;
    });

    await sandbox.deploy(quick, { Behaviour: "hang" }, { OnFailure: "DO_NOTHING" });

    const { Logs } = await sandbox.existing();
    const logs = await sandbox.fetch(
      `/_sandbox/cloudformation/logs?accountId=${ACCOUNT}&region=${REGION}&group=${Logs}`,
    );
    expect(await logs.text()).toContain("Task timed out after 1.00 seconds");
  });

  it("waits no longer than ServiceTimeout", async () => {
    const impatient = sampleWith((template) => {
      template.Resources.Registration!.Properties.ServiceTimeout = 1;
    });

    await sandbox.deploy(impatient, { Behaviour: "hang" }, { OnFailure: "DO_NOTHING" });

    expect(await sandbox.status()).toBe("CREATE_FAILED");
    expect((await sandbox.reasons()).join()).toContain("did not receive a response");
  });

  it("leaves everything for inspection when rollback is disabled", async () => {
    await sandbox.deploy(sampleTemplate, { FailOn: "Create" }, { DisableRollback: "true" });

    expect(await sandbox.status()).toBe("CREATE_FAILED");
    expect(Object.keys(await sandbox.existing())).toContain("Table");
  });

  it("deletes the stack itself when OnFailure says so", async () => {
    await sandbox.deploy(sampleTemplate, { FailOn: "Create" }, { OnFailure: "DELETE" });

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
    expect(await sandbox.existing()).toEqual({});
  });

  it("keeps Retain and deletes RetainExceptOnCreate after a failed create", async () => {
    const template = sampleWith(({ Resources }) => {
      Resources.Table!.DeletionPolicy = "Retain";
    });

    await sandbox.deploy(template, { FailOn: "Create" });

    expect(Object.keys(await sandbox.existing())).toEqual(["Table"]);
    expect(await sandbox.events()).toContain("Table DELETE_SKIPPED");
    expect(await sandbox.events()).toContain("Key DELETE_COMPLETE");
  });

  it("refuses a property that the type does not have", async () => {
    const template = sampleWith(({ Resources }) => {
      Resources.Table!.Properties.Speed = "high";
    });

    await sandbox.deploy(template);

    expect(await sandbox.status()).toBe("ROLLBACK_COMPLETE");
    expect((await sandbox.reasons()).join()).toContain("extraneous key [Speed] is not permitted");
  });

  it("says which attribute a function left out", async () => {
    const template = sampleWith(({ Outputs }) => {
      Outputs.Missing = { Value: { "Fn::GetAtt": ["Registration", "Nothing"] } };
    });

    await sandbox.deploy(template);

    expect(await sandbox.status()).toBe("ROLLBACK_COMPLETE");
    expect((await sandbox.reasons()).join()).toContain("doesn't contain Nothing");
  });
});

describe("deleting", () => {
  it("deletes dependents first and keeps what is to be retained", async () => {
    await sandbox.deploy(sampleTemplate);

    await sandbox.remove();

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
    const events = await sandbox.events();
    const at = (event: string) => events.indexOf(event);
    expect(at("Registration DELETE_COMPLETE")).toBeLessThan(at("ReadRole DELETE_IN_PROGRESS"));
    expect(at("Registration DELETE_COMPLETE")).toBeLessThan(at("Function DELETE_IN_PROGRESS"));
    expect(events).toContain("Key DELETE_SKIPPED");
    expect(Object.keys(await sandbox.existing())).toEqual(["Key"]);
  });

  it("stops at a bucket with content and finishes when it is empty", async () => {
    await sandbox.deploy(sampleTemplate);
    const path = `/_sandbox/cloudformation/objects/content-${ACCOUNT}/letter.txt`;
    await sandbox.fetch(path, { method: "PUT", body: "dear all" });

    await sandbox.remove();

    expect(await sandbox.status()).toBe("DELETE_FAILED");
    expect((await sandbox.reasons()).join()).toContain(
      "The bucket you tried to delete is not empty",
    );

    await sandbox.fetch(path, { method: "DELETE" });
    await sandbox.remove();

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
  });

  it("leaves behind what the caller retains after a failed delete", async () => {
    await sandbox.deploy(sampleTemplate, { FailOn: "Delete" });
    await sandbox.remove();
    expect(await sandbox.status()).toBe("DELETE_FAILED");

    await sandbox.remove({ RetainResources: ["Registration"] });

    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
  });

  it("forgets the name but not the id", async () => {
    const stackId = await sandbox.deploy(sampleTemplate);
    await sandbox.remove();

    await expect(sandbox.call("DescribeStacks", { StackName: "demo" })).rejects.toThrow(
      "Stack with id demo does not exist",
    );
    expect(await sandbox.call("DescribeStacks", { StackName: stackId })).toMatchObject({
      Stacks: [{ StackStatus: "DELETE_COMPLETE" }],
    });
  });

  it("takes over from a create that is still going on", async () => {
    const { StackId } = await sandbox.call<{ StackId: string }>("CreateStack", {
      StackName: "demo",
      TemplateBody: JSON.stringify(sampleTemplate),
      Parameters: [{ ParameterKey: "Behaviour", ParameterValue: "silent" }],
      Capabilities: ["CAPABILITY_IAM"],
    });
    await sandbox.call("DeleteStack", { StackName: "demo" });
    await sandbox.part.settled(StackId);

    expect(await sandbox.call("DescribeStacks", { StackName: StackId })).toMatchObject({
      Stacks: [{ StackStatus: "DELETE_COMPLETE" }],
    });
    expect(await sandbox.existing()).toEqual({});
  });
});
