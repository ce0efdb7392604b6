import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { dynamoSiteStore } from "../../registration-site/adapters/dynamo-site-store.ts";
import {
  anActiveLicense,
  aPayload,
  aRoleSession,
  aStackId,
  aWorld,
  NOW,
  sessionOf,
  signedEnvelope,
  useCasesOf,
  type World,
} from "./core-world.ts";
import { startStrictSts, type StrictSts } from "./strict-sts.ts";

let sts: StrictSts;
let store: EmbeddedDynamoDb;
let client: DynamoDBClient;
let accounts = 500_000_000_000;

beforeAll(async () => {
  sts = await startStrictSts();
  store = await startEmbeddedDynamoDb({});
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  client = new DynamoDBClient({ endpoint: store.endpoint, region: "us-east-1", credentials });
  await ensureTables(client);
});

afterAll(async () => {
  client.destroy();
  await store.close();
  await sts.close();
});

const overMemory = () => aWorld(sts);

const overDynamo = () => {
  const documents = documentClient(client);
  return aWorld(sts, {
    licenses: dynamoLicenses({ client: documents, tableName: tableNames.licenses, shards: 4 }),
    siteStore: dynamoSiteStore({ client: documents, tableName: tableNames.site }),
  });
};

describe.each([
  ["memory", overMemory],
  ["embedded DynamoDB", overDynamo],
])("20 callbacks at once, over %s", (_, aFreshWorld) => {
  async function setUp(plan: string, codes: number) {
    const world: World = aFreshWorld();
    const accountId = String((accounts += 1));
    const license = await anActiveLicense(world, {
      buyerAccountId: accountId,
      plan: { id: plan, since: NOW },
    });
    const site = useCasesOf(world);
    const issued: string[] = [];
    for (let n = 0; n < codes; n += 1) {
      issued.push((await site.issueInstallCode(sessionOf(license))).code);
    }
    const role = aRoleSession(sts, { accountId });
    const send = async (payload: ReturnType<typeof aPayload>) =>
      site.callback(await signedEnvelope(role, payload));
    const living = async () =>
      (await world.licenses.deployments(license.licenseId)).filter(
        ({ state }) => state !== "ended",
      );
    const claims = async () =>
      (await world.siteStore.costClaims.get(`aws:${accountId}`))?.claims ?? [];
    return { world, accountId, issued, send, living, claims };
  }

  const twenty = Array.from({ length: 20 }, (_, n) => n);

  it("with one code from 20 stacks register exactly one", async () => {
    const { accountId, issued, send, living } = await setUp("flat", 1);

    const outcomes = await Promise.all(
      twenty.map(() =>
        send(aPayload({ stackId: aStackId({ accountId }), installCode: issued[0] ?? "" })),
      ),
    );

    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(1);
    const refused = outcomes.filter((outcome) => outcome.kind === "refused");
    expect(new Set(refused.map(({ refusal }) => refusal.error.code))).toEqual(
      new Set(["install-code-spent"]),
    );
    expect(await living()).toHaveLength(1);
  });

  it("with 20 codes for one account's cost register exactly one", async () => {
    const { accountId, issued, send, living, claims } = await setUp("share", 20);

    const outcomes = await Promise.all(
      issued.map((installCode) =>
        send(aPayload({ stackId: aStackId({ accountId }), installCode })),
      ),
    );

    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(1);
    expect(await living()).toHaveLength(1);
    expect(await claims()).toHaveLength(1);
  });

  it("that are the very same Create get the very same answer", async () => {
    const { accountId, issued, send, living, claims } = await setUp("share", 1);
    const create = aPayload({ stackId: aStackId({ accountId }), installCode: issued[0] ?? "" });

    const outcomes = await Promise.all(twenty.map(() => send(create)));

    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    expect(outcomes[0]?.kind).toBe("accepted");
    expect(await living()).toHaveLength(1);
    expect(await claims()).toHaveLength(1);
  });

  it("that create and delete one stack in any order leave nothing claimed by a dead one", async () => {
    const { accountId, issued, send, living, claims } = await setUp("share", 1);
    const stackId = aStackId({ accountId });
    const create = aPayload({ stackId, installCode: issued[0] ?? "" });
    const remove = aPayload({ stackId, requestType: "Delete" });

    await Promise.all(twenty.map((n) => send(n % 2 === 0 ? create : remove)));

    expect(await claims()).toHaveLength((await living()).length);
    await send(remove);
    expect(await living()).toEqual([]);
    expect(await claims()).toEqual([]);
  });
});
