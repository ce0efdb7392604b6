import {
  Aws,
  CfnCustomResource,
  Fn,
  RemovalPolicy,
  type CfnResource,
  type Stack,
} from "aws-cdk-lib";
import { CfnRole } from "aws-cdk-lib/aws-iam";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { bundleCallback } from "./bundle-callback.ts";
import { explain } from "./explain.ts";
import type { LaunchParameters } from "./parameters.ts";

export interface RegistrationInput {
  readonly callbackUrl: string;
  readonly audience: string;
  readonly templateVersion: string;
  readonly parameters: LaunchParameters;
  /** What the site and the product's owner learn about: names and ARNs, never contents. */
  readonly resources: Readonly<Record<string, string>>;
  /** What none of those references reaches; together they are every other resource. */
  readonly alsoAfter: readonly CfnResource[];
}

/**
 * Registers the stack: created after and deleted before every other resource, so that the site is
 * told of a stack that works, and the cost can be read a last time before its role goes away.
 */
export function addRegistration(stack: Stack, input: RegistrationInput): CfnCustomResource {
  const callback = addCallback(stack, input);
  const registration = new CfnCustomResource(stack, "Registration", {
    serviceToken: callback.attrArn,
    // The function answers in 20 seconds; Lambda repeats a crashed one after one and two minutes.
    serviceTimeout: 300,
  });
  registration.addOverride("Type", "Custom::LaunchmeterRegistration");
  registration.addPropertyOverride("InstallCode", input.parameters.installCode);
  // Changes with every version: without a changed property, an update wouldn't call at all.
  registration.addPropertyOverride("TemplateVersion", input.templateVersion);
  registration.addPropertyOverride("Resources", input.resources);
  for (const resource of input.alsoAfter) registration.addResourceDependency(resource);
  explain(registration, {
    why: "Tells the seller's site that this stack was created, updated or deleted.",
  });
  return registration;
}

function addCallback(stack: Stack, input: RegistrationInput): CfnFunction {
  const logs = new CfnLogGroup(stack, "CallbackLogs", {
    retentionInDays: input.parameters.sizeSetting("LogRetentionDays") as unknown as number,
  });
  logs.applyRemovalPolicy(RemovalPolicy.DESTROY);
  explain(logs, { why: "Keeps what the registration function says, for as long as you chose." });
  const role = addCallbackRole(stack, logs, input.parameters);
  const callback = new CfnFunction(stack, "CallbackFunction", {
    description: "Proves this account to the seller's site and registers the stack",
    runtime: "nodejs24.x",
    handler: "index.handler",
    code: { zipFile: bundleCallback() },
    role: role.attrArn,
    timeout: 30,
    memorySize: 256,
    loggingConfig: { logGroup: logs.ref },
    environment: {
      variables: {
        CALLBACK_URL: input.callbackUrl,
        AUDIENCE: input.audience,
        // The function signs for this host and never calls it; every partition has its suffix.
        STS_HOST: Fn.sub("sts.${AWS::Region}.${AWS::URLSuffix}"),
      },
    },
  });
  explain(callback, {
    why: "Signs a statement of which account this is and sends it to the seller's site.",
  });
  return callback;
}

/** Needs no permission to prove the account: everyone may ask AWS who they are. */
function addCallbackRole(stack: Stack, logs: CfnLogGroup, parameters: LaunchParameters): CfnRole {
  const role = new CfnRole(stack, "CallbackRole", {
    description: "Lets the registration function write its own log",
    permissionsBoundary: parameters.permissionsBoundary,
    assumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Lambda",
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ],
    },
    policies: [
      {
        policyName: "WriteLog",
        policyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "WriteOwnLog",
              Effect: "Allow",
              Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
              Resource: logs.attrArn,
            },
          ],
        },
      },
    ],
  });
  explain(role, {
    why: "What the registration function may do in your account: write its own log.",
    statements: {
      Lambda: "Only AWS Lambda can run with this role.",
      WriteOwnLog: "Writes to this stack's own log group.",
    },
  });
  return role;
}

/** The GUID of a StackId, `arn:…:stack/<name>/<guid>`: unique even when a name is used again. */
export const stackGuid = () => Fn.select(2, Fn.split("/", Aws.STACK_ID));
