import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Capability,
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { MarketplaceMeteringClient } from "@aws-sdk/client-marketplace-metering";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { licenseIdOf } from "../../metering/domain/license.ts";
import { dynamoSiteStore } from "../../registration-site/adapters/dynamo-site-store.ts";
import { marketplaceResolver } from "../../registration-site/adapters/marketplace-resolver.ts";
import { receiveOnce } from "../../registration-site/adapters/sqs-lifecycle.ts";
import { stsIdentity } from "../../registration-site/adapters/sts-identity.ts";
import type { InstallCode } from "../../registration-site/ports.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { createSandbox, type Sandbox } from "../../sandbox/create-sandbox.ts";
import { type CallbackEnvelope, launchParameters } from "../../template-src/contract.ts";
import { synthesizeLaunchStack } from "../../template-src/publish/synthesize.ts";
import { aProduct, aWorld, BUYER, deliver, OTHER_ACCOUNT, useCasesOf } from "./core-world.ts";

const REGION = "eu-central-1";
const product = aProduct();

let store: EmbeddedDynamoDb;
let database: DynamoDBClient;
let sandbox: Sandbox;
let server: Server;
let origin: string;
let world: ReturnType<typeof aWorld>;

const clientOf = (credentials: { accessKeyId: string; secretAccessKey: string }) => ({
  endpoint: sandbox.origin,
  region: REGION,
  credentials,
});

beforeAll(async () => {
  store = await startEmbeddedDynamoDb({});
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  database = new DynamoDBClient({ endpoint: store.endpoint, region: "us-east-1", credentials });
  await ensureTables(database);
  const documents = documentClient(database);
  sandbox = await createSandbox({
    port: 0,
    seed: 1,
    products: [
      {
        productCode: product.listing.productCode,
        productId: product.listing.productId,
        title: product.title,
        sellerAccountId: product.seller.accountId,
        dimensions: [{ name: "cents", description: "Cents", unitPriceUsd: "0.01" }],
        fulfillmentUrl: "http://127.0.0.1:9/",
      },
    ],
  });
  const callback = (body: string) =>
    useCasesOf(world).callback(JSON.parse(body) as CallbackEnvelope);
  server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const outcome = await callback(Buffer.concat(chunks).toString());
      const [status, body] =
        outcome.kind === "accepted" ? [200, outcome.answer] : [outcome.status, outcome.refusal];
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world = aWorld(
    { url: sandbox.origin },
    {
      product,
      audience: origin,
      licenses: dynamoLicenses({ client: documents, tableName: tableNames.licenses, shards: 4 }),
      siteStore: dynamoSiteStore({ client: documents, tableName: tableNames.site }),
      marketplace: marketplaceResolver({
        client: new MarketplaceMeteringClient(clientOf(sandbox.sellerCredentials)),
        log: () => undefined,
      }),
      identity: stsIdentity({
        env: { AWS_ENDPOINT_URL_STS: sandbox.origin },
        allowEndpointOverride: true,
      }),
    },
  );
  Object.assign(world.clock, { now: () => sandbox.clock.now() });
});

afterAll(async () => {
  await sandbox.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  database.destroy();
  await store.close();
});

/** Subscribes on the sandbox's listing, lets the event arrive, and registers in the browser. */
async function aRegisteredBuyer() {
  const agreement = await sandboxControl(sandbox.origin).subscribe({ accountId: BUYER });
  const licenseId = licenseIdOf(agreement.licenseArn);
  const queue = {
    client: new SQSClient({ ...clientOf(sandbox.sellerCredentials), region: "us-east-1" }),
    queueUrl: sandbox.lifecycleQueueUrl,
    apply: (envelope: unknown) => deliver(world, envelope),
    log: () => undefined,
  };
  // The event takes as long as at AWS; the sandbox clock can be moved.
  for (let minute = 0; (await world.licenses.get(licenseId))?.activatedAt === undefined; minute++) {
    if (minute > 60) throw new Error("License Updated never came");
    sandbox.clock.advanceTo(sandbox.clock.now() + 60_000);
    await receiveOnce(queue, 0);
  }
  const site = useCasesOf(world);
  const { registrationToken } = agreement;
  const outcome = await site.register({ registrationToken, freeTrialHint: false });
  if (outcome.kind !== "registered") throw new Error(outcome.kind);
  const session = await site.session(outcome.session);
  if (session === undefined) throw new Error("no session");
  return { site, session, licenseId };
}

const template = (version: string) =>
  synthesizeLaunchStack({
    product: { ...product, launchStack: { ...product.launchStack, version } },
    callbackUrl: `${origin}/callback`,
    audience: origin,
  }).json;

let stacks = 0;

/** One stack in an account, with the real template and the function that is in it. */
function aStack(accountId: string, code: InstallCode) {
  const client = new CloudFormationClient(clientOf(sandbox.buyerCredentials(accountId)));
  const StackName = `fernhollow-analytics-${(stacks += 1)}`;
  const Parameters = [
    { ParameterKey: launchParameters.installCode, ParameterValue: code.code },
    { ParameterKey: launchParameters.externalIds, ParameterValue: code.externalIds.join(",") },
  ];
  const Capabilities: Capability[] = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"];
  let stackId = StackName;
  const settled = async (): Promise<string> => {
    for (;;) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
      const status = Stacks?.[0]?.StackStatus ?? "";
      if (!status.endsWith("_IN_PROGRESS")) return status;
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  return {
    id: () => stackId,
    async create() {
      const created = await client.send(
        new CreateStackCommand({
          StackName,
          TemplateBody: template("1.0.0"),
          Parameters,
          Capabilities,
        }),
      );
      stackId = created.StackId ?? StackName;
      return settled();
    },
    async update(version: string) {
      await client.send(
        new UpdateStackCommand({
          StackName,
          TemplateBody: template(version),
          Parameters: Parameters.map(({ ParameterKey }) => ({
            ParameterKey,
            UsePreviousValue: true,
          })),
          Capabilities,
        }),
      );
      return settled();
    },
    async remove() {
      await client.send(new DeleteStackCommand({ StackName }));
      return settled();
    },
    async reasons() {
      const command = new DescribeStackEventsCommand({ StackName: stackId });
      const { StackEvents = [] } = await client.send(command);
      return StackEvents.map((event) => event.ResourceStatusReason ?? "").join("\n");
    },
  };
}

describe("the real template, run by the sandbox's CloudFormation against this site", () => {
  it("registers, updates and deletes, with every proof checked by the sandbox's STS", async () => {
    const { site, session, licenseId } = await aRegisteredBuyer();
    const code = await site.issueInstallCode(session);
    const stack = aStack(BUYER, code);

    expect(await stack.create(), await stack.reasons()).toBe("CREATE_COMPLETE");
    const { deployments } = await site.overview(session);
    expect(deployments).toMatchObject([
      {
        deployment: {
          state: "active",
          accountId: BUYER,
          region: REGION,
          stackId: stack.id(),
          templateVersion: "1.0.0",
          externalIds: code.externalIds,
        },
        settings: { status: "active", plan: "share" },
      },
    ]);

    expect(await stack.update("1.1.0")).toBe("UPDATE_COMPLETE");
    const [updated] = await world.licenses.deployments(licenseId);
    expect(updated).toMatchObject({ state: "active", templateVersion: "1.1.0" });

    expect(await stack.remove()).toBe("DELETE_COMPLETE");
    const [ended] = await world.licenses.deployments(licenseId);
    expect(ended).toMatchObject({ state: "ended" });
    expect(world.finalReads).toEqual([ended?.deploymentId]);
  });

  it("shows the reason of a refusal in the stack's events and rolls back", async () => {
    const { site, session, licenseId } = await aRegisteredBuyer();
    const code = await site.issueInstallCode(session);
    const first = aStack(BUYER, code);
    await first.create();
    const second = aStack(BUYER, code);

    expect(await second.create()).toBe("ROLLBACK_COMPLETE");

    expect(await second.reasons()).toContain(
      "The install code was already used by another stack; each works once.",
    );
    expect(await world.licenses.deployments(licenseId)).toMatchObject([{ state: "active" }]);
    await first.remove();
  });

  it("waits for the holder when the stack lies in another account of theirs", async () => {
    const { site, session, licenseId } = await aRegisteredBuyer();
    const stack = aStack(OTHER_ACCOUNT, await site.issueInstallCode(session));

    expect(await stack.create(), await stack.reasons()).toBe("CREATE_COMPLETE");

    const [deployment] = await world.licenses.deployments(licenseId);
    expect(deployment).toMatchObject({ state: "awaiting-confirmation", accountId: OTHER_ACCOUNT });
    await site.confirmDeployment(session, deployment?.deploymentId ?? "", "confirm");
    expect(await world.licenses.deployments(licenseId)).toMatchObject([{ state: "active" }]);
    expect(await stack.remove()).toBe("DELETE_COMPLETE");
    expect(await world.licenses.deployments(licenseId)).toMatchObject([{ state: "ended" }]);
  });

  it("ends the license when the buyer cancels, whatever order the events come in", async () => {
    const { licenseId } = await aRegisteredBuyer();
    const control = sandboxControl(sandbox.origin);
    const agreement = (await control.agreements()).find(
      ({ licenseArn }) => licenseIdOf(licenseArn) === licenseId,
    );
    await control.cancel(agreement?.agreementId ?? "");
    const queue = {
      client: new SQSClient({ ...clientOf(sandbox.sellerCredentials), region: "us-east-1" }),
      queueUrl: sandbox.lifecycleQueueUrl,
      apply: (envelope: unknown) => deliver(world, envelope),
      log: () => undefined,
    };
    for (let minute = 0; minute < 10; minute += 1) {
      sandbox.clock.advanceTo(sandbox.clock.now() + 60_000);
      await receiveOnce(queue, 0);
    }

    const license = await world.licenses.get(licenseId);
    expect(license?.endedAt).toBeGreaterThan(license?.activatedAt ?? Infinity);
    expect(license?.endingAt).toBeLessThanOrEqual(license?.endedAt ?? 0);
  });
});
