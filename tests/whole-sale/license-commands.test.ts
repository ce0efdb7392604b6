import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it, onTestFinished } from "vitest";
import { dynamoLicenses } from "../../metering/adapters/dynamo-licenses.ts";
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import type { License } from "../../metering/domain/license.ts";
import { aLicense, LICENSE_ID } from "../metering/fixtures.ts";
import { launchmeter, temporaryFolder } from "./run-launchmeter.ts";

const HOUR = 3_600_000;

/** A data folder with one license, and what the store says of it afterwards. */
async function aStoreWith(license: License) {
  const data = temporaryFolder(onTestFinished);
  const use = async <T>(work: (licenses: ReturnType<typeof dynamoLicenses>) => Promise<T>) => {
    const store = await startEmbeddedDynamoDb({ dir: join(data, "store") });
    const client = new DynamoDBClient({
      endpoint: store.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    await ensureTables(client);
    const tableName = tableNames.licenses;
    const document = documentClient(client);
    const answer = await work(
      dynamoLicenses({ client: document, tableName, shards: 1, buckets: 1 }),
    );
    client.destroy();
    await store.close();
    return answer;
  };
  await use((licenses) => licenses.update(license.licenseId, () => license));
  return {
    data,
    stored: () => use((licenses) => licenses.get(license.licenseId)),
    deployments: () => use((licenses) => licenses.deployments(license.licenseId)),
  };
}

it("changes a license's plan from the next midnight on, and refuses one that isn't sold", async () => {
  const plan = { id: "share", since: Date.UTC(2026, 1, 10) };
  const { data, stored } = await aStoreWith(aLicense({ plan }));
  const refused = await launchmeter(["plan", "change", LICENSE_ID, "gold", "--data", data]);
  const changed = await launchmeter(["plan", "change", LICENSE_ID, "license", "--data", data]);
  const license = await stored();

  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('The product has no plan "gold".');
  expect(changed).toMatchObject({ code: 0 });
  expect(license?.plan?.id).toBe("license");
  expect((license?.plan?.since ?? 1) % (24 * HOUR)).toBe(0);
  expect(license?.earlierPlans).toMatchObject([{ id: "share", until: license?.plan?.since }]);
});

it("moves a license to LicenseArn at the start of an hour, and only if it needs to be", async () => {
  const at = new Date(Math.ceil(Date.now() / HOUR) * HOUR + 3 * HOUR).toISOString();
  const older = await aStoreWith(aLicense({ legacy: {} }));
  const newer = await aStoreWith(aLicense());
  const migrate = (data: string) =>
    launchmeter(["license", "migrate", LICENSE_ID, "--at", at, "--data", data]);

  expect(await migrate(older.data)).toMatchObject({ code: 0 });
  expect((await older.stored())?.legacy).toEqual({ until: Date.parse(at) });
  const refused = await migrate(newer.data);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain("is metered by LicenseArn already");
});

it("hosts a deployment for a license of a hosted plan, and ends it, by its tag", async () => {
  const { data, deployments } = await aStoreWith(aLicense({ plan: { id: "hosted", since: 0 } }));
  const config = join(data, "product.config.ts");
  writeFileSync(config, withHostedPlan(readFileSync("product.config.ts", "utf8")));
  const host = (...options: readonly string[]) =>
    launchmeter(["host", LICENSE_ID, "--config", config, "--data", data, ...options]);
  const tag = `${LICENSE_ID}/eu`;

  expect(await host("--tag", "another")).toMatchObject({ code: 1 });
  const hosted = await host("--tag", tag);
  expect(hosted).toMatchObject({ code: 0, stderr: "" });
  expect(hosted.stdout).toContain(`launchmeter:deployment = ${tag} in account 999988887777 counts`);
  expect(await deployments()).toMatchObject([
    { costTag: tag, state: "active", accountId: "999988887777", partition: "aws" },
  ]);
  expect((await host("--end")).stderr).toContain("no hosted deployment with the tag");
  expect(await host("--tag", tag, "--end")).toMatchObject({ code: 0 });
  expect(await deployments()).toMatchObject([{ costTag: tag, state: "ended" }]);
});

function withHostedPlan(config: string): string {
  const plan = `{ id: "hosted", title: "Hosted", summary: "We run it.", hosting: "seller", charges: [] }`;
  return config
    .replace('"launchmeter"', JSON.stringify(resolve("product/define-product.ts")))
    .replace("plans: [", `plans: [${plan}, `);
}
