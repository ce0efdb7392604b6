import type { Deployment, Instant, License } from "./domain/license.ts";

/** The only source of time. Production: the system's; locally: the sandbox's. */
export interface Clock {
  now(): Instant;
}

/**
 * Licenses and their deployments, keyed by license. Written by the registration site, read by
 * metering. Every change is conditional, so that two writers can't overwrite each other.
 */
export interface Licenses {
  get(licenseId: string): Promise<License | undefined>;
  /**
   * Read, change, write back only if nobody wrote in between; retried with the newer license
   * until `change` was applied to the newest. `change` may see `undefined` (not known yet) and
   * may return the same object to say "nothing to write". Answers what is now stored.
   */
  update(
    licenseId: string,
    change: (license: License | undefined) => License | undefined,
  ): Promise<License | undefined>;
  /** Every license of a shard, in pages; a license stays in its shard for life. */
  inShard(shard: number): AsyncIterable<License>;
  readonly shards: number;

  deployments(licenseId: string): Promise<readonly Deployment[]>;
  deployment(licenseId: string, deploymentId: string): Promise<Deployment | undefined>;
  /** Same contract as `update`, for one deployment. */
  updateDeployment(
    licenseId: string,
    deploymentId: string,
    change: (deployment: Deployment | undefined) => Deployment | undefined,
  ): Promise<Deployment | undefined>;
}
