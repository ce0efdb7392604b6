import type { Deployment, License } from "../domain/license.ts";
import type { Licenses } from "../ports.ts";
import { licenseBucket } from "./dynamo-licenses.ts";

export interface MemoryLicenseData {
  readonly licenses: Map<string, License>;
  /** By license id, then by deployment id. */
  readonly deployments: Map<string, Map<string, Deployment>>;
}

export function noLicenses(): MemoryLicenseData {
  return { licenses: new Map(), deployments: new Map() };
}

/** Licenses in memory, with the same races as the database: a write loses if another came between. */
export function memoryLicenses(deps: {
  readonly data: MemoryLicenseData;
  readonly shards: number;
}): Licenses {
  const { shards } = deps;
  const { licenses, deployments: deploymentsOf } = deps.data;

  const buckets = new Map<string, number>();
  const bucketOf = (licenseId: string) => {
    const bucket = buckets.get(licenseId) ?? licenseBucket(licenseId);
    buckets.set(licenseId, bucket);
    return bucket;
  };
  const deploymentsMap = (licenseId: string) => {
    const known = deploymentsOf.get(licenseId) ?? new Map<string, Deployment>();
    deploymentsOf.set(licenseId, known);
    return known;
  };

  return {
    shards,
    get: async (licenseId) => licenses.get(licenseId),
    update: (licenseId, change) => update(licenses, licenseId, change),
    async *inShard(shard) {
      for (const [licenseId, license] of [...licenses].sort(byKey)) {
        if (bucketOf(licenseId) % shards === shard) yield license;
      }
    },
    deployments: async (licenseId) =>
      [...deploymentsMap(licenseId)].sort(byKey).map(([, deployment]) => deployment),
    deployment: async (licenseId, deploymentId) => deploymentsMap(licenseId).get(deploymentId),
    updateDeployment: (licenseId, deploymentId, change) =>
      update(deploymentsMap(licenseId), deploymentId, change),
  };
}

async function update<T extends object>(
  map: Map<string, T>,
  key: string,
  change: (value: T | undefined) => T | undefined,
): Promise<T | undefined> {
  for (;;) {
    const before = map.get(key);
    await Promise.resolve();
    const after = change(before);
    await Promise.resolve();
    if (map.get(key) !== before) continue;
    if (after === undefined || after === before) return before;
    // Copied, so that a caller that keeps changing its object can't change what is stored.
    const stored = Object.freeze(structuredClone(after));
    map.set(key, stored);
    return stored;
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
  a < b ? -1 : a > b ? 1 : 0;
