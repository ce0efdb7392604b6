import {
  fail,
  generatedLowerName,
  object,
  serviceRefusal,
  text,
  type ResourceType,
} from "./resource-type.ts";

const bucket: ResourceType = {
  type: "AWS::S3::Bucket",
  properties: [
    ...["AbacStatus", "AccelerateConfiguration", "AccessControl", "AnalyticsConfigurations"],
    ...["BucketEncryption", "BucketName", "BucketNamePrefix", "BucketNamespace"],
    ...["CorsConfiguration", "IntelligentTieringConfigurations", "InventoryConfigurations"],
    ...["LifecycleConfiguration", "LoggingConfiguration", "MetadataConfiguration"],
    ...["MetadataTableConfiguration", "MetricsConfigurations", "NotificationConfiguration"],
    ...["ObjectLockConfiguration", "ObjectLockEnabled", "OwnershipControls"],
    ...["PublicAccessBlockConfiguration", "ReplicationConfiguration", "Tags"],
    ...["VersioningConfiguration", "WebsiteConfiguration"],
  ],
  required: [],
  createOnly: ["BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"],
  attributes: ["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"],
  nameProperty: "BucketName",
  physicalId: (properties, env) => text(properties, "BucketName") ?? generatedLowerName(env, 63),
  attributesOf: (_, name, { partition, region, urlSuffix }) => ({
    Arn: `arn:${partition}:s3:::${name}`,
    DomainName: `${name}.s3.${urlSuffix}`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.${urlSuffix}`,
    RegionalDomainName: `${name}.s3.${region}.${urlSuffix}`,
    WebsiteURL: `http://${name}.s3-website-${region}.${urlSuffix}`,
  }),
  check(properties) {
    const name = text(properties, "BucketName");
    if (name !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      fail("Bucket name should not contain uppercase characters, underscores or odd signs");
    }
  },
  created({ physicalId, accountId, region }, env) {
    const bucket = { name: physicalId, accountId, region, publicRead: false };
    if (env.buckets.create(bucket) === "exists") {
      fail(`${physicalId} already exists`);
    }
  },
  deleting({ physicalId }, env) {
    if (env.buckets.remove(physicalId) === "not-empty") {
      fail(
        serviceRefusal(
          "S3",
          "The bucket you tried to delete is not empty",
          "GeneralServiceException",
        ),
      );
    }
  },
};

const bucketPolicy: ResourceType = {
  type: "AWS::S3::BucketPolicy",
  properties: ["Bucket", "PolicyDocument"],
  required: ["Bucket", "PolicyDocument"],
  createOnly: ["Bucket"],
  attributes: [],
  nameProperty: "Bucket",
  physicalId: (properties) => text(properties, "Bucket")!,
  attributesOf: () => ({}),
  check(properties, env) {
    if (env.buckets.get(text(properties, "Bucket")!) === undefined) {
      fail(serviceRefusal("S3", "The specified bucket does not exist", "NotFound"));
    }
    if (object(properties, "PolicyDocument").Statement === undefined) {
      fail(serviceRefusal("S3", "Missing required field Statement"));
    }
  },
};

export const s3Types = [bucket, bucketPolicy];
