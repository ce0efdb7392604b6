import {
  arn,
  fail,
  object,
  randomUuid,
  serviceRefusal,
  text,
  type ResourceType,
} from "./resource-type.ts";

const key: ResourceType = {
  type: "AWS::KMS::Key",
  properties: [
    ...["BypassPolicyLockoutSafetyCheck", "Description", "EnableKeyRotation", "Enabled"],
    ...["KeyPolicy", "KeySpec", "KeyUsage", "MultiRegion", "Origin", "PendingWindowInDays"],
    ...["RotationPeriodInDays", "Tags"],
  ],
  required: [],
  createOnly: ["KeySpec", "KeyUsage", "MultiRegion", "Origin"],
  attributes: ["Arn", "KeyId"],
  physicalId: (_, env) => randomUuid(env),
  attributesOf: (_, keyId, env) => ({ Arn: arn(env, "kms", `key/${keyId}`), KeyId: keyId }),
  check(properties) {
    if (
      properties.KeyPolicy !== undefined &&
      object(properties, "KeyPolicy").Statement === undefined
    ) {
      fail(serviceRefusal("Kms", "The key policy has no Statement", "InvalidRequest"));
    }
    const days = Number(text(properties, "PendingWindowInDays") ?? 30);
    if (days < 7 || days > 30) {
      fail(serviceRefusal("Kms", "PendingWindowInDays must be between 7 and 30"));
    }
  },
};

const alias: ResourceType = {
  type: "AWS::KMS::Alias",
  properties: ["AliasName", "TargetKeyId"],
  required: ["AliasName", "TargetKeyId"],
  createOnly: ["AliasName"],
  attributes: [],
  nameProperty: "AliasName",
  physicalId: (properties) => text(properties, "AliasName")!,
  attributesOf: () => ({}),
  check(properties, env) {
    if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,249}$/.test(text(properties, "AliasName")!)) {
      fail(serviceRefusal("Kms", "The alias must begin with alias/ and not with alias/aws/"));
    }
    const target = text(properties, "TargetKeyId")!;
    const keyId = target.split("/").at(-1)!;
    if (env.inventory.get("AWS::KMS::Key", env.accountId, env.region, keyId) === undefined) {
      fail(serviceRefusal("Kms", `Key '${target}' does not exist`, "NotFound"));
    }
  },
};

export const kmsTypes = [key, alias];
