import { AthenaClient } from "@aws-sdk/client-athena";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CostExplorerClient } from "@aws-sdk/client-cost-explorer";
import { MarketplaceEntitlementServiceClient } from "@aws-sdk/client-marketplace-entitlement-service";
import { MarketplaceMeteringClient } from "@aws-sdk/client-marketplace-metering";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../ports.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * The SDK clients that metering uses. Endpoints come from the environment (`AWS_ENDPOINT_URL*`),
 * the signing time from our one clock, so that stamps and signatures can't disagree.
 *
 * `credentials` undefined: the SDK's own chain finds the seller's.
 */
export interface AwsClients {
  sts(region: string): STSClient;
  metering(region: string): MarketplaceMeteringClient;
  entitlements(): MarketplaceEntitlementServiceClient;
  /** The seller's own credentials when none are given. */
  costExplorer(partition: string, credentials?: Credentials): CostExplorerClient;
  cloudFormation(credentials: Credentials, region: string): CloudFormationClient;
  /** For cost exports in a bucket of the seller's, and for Athena over them. */
  s3(region: string): S3Client;
  athena(region: string): AthenaClient;
}

/** A connection that stalls must not hold up a pass: the call then counts as unanswered. */
const BOUNDED = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true };

export function awsClients(deps: {
  readonly clock: Clock;
  readonly credentials?: () => Promise<Credentials>;
}): AwsClients {
  type Given = Credentials | (() => Promise<Credentials>) | undefined;
  const base = (region: string, credentials: Given = deps.credentials) => ({
    region,
    systemClockOffset: deps.clock.now() - Date.now(),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const metering = new Map<string, MarketplaceMeteringClient>();
  let entitlement: MarketplaceEntitlementServiceClient | undefined;
  return {
    sts: (region) => new STSClient(base(region)),
    metering(region) {
      // maxAttempts 1: an SDK retry would hide an unanswered attempt (aws-metering-gateway.ts).
      const client =
        metering.get(region) ??
        new MarketplaceMeteringClient({ ...base(region), maxAttempts: 1, requestHandler: BOUNDED });
      metering.set(region, client);
      client.config.systemClockOffset = deps.clock.now() - Date.now();
      return client;
    },
    entitlements() {
      // Its only region (protocol-facts A5). Reading is harmless, so the SDK may retry.
      entitlement ??= new MarketplaceEntitlementServiceClient({
        ...base("us-east-1"),
        requestHandler: BOUNDED,
      });
      entitlement.config.systemClockOffset = deps.clock.now() - Date.now();
      return entitlement;
    },
    costExplorer: (partition, credentials) => {
      // One endpoint for each partition (protocol-facts E1).
      const region = partition === "aws-cn" ? "cn-northwest-1" : "us-east-1";
      // Cost Explorer throttles early, and asking again is harmless: the SDK backs off with jitter.
      return new CostExplorerClient({ ...base(region, credentials), maxAttempts: 5 });
    },
    s3: (region) => new S3Client({ ...base(region), followRegionRedirects: true }),
    athena: (region) => new AthenaClient(base(region)),
    cloudFormation: (credentials, region) => new CloudFormationClient(base(region, credentials)),
  };
}
