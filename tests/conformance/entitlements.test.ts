import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoEntitlements } from "../../metering/adapters/dynamo-entitlements.ts";
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from "../../metering/adapters/embedded-dynamodb.ts";
import { memoryEntitlements } from "../../metering/adapters/memory-entitlements.ts";
import { documentClient, ensureTables, tableNames } from "../../metering/adapters/tables.ts";
import { withFailure, withReading } from "../../metering/domain/entitlement-state.ts";
import type { EntitlementStore } from "../../metering/plan-ports.ts";
import { aLicense } from "../metering/fixtures.ts";

let store: EmbeddedDynamoDb;
let client: DynamoDBClient;

beforeAll(async () => {
  store = await startEmbeddedDynamoDb({});
  client = new DynamoDBClient({
    endpoint: store.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await ensureTables(client);
});

afterAll(async () => {
  client.destroy();
  await store.close();
});

describeEntitlements("embedded DynamoDB", () =>
  dynamoEntitlements({ client: documentClient(client), tableName: tableNames.ledger }),
);
describeEntitlements("memory", memoryEntitlements);

function describeEntitlements(name: string, fresh: () => EntitlementStore): void {
  describe(`Entitlements in ${name}`, () => {
    const license = aLicense({ licenseId: `l-${name.length.toString().padStart(32, "0")}` });
    const { licenseId, activatedAt = 0 } = license;
    const reading = (units: string | undefined, readAt: number) => ({
      granted: [{ dimension: "seats", units, expiresAt: undefined }],
      readAt,
    });

    it("are unknown before they were read, and then what was read, without an end", async () => {
      const entitlements = fresh();
      expect(await entitlements.periods(licenseId)).toBeUndefined();
      await entitlements.update(licenseId, (known) =>
        withFailure(known, { at: 1, message: "nobody answered" }),
      );
      expect(await entitlements.periods(licenseId)).toBeUndefined();
      expect((await entitlements.state(licenseId))?.problem?.message).toBe("nobody answered");

      await entitlements.update(licenseId, (known) =>
        withReading(known, license, reading("0.1", activatedAt + 1)),
      );

      expect(await entitlements.periods(licenseId)).toEqual([
        { dimension: "seats", units: "0.1", from: activatedAt, until: Infinity },
      ]);
      expect((await entitlements.state(licenseId))?.problem).toBeUndefined();
    });

    it("keep the newest of readings that are stored at once", async () => {
      const entitlements = fresh();
      const times = [5, 2, 9, 7, 3];

      await Promise.all(
        times.map((time) =>
          entitlements.update(licenseId, (known) =>
            withReading(known, license, reading(`${time}`, activatedAt + time * 1_000)),
          ),
        ),
      );

      const periods = await entitlements.periods(licenseId);
      expect(periods?.filter(({ until }) => until === Infinity).map(({ units }) => units)).toEqual([
        "9",
      ]);
    });

    it("keep a license's without a number, and another license's apart", async () => {
      const entitlements = fresh();
      const other = { ...license, licenseId: licenseId.replace(/^l-0/, "l-1") };
      await entitlements.update(other.licenseId, (known) =>
        withReading(known, other, reading(undefined, activatedAt + 1)),
      );

      expect((await entitlements.periods(other.licenseId))?.[0]?.units).toBeUndefined();
      expect((await entitlements.periods(other.licenseId))?.length).toBe(1);
    });
  });
}
