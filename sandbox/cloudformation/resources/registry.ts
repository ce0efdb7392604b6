import type { KnownType } from "../template/check-template.ts";
import { cognitoTypes } from "./cognito.ts";
import { dynamodbTypes } from "./dynamodb.ts";
import { iamTypes } from "./iam.ts";
import { kmsTypes } from "./kms.ts";
import { lambdaTypes } from "./lambda.ts";
import { logsTypes } from "./logs.ts";
import type { ResourceType } from "./resource-type.ts";
import { s3Types } from "./s3.ts";
import { ssmTypes } from "./ssm.ts";

/** Every resource type that the sandbox can make. A new service is a file here and a line. */
const types = new Map<string, ResourceType>(
  [
    ...[...kmsTypes, ...s3Types, ...dynamodbTypes, ...cognitoTypes],
    ...[...iamTypes, ...lambdaTypes, ...logsTypes, ...ssmTypes],
  ].map((type) => [type.type, type]),
);

export function resourceType(type: string): ResourceType | undefined {
  return types.get(type);
}

const CUSTOM_TYPE = /^(Custom::[A-Za-z0-9_@-]{1,60}|AWS::CloudFormation::CustomResource)$/;

export function isCustomResource(type: string): boolean {
  return CUSTOM_TYPE.test(type);
}

/** A type as the template checks see it; a custom resource's function decides its attributes. */
export function knownType(type: string): KnownType | undefined {
  return isCustomResource(type) ? { attributes: "any" } : types.get(type);
}
