import { asText, isObject } from "../template/template.ts";
import {
  arn,
  array,
  fail,
  generatedName,
  object,
  serviceRefusal,
  text,
  type ResourceType,
} from "./resource-type.ts";
import type { Json, JsonObject } from "../template/template.ts";

function attributeNames(items: readonly Json[]): string[] {
  return items.filter(isObject).map((item) => asText(item.AttributeName));
}

function keyAttributes(properties: JsonObject): Set<string> {
  const indexes = [
    ...array(properties, "GlobalSecondaryIndexes"),
    ...array(properties, "LocalSecondaryIndexes"),
  ].filter(isObject);
  return new Set(
    [properties, ...indexes].flatMap((one) => attributeNames(array(one, "KeySchema"))),
  );
}

const table: ResourceType = {
  type: "AWS::DynamoDB::Table",
  properties: [
    ...["AttributeDefinitions", "BillingMode", "ContributorInsightsSpecification"],
    ...["DeletionProtectionEnabled", "GlobalSecondaryIndexes", "ImportSourceSpecification"],
    ...["KeySchema", "KinesisStreamSpecification", "LocalSecondaryIndexes"],
    ...["OnDemandThroughput", "PointInTimeRecoverySpecification", "ProvisionedThroughput"],
    ...["ResourcePolicy", "SSESpecification", "StreamSpecification", "TableClass", "TableName"],
    ...["Tags", "TimeToLiveSpecification", "WarmThroughput"],
  ],
  required: ["KeySchema"],
  createOnly: ["TableName", "KeySchema", "LocalSecondaryIndexes"],
  attributes: ["Arn", "StreamArn"],
  nameProperty: "TableName",
  physicalId: (properties, env) => text(properties, "TableName") ?? generatedName(env, 255),
  attributesOf: (_, name, env) => ({
    Arn: arn(env, "dynamodb", `table/${name}`),
    StreamArn: arn(env, "dynamodb", `table/${name}/stream/2026-01-01T00:00:00.000`),
  }),
  check(properties) {
    const defined = new Set(attributeNames(array(properties, "AttributeDefinitions")));
    const used = keyAttributes(properties);
    const same = defined.size === used.size && [...used].every((name) => defined.has(name));
    if (!same) {
      const message =
        "One or more parameter values were invalid: the attributes of the keys and of " +
        "AttributeDefinitions must be the same";
      fail(serviceRefusal("DynamoDb", message));
    }
    const throughput = properties.ProvisionedThroughput !== undefined;
    const onDemand = text(properties, "BillingMode") === "PAY_PER_REQUEST";
    if (throughput === onDemand) {
      const message = onDemand
        ? "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        : "No provisioned throughput specified for the table";
      fail(serviceRefusal("DynamoDb", `One or more parameter values were invalid: ${message}`));
    }
    const encryption = object(properties, "SSESpecification");
    if (encryption.KMSMasterKeyId !== undefined && text(encryption, "SSEType") === "AES256") {
      fail(serviceRefusal("DynamoDb", "KMSMasterKeyId needs SSEType KMS"));
    }
  },
  deleting({ properties }) {
    if (text(properties, "DeletionProtectionEnabled") === "true") {
      const message =
        "Resource cannot be deleted as it is currently protected against deletion. " +
        "Disable deletion protection first.";
      fail(serviceRefusal("DynamoDb", message));
    }
  },
};

export const dynamodbTypes = [table];
