import { CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it, onTestFinished } from "vitest";
import { SELLER_ROLE_PREFIX } from "../../template-src/contract.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aSandbox, BUYER, clientOf, OTHER_ACCOUNT, SELLER } from "../sandbox/a-sandbox.ts";
import { startHarness } from "../sandbox/cloudformation/harness.ts";
import { aBrokenTemplate } from "./support.ts";

/**
 * Who can use the read role that the template makes: its policies, as CloudFormation resolves
 * them, put before an STS that evaluates them.
 */

const OLD = "old-external-id-0123456789abcdef";
const NEW = "new-external-id-0123456789abcdef";

type Credentials = Parameters<typeof clientOf>[1];

describe("the read role", () => {
  it("lets in a metering role of the seller with either external ID of a rotation", async () => {
    const { sandbox, roleArn } = await aLaunchedStack();
    const metering = await aSellerRole(sandbox, `${SELLER_ROLE_PREFIX}metering`);

    for (const externalId of [OLD, NEW]) {
      await expect(assumed(sandbox, metering, roleArn, externalId)).resolves.toBeDefined();
    }
  });

  it.each([
    [
      "with a guessed external ID",
      `${SELLER_ROLE_PREFIX}metering`,
      "guessed-external-id-000000000000",
    ],
    ["without an external ID", `${SELLER_ROLE_PREFIX}metering`, undefined],
    ["as another role of the seller", "deploy", OLD],
    ["as a role that only ends like one", `not-${SELLER_ROLE_PREFIX}metering`, OLD],
  ])("keeps the seller out %s", async (_what, name, externalId) => {
    const { sandbox, roleArn } = await aLaunchedStack();
    const credentials = await aSellerRole(sandbox, name);

    await expect(assumed(sandbox, credentials, roleArn, externalId)).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  it("keeps out the seller's administrator and every other account", async () => {
    const { sandbox, roleArn } = await aLaunchedStack();
    const stranger = sandbox.buyerCredentials(OTHER_ACCOUNT);

    for (const credentials of [sandbox.sellerCredentials, stranger]) {
      await expect(assumed(sandbox, credentials, roleArn, OLD)).rejects.toMatchObject({
        name: "AccessDenied",
      });
    }
  });

  it("may ask for cost, because of its ReadCost policy", async () => {
    // No cost was loaded: this is what AWS answers to someone who may ask.
    expect(await answerToCostQuestion(await aLaunchedStack())).toBe("DataUnavailableException");
    expect(await answerToCostQuestion(await aLaunchedStack({ policies: {} }))).toBe(
      "AccessDeniedException",
    );
  });
});

async function answerToCostQuestion(launched: {
  sandbox: Sandbox;
  roleArn: string;
}): Promise<string> {
  const { sandbox, roleArn } = launched;
  const metering = await aSellerRole(sandbox, `${SELLER_ROLE_PREFIX}metering`);
  const reader = await assumed(sandbox, metering, roleArn, OLD);
  const question = new GetCostAndUsageCommand({
    TimePeriod: { Start: "2026-11-01", End: "2026-11-02" },
    Granularity: "DAILY",
    Metrics: ["UnblendedCost"],
  });
  return new CostExplorerClient(clientOf(sandbox, reader)).send(question).then(
    () => "answered",
    (error: Error) => error.name,
  );
}

/** Launches the template without its registration, and puts its role into a sandbox's IAM. */
async function aLaunchedStack(
  changes: { policies?: Record<string, never> } = {},
): Promise<{ sandbox: Sandbox; roleArn: string }> {
  const cloudFormation = await startHarness();
  onTestFinished(() => cloudFormation.close());
  const template = aBrokenTemplate({
    "Resources.Registration": undefined,
    "Outputs.DeploymentId": undefined,
    "Outputs.Settings": undefined,
  });
  await cloudFormation.deploy(JSON.parse(template) as object, {
    InstallCode: "K7Q2-9F3M-XW4T-0000",
    ExternalIds: `${OLD},${NEW}`,
  });
  const role = [...cloudFormation.roles.values()].find(({ name }) => name.includes("CostReadRole"));
  const { accountId, name, trustPolicy, policies } = role!;

  const sandbox = await aSandbox();
  const control = sandboxControl(sandbox.origin);
  const roleArn = await control.createRole({
    accountId,
    name,
    trustPolicy,
    policies,
    ...changes,
  });
  expect(accountId).toBe(BUYER);
  return { sandbox, roleArn };
}

async function aSellerRole(sandbox: Sandbox, name: string): Promise<Credentials> {
  const roleArn = await sandboxControl(sandbox.origin).createRole({
    accountId: SELLER,
    name,
    trustPolicy: {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${SELLER}:root` },
        Action: "sts:AssumeRole",
      },
    },
    policies: {
      AssumeReadRoles: {
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" },
      },
    },
  });
  return assumed(sandbox, sandbox.sellerCredentials, roleArn, undefined);
}

async function assumed(
  sandbox: Sandbox,
  credentials: Credentials,
  roleArn: string,
  externalId: string | undefined,
): Promise<Credentials> {
  const { Credentials: given } = await new STSClient(clientOf(sandbox, credentials)).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: "metering",
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}
