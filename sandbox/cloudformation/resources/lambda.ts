import { isObject, type JsonObject } from "../template/template.ts";
import {
  arn,
  fail,
  generatedName,
  MIXED,
  object,
  serviceRefusal,
  text,
  type ResourceEnvironment,
  type ResourceType,
} from "./resource-type.ts";

/** protocol-facts B3: 4 MB zipped; source text compresses, so the text may not be larger either. */
const MAX_INLINE_BYTES = 4 * 1024 * 1024;
const MAX_ENVIRONMENT_BYTES = 4096;

/** What the runtime sets itself; a function may not. */
const RESERVED_VARIABLES = [
  ...["_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"],
  ...["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
  ...["AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"],
  ...["AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY"],
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API"],
  ...["LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"],
];

/** cfn-lint's E2533 says when: no function can be made on nodejs20.x since 2026-06-01. */
const NODE_RUNTIMES = ["nodejs22.x", "nodejs24.x"];

const lambdaFunction: ResourceType = {
  type: "AWS::Lambda::Function",
  properties: [
    ...["Architectures", "CapacityProviderConfig", "Code", "CodeSigningConfigArn"],
    ...["DeadLetterConfig", "Description", "DurableConfig", "Environment", "EphemeralStorage"],
    ...["FileSystemConfigs", "FunctionName", "FunctionScalingConfig", "Handler", "ImageConfig"],
    ...["KmsKeyArn", "Layers", "LoggingConfig", "MemorySize", "PackageType"],
    ...["PublishToLatestPublished", "RecursiveLoop", "ReservedConcurrentExecutions", "Role"],
    ...["Runtime", "RuntimeManagementConfig", "SnapStart", "Tags", "TenancyConfig", "Timeout"],
    ...["TracingConfig", "VpcConfig"],
  ],
  required: ["Code", "Role"],
  createOnly: ["FunctionName", "PackageType", "TenancyConfig"],
  attributes: ["Arn", "SnapStartResponse", "SnapStartResponse.ApplyOn"],
  nameProperty: "FunctionName",
  physicalId: (properties, env) =>
    text(properties, "FunctionName") ?? generatedName(env, 64, MIXED),
  attributesOf: (_, name, env) => ({ Arn: arn(env, "lambda", `function:${name}`) }),
  check(properties, env) {
    checkCode(properties);
    checkRole(text(properties, "Role") ?? "", env);
    checkEnvironment(object(object(properties, "Environment"), "Variables"));
    const timeout = Number(text(properties, "Timeout") ?? 3);
    const memory = Number(text(properties, "MemorySize") ?? 128);
    if (!(timeout >= 1 && timeout <= 900)) refuse(`Timeout must be 1 to 900, not ${timeout}`);
    if (!(memory >= 128 && memory <= 10240))
      refuse(`MemorySize must be 128 to 10240, not ${memory}`);
  },
};

function refuse(message: string): never {
  return fail(serviceRefusal("Lambda", message));
}

function checkCode(properties: JsonObject): void {
  const code = object(properties, "Code");
  const source = text(code, "ZipFile");
  const runtime = text(properties, "Runtime") ?? "";
  if (source === undefined) {
    refuse(
      "The sandbox runs inline code (Code.ZipFile) only: code in a bucket would need one bucket " +
        "in every region of the buyers",
    );
  }
  if (Buffer.byteLength(source) > MAX_INLINE_BYTES) refuse("Inline code is larger than 4 MB");
  if (runtime === "nodejs20.x" || runtime === "nodejs18.x") {
    refuse(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS ` +
        "Lambda functions. We recommend you use a supported runtime while creating or updating functions.",
    );
  }
  if (!NODE_RUNTIMES.includes(runtime)) {
    refuse(`The sandbox runs ${NODE_RUNTIMES.join(" and ")}, not ${runtime || "no runtime"}`);
  }
  // Inline code is one file, index.js.
  if (!/^index\.[A-Za-z_$][\w$]*$/.test(text(properties, "Handler") ?? "")) {
    refuse(`The Handler of inline code must be index.<export>, not ${text(properties, "Handler")}`);
  }
}

function checkRole(roleArn: string, env: ResourceEnvironment): void {
  const role = env.iam.role(roleArn);
  const statements = role?.trustPolicy.Statement;
  const trusted = (Array.isArray(statements) ? (statements as unknown[]) : [statements]).some(
    (statement) => {
      if (!isObject(statement) || statement.Effect !== "Allow") return false;
      const principal = isObject(statement.Principal) ? statement.Principal.Service : undefined;
      return [principal].flat().some((service) => service === "lambda.amazonaws.com");
    },
  );
  if (!trusted) refuse("The role defined for the function cannot be assumed by Lambda.");
}

function checkEnvironment(variables: JsonObject): void {
  const reserved = Object.keys(variables).filter((name) => RESERVED_VARIABLES.includes(name));
  if (reserved.length > 0) {
    refuse(
      "Lambda was unable to configure your environment variables because the environment variables " +
        "you have provided contains reserved keys that are currently not supported for modification. " +
        `Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > MAX_ENVIRONMENT_BYTES) {
    refuse("Lambda was unable to configure your environment variables because they exceed 4KB");
  }
}

const permission: ResourceType = {
  type: "AWS::Lambda::Permission",
  properties: [
    ...["Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType"],
    ...["InvokedViaFunctionUrl", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"],
  ],
  required: ["Action", "FunctionName", "Principal"],
  createOnly: [
    ...["Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType"],
    ...["InvokedViaFunctionUrl", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"],
  ],
  attributes: ["Id"],
  physicalId: (_, env) => generatedName(env, 100),
  attributesOf: (_, id) => ({ Id: id }),
  check(properties, env) {
    const name = text(properties, "FunctionName")!.split(":").at(-1)!;
    if (env.inventory.get(lambdaFunction.type, env.accountId, env.region, name) === undefined) {
      fail(serviceRefusal("Lambda", `Function not found: ${name}`, "NotFound"));
    }
  },
};

export const lambdaTypes = [lambdaFunction, permission];
