import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, startHarness, type Harness } from "./harness.ts";
import { sampleTemplate, sampleWith } from "./sample-template.ts";

let sandbox: Harness;
beforeEach(async () => void (sandbox = await startHarness()));
afterEach(() => sandbox.close());

interface Seen {
  readonly type: string;
  readonly id?: string;
  readonly properties: Record<string, string>;
  readonly old?: Record<string, string>;
}

async function seen(): Promise<Seen> {
  const answer = await sandbox.call<{
    Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[];
  }>("DescribeStacks", { StackName: "demo" });
  const output = answer.Stacks[0]!.Outputs.find(({ OutputKey }) => OutputKey === "Seen");
  return JSON.parse(output!.OutputValue) as Seen;
}

async function since(events: string[]): Promise<string[]> {
  return (await sandbox.events()).slice(events.length);
}

const otherTable = sampleWith(({ Resources }) => {
  Resources.Table!.Properties.KeySchema = [{ AttributeName: "other", KeyType: "HASH" }];
  Resources.Table!.Properties.AttributeDefinitions = [
    { AttributeName: "other", AttributeType: "S" },
  ];
});

describe("updating", () => {
  it("calls only what changed, and tells the function old and new properties", async () => {
    await sandbox.deploy(sampleTemplate);
    const before = await sandbox.events();

    await sandbox.update(sampleTemplate, { Name: "second" });

    expect(await sandbox.status()).toBe("UPDATE_COMPLETE");
    expect(await since(before)).toEqual([
      "demo UPDATE_IN_PROGRESS",
      "Registration UPDATE_IN_PROGRESS",
      "Registration UPDATE_COMPLETE",
      "demo UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
      "demo UPDATE_COMPLETE",
    ]);
    expect(await seen()).toMatchObject({
      type: "Update",
      id: "registration-1",
      properties: { Name: "second" },
      old: { Name: "world" },
    });
  });

  it("keeps previous parameter values when asked to", async () => {
    await sandbox.deploy(sampleTemplate, { Name: "first", Secret: "mine" });

    await sandbox.call("UpdateStack", {
      StackName: "demo",
      UsePreviousTemplate: "true",
      Capabilities: ["CAPABILITY_IAM"],
      Parameters: [
        { ParameterKey: "Name", UsePreviousValue: "true" },
        { ParameterKey: "Size", ParameterValue: "production" },
      ],
    });
    await sandbox.part.settled();

    expect((await seen()).properties.Name).toBe("first");
    expect(await sandbox.existing()).toHaveProperty("OnlyInProduction");
  });

  it("refuses an update that changes nothing", async () => {
    await sandbox.deploy(sampleTemplate, { Name: "same" });

    await expect(sandbox.update(sampleTemplate, { Name: "same" })).rejects.toThrow(
      "No updates are to be performed.",
    );
    expect(await sandbox.status()).toBe("CREATE_COMPLETE");
  });

  it("replaces what cannot be changed and deletes the old one at the end", async () => {
    await sandbox.deploy(sampleTemplate);
    const { Table: old } = await sandbox.existing();
    const before = await sandbox.events();

    await sandbox.update(otherTable);

    const { Table: made } = await sandbox.existing();
    expect(made).not.toBe(old);
    const events = await since(before);
    expect(events.indexOf("demo UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")).toBeLessThan(
      events.indexOf("Table DELETE_COMPLETE"),
    );
  });

  it("keeps a replaced resource whose UpdateReplacePolicy says so", async () => {
    const retaining = sampleWith(({ Resources }) => {
      Resources.Table!.UpdateReplacePolicy = "Retain";
    });
    await sandbox.deploy(retaining);
    const replacing = structuredClone(otherTable);
    replacing.Resources.Table!.UpdateReplacePolicy = "Retain";

    await sandbox.update(replacing);

    expect(await sandbox.events()).toContain("Table DELETE_SKIPPED");
  });

  it("deletes what the new template no longer names", async () => {
    await sandbox.deploy(sampleTemplate, { Size: "production" });

    await sandbox.update(sampleTemplate, { Size: "dev" });

    expect(await sandbox.status()).toBe("UPDATE_COMPLETE");
    expect(await sandbox.existing()).not.toHaveProperty("OnlyInProduction");
  });

  it("takes another physical id as a replacement and sends Delete for the old one", async () => {
    await sandbox.deploy(sampleTemplate, { Identity: "1" });
    const before = await sandbox.events();

    await sandbox.update(sampleTemplate, { Identity: "2" });

    expect(await since(before)).toContain("Registration DELETE_COMPLETE");
    const answer = await sandbox.call<{ StackResources: Record<string, string>[] }>(
      "DescribeStackResources",
      { StackName: "demo", LogicalResourceId: "Registration" },
    );
    expect(answer.StackResources[0]).toMatchObject({ PhysicalResourceId: "registration-2" });
  });

  it("refuses to change a resource's type", async () => {
    await sandbox.deploy(sampleTemplate);
    const retyped = sampleWith(({ Resources }) => {
      Resources.Users = { Type: "AWS::Logs::LogGroup", Properties: {} };
      delete Resources.Client;
      Resources.Registration!.DependsOn = ["Table"];
    });

    await expect(sandbox.update(retyped)).rejects.toThrow(
      "modifies resource type of the following resources: [Users]",
    );
  });

  it("updates a role in place without losing separately attached policies", async () => {
    await sandbox.deploy(sampleTemplate);

    await sandbox.update(
      sampleWith(({ Resources }) => {
        Resources.FunctionRole!.Properties.Policies = [
          { PolicyName: "more", PolicyDocument: { Statement: [] } },
        ];
      }),
    );

    const role = [...sandbox.roles.values()].find(({ name }) => name.includes("FunctionRole"));
    expect(Object.keys(role!.policies).sort()).toEqual(["logs", "more"]);
  });
});

describe("failing to update", () => {
  it("sends the older properties back to the function that refused", async () => {
    await sandbox.deploy(sampleTemplate, { Name: "old" });

    await sandbox.update(sampleTemplate, { Name: "new", FailOn: "Update" });

    expect(await sandbox.status()).toBe("UPDATE_ROLLBACK_COMPLETE");
    const reasons = (await sandbox.reasons()).join("\n");
    expect(reasons).toContain("refused on purpose");
    const events = await sandbox.events();
    expect(events.slice(events.indexOf("demo UPDATE_ROLLBACK_IN_PROGRESS"))).toEqual([
      "demo UPDATE_ROLLBACK_IN_PROGRESS",
      "Registration UPDATE_IN_PROGRESS",
      "Registration UPDATE_COMPLETE",
      "demo UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
      "demo UPDATE_ROLLBACK_COMPLETE",
    ]);
    const parameters = await sandbox.call<{
      Stacks: { Parameters: { ParameterKey: string; ParameterValue: string }[] }[];
    }>("DescribeStacks", { StackName: "demo" });
    const name = parameters.Stacks[0]!.Parameters.find(
      ({ ParameterKey }) => ParameterKey === "Name",
    );
    expect(name!.ParameterValue).toBe("old");
  });

  const everyResource = Object.keys(sampleTemplate.Resources).filter(
    (id) => !["OnlyInProduction", "Users", "Client"].includes(id),
  );
  /** Changes every resource that has something to change. */
  const everythingChanged = sampleWith(({ Resources }) => {
    Resources.Key!.Properties.EnableKeyRotation = true;
    Resources.Bucket!.Properties.AccessControl = "Private";
    Resources.BucketPolicy!.Properties.PolicyDocument = { Statement: [] };
    Resources.Table!.Properties = otherTable.Resources.Table!.Properties;
    Resources.ReadRole!.Properties.Description = "changed";
    Resources.Logs!.Properties.RetentionInDays = 90;
    Resources.FunctionRole!.Properties.Description = "changed";
    Resources.FunctionPolicy!.Properties.PolicyDocument = { Statement: [] };
    Resources.Function!.Properties.Timeout = 19;
    Resources.Registration!.Properties.Name = "changed";
    Resources.Added = { Type: "AWS::Logs::LogGroup", Properties: {} };
    delete Resources.Client;
    delete Resources.Users;
    Resources.Registration!.DependsOn = ["Table", "BucketPolicy", "ReadRole", "Added"];
  });

  it.each(everyResource)("is as before when %s fails", async (logicalId) => {
    await sandbox.deploy(sampleTemplate);
    const existing = await sandbox.existing();
    const roles = JSON.stringify([...sandbox.roles]);
    const replaced = logicalId === "Table";
    sandbox.part.failures.add({
      logicalId,
      operation: "update",
      when: "before",
      reason: "no capacity",
      times: 1,
    });

    await sandbox.update(everythingChanged);

    expect(await sandbox.status()).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await sandbox.events()).toContain(`${logicalId} UPDATE_FAILED`);
    expect(await sandbox.existing()).toEqual(existing);
    expect(JSON.stringify([...sandbox.roles])).toBe(roles);
    if (!replaced) expect((await sandbox.reasons()).join()).toContain("no capacity");
    await sandbox.remove();
    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
  });

  it("can fail to roll back, and can be deleted then", async () => {
    await sandbox.deploy(sampleTemplate, { Name: "old" });
    sandbox.part.failures.add({
      logicalId: "Registration",
      operation: "update",
      when: "before",
      reason: "still no capacity",
      times: 2,
    });

    await sandbox.update(sampleTemplate, { Name: "new" });
    expect(await sandbox.status()).toBe("UPDATE_ROLLBACK_FAILED");

    await sandbox.remove();
    expect(await sandbox.status()).toBe("DELETE_COMPLETE");
  });

  it("removes what was replaced before the failure", async () => {
    await sandbox.deploy(sampleTemplate);
    const { Table } = await sandbox.existing();
    const failing = structuredClone(otherTable);

    await sandbox.update(failing, { FailOn: "Update" });

    expect((await sandbox.existing()).Table).toBe(Table);
    const tables = await sandbox.fetch(`/_sandbox/cloudformation/resources?accountId=${ACCOUNT}`);
    const list = (await tables.json()) as { type: string }[];
    expect(list.filter(({ type }) => type === "AWS::DynamoDB::Table")).toHaveLength(1);
  });

  it("stays as it is when rollback is disabled, and goes on from there", async () => {
    await sandbox.deploy(sampleTemplate);

    await sandbox.update(otherTable, { FailOn: "Update" }, { DisableRollback: "true" });
    expect(await sandbox.status()).toBe("UPDATE_FAILED");

    await sandbox.update(otherTable, { Name: "again" });
    expect(await sandbox.status()).toBe("UPDATE_COMPLETE");
    const tables = await sandbox.fetch(`/_sandbox/cloudformation/resources?accountId=${ACCOUNT}`);
    const list = (await tables.json()) as { type: string }[];
    expect(list.filter(({ type }) => type === "AWS::DynamoDB::Table")).toHaveLength(1);
  });
});

describe("a kill", () => {
  async function creating(parameters: Record<string, string> = {}): Promise<void> {
    await sandbox.call("CreateStack", {
      StackName: "demo",
      TemplateBody: JSON.stringify(sampleTemplate),
      Capabilities: ["CAPABILITY_IAM"],
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    });
  }

  /** Turns of the event loop, so that the kill comes at another moment each time. */
  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  it.each([0, 1, 2, 3, 5, 8, 40, 400])(
    "after %i turns of a create is forgotten: the stack is completed",
    async (count) => {
      await creating();
      await turns(count);

      sandbox = await sandbox.killAndRestart();
      await turns(1);
      await expect.poll(() => sandbox.status(), { timeout: 20_000 }).toBe("CREATE_COMPLETE");

      const names = Object.keys(await sandbox.existing()).sort();
      const wanted = Object.keys(sampleTemplate.Resources).filter(
        (id) => id !== "OnlyInProduction" && id !== "Registration",
      );
      expect(names).toEqual(wanted.sort());
      expect(sandbox.roles.size).toBe(2);
    },
  );

  it("in the middle of a rollback is forgotten: nothing is left", async () => {
    await creating({ FailOn: "Create" });
    await expect
      .poll(() => sandbox.status(), { interval: 1, timeout: 20_000 })
      .toMatch(/^ROLLBACK/);

    sandbox = await sandbox.killAndRestart();
    await expect.poll(() => sandbox.status(), { timeout: 20_000 }).toBe("ROLLBACK_COMPLETE");

    expect(await sandbox.existing()).toEqual({});
  });

  it.each([0, 1, 3, 20, 200])("after %i turns of an update is forgotten", async (count) => {
    await sandbox.deploy(sampleTemplate);
    await sandbox.call("UpdateStack", {
      StackName: "demo",
      TemplateBody: JSON.stringify(otherTable),
      Capabilities: ["CAPABILITY_IAM"],
      Parameters: [{ ParameterKey: "Name", ParameterValue: "second" }],
    });
    await turns(count);

    sandbox = await sandbox.killAndRestart();
    await expect.poll(() => sandbox.status(), { timeout: 20_000 }).toBe("UPDATE_COMPLETE");

    expect((await seen()).properties.Name).toBe("second");
    const tables = await sandbox.fetch(`/_sandbox/cloudformation/resources?accountId=${ACCOUNT}`);
    const list = (await tables.json()) as { type: string }[];
    expect(list.filter(({ type }) => type === "AWS::DynamoDB::Table")).toHaveLength(1);
  });

  it("in the middle of a delete is forgotten", async () => {
    await sandbox.deploy(sampleTemplate);
    await sandbox.call("DeleteStack", { StackName: "demo" });
    await turns(2);

    sandbox = await sandbox.killAndRestart();
    await sandbox.part.settled();
    await expect
      .poll(async () => Object.keys(await sandbox.existing()), { timeout: 20_000 })
      .toEqual(["Key"]);
  });
});
