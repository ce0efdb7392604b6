import { Fn, type Stack } from "aws-cdk-lib";
import { CfnBucket, CfnBucketPolicy } from "aws-cdk-lib/aws-s3";
import type { CfnKey } from "aws-cdk-lib/aws-kms";
import { accept, explain } from "../launch-stack/explain.ts";
import { survivesDeletion } from "./survival.ts";

export interface ContentBucket {
  readonly bucket: CfnBucket;
  readonly policy: CfnBucketPolicy;
}

/** Where the product keeps files: encrypted, versioned, closed to the public and to plain HTTP. */
export function addContentBucket(stack: Stack, key: CfnKey): ContentBucket {
  const bucket = new CfnBucket(stack, "ContentBucket", {
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        {
          bucketKeyEnabled: true,
          serverSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.attrArn },
        },
      ],
    },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    ownershipControls: { rules: [{ objectOwnership: "BucketOwnerEnforced" }] },
    versioningConfiguration: { status: "Enabled" },
    lifecycleConfiguration: {
      rules: [
        {
          id: "KeepOldVersionsForThreeMonths",
          status: "Enabled",
          noncurrentVersionExpiration: { noncurrentDays: 90 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
  });
  survivesDeletion(bucket);
  accept(
    bucket,
    "S1",
    "Access logs need a second bucket that the buyer pays for; CloudTrail data events are theirs to switch on.",
  );
  explain(bucket, { why: "Keeps the files of the product, in your account." });
  return { bucket, policy: addTlsOnly(stack, bucket) };
}

function addTlsOnly(stack: Stack, bucket: CfnBucket): CfnBucketPolicy {
  const policy = new CfnBucketPolicy(stack, "ContentBucketPolicy", {
    bucket: bucket.ref,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RefusePlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [bucket.attrArn, Fn.sub(`\${${bucket.logicalId}.Arn}/*`)],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    },
  });
  // The bucket stays, so its protection stays with it.
  survivesDeletion(policy);
  explain(policy, {
    why: "Protects the files on their way.",
    statements: {
      RefusePlainHttp: "Refuses every request that isn't encrypted on its way. It allows nothing.",
    },
  });
  return policy;
}
