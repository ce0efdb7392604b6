import {
  arn,
  fail,
  generatedName,
  serviceRefusal,
  text,
  type ResourceType,
} from "./resource-type.ts";

const RETENTION_DAYS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922],
  ...[3288, 3653],
];

const logGroup: ResourceType = {
  type: "AWS::Logs::LogGroup",
  properties: [
    ...["BearerTokenAuthenticationEnabled", "DataProtectionPolicy", "DeletionProtectionEnabled"],
    ...["FieldIndexPolicies", "KmsKeyId", "LogGroupClass", "LogGroupName"],
    ...["ResourcePolicyDocument", "RetentionInDays", "Tags"],
  ],
  required: [],
  createOnly: ["LogGroupName"],
  attributes: ["Arn"],
  nameProperty: "LogGroupName",
  physicalId: (properties, env) => text(properties, "LogGroupName") ?? generatedName(env, 512),
  attributesOf: (_, name, env) => ({ Arn: arn(env, "logs", `log-group:${name}:*`) }),
  check(properties) {
    const days = text(properties, "RetentionInDays");
    if (days !== undefined && !RETENTION_DAYS.includes(Number(days))) {
      fail(serviceRefusal("CloudWatchLogs", `${days} is not a retention that log groups offer`));
    }
  },
  deleting({ physicalId, accountId, region, properties }, env) {
    if (text(properties, "DeletionProtectionEnabled") === "true") {
      fail(serviceRefusal("CloudWatchLogs", "The log group is protected against deletion"));
    }
    env.logGroups.markDeleted({ accountId, region, name: physicalId });
  },
};

export const logsTypes = [logGroup];
