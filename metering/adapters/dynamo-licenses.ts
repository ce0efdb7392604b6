import { createHash } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Deployment, License } from "../domain/license.ts";
import type { Licenses } from "../ports.ts";
import { type ItemKey, revisionedItems } from "./revisioned-items.ts";

export interface DynamoLicensesDeps {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** How many shards workers see, 1 to 64. May be changed while no worker runs. */
  readonly shards: number;
  /** For a table that will only ever hold a few licenses; never changed afterwards. */
  readonly buckets?: number;
}

/**
 * Partitions that licenses are spread over, for life: a license's key contains its bucket, so this
 * number never changes for a table. Shards are groups of buckets, so their number may.
 */
export const LICENSE_BUCKETS = 64;

/**
 * Licenses in DynamoDB: a shard is listed by reading partitions, without a scan or an index, and
 * a license's deployments share a partition of their own.
 */
export function dynamoLicenses(deps: DynamoLicensesDeps): Licenses {
  const { client, tableName, shards, buckets = LICENSE_BUCKETS } = deps;
  if (!Number.isInteger(shards) || shards < 1 || shards > buckets) {
    throw new RangeError(`shards must be 1 to ${buckets}, got ${shards}`);
  }
  const licenseKey = (licenseId: string): ItemKey => ({
    pk: bucketPk(licenseBucket(licenseId, buckets)),
    sk: `license#${licenseId}`,
  });
  const items = revisionedItems(client, tableName);

  return {
    shards,
    get: (licenseId) => items.get<License>(licenseKey(licenseId)),
    update: (licenseId, change) => items.update<License>(licenseKey(licenseId), change),
    async *inShard(shard) {
      for (const bucket of bucketsOf(shard, shards, buckets)) {
        // A moment old is new enough: passes come again, and what ends a license is events, later.
        yield* items.list<License>(bucketPk(bucket), "license#", { consistent: false });
      }
    },
    deployments: async (licenseId) => {
      const found: Deployment[] = [];
      for await (const one of items.list<Deployment>(deploymentsPk(licenseId), "deployment#")) {
        found.push(one);
      }
      return found;
    },
    deployment: (licenseId, deploymentId) =>
      items.get<Deployment>(deploymentKey(licenseId, deploymentId)),
    updateDeployment: (licenseId, deploymentId, change) =>
      items.update<Deployment>(deploymentKey(licenseId, deploymentId), change),
  };
}

/** The bucket of a license, the same for life and everywhere. */
export function licenseBucket(licenseId: string, buckets = LICENSE_BUCKETS): number {
  return createHash("sha256").update(licenseId).digest().readUInt16BE(0) % buckets;
}

/** The buckets that make up a shard; none for a shard that doesn't exist. */
export function bucketsOf(shard: number, shards: number, buckets = LICENSE_BUCKETS): number[] {
  return Array.from({ length: buckets }, (_, bucket) => bucket).filter(
    (bucket) => bucket % shards === shard,
  );
}

const bucketPk = (bucket: number) => `bucket#${bucket}`;
const deploymentsPk = (licenseId: string) => `license#${licenseId}`;

const deploymentKey = (licenseId: string, deploymentId: string): ItemKey => ({
  pk: deploymentsPk(licenseId),
  sk: `deployment#${deploymentId}`,
});
