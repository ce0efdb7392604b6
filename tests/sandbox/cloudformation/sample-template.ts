/** What the sample's function does; it reads how to behave from its own resource's properties. */
const FUNCTION_CODE = `
exports.handler = async (event, context) => {
  const properties = event.ResourceProperties;
  console.log("asked to", event.RequestType, "at", new Date().toISOString());
  if (properties.Behaviour === "throw") throw new Error("thrown on purpose");
  if (properties.Behaviour === "silent") return;
  if (properties.Behaviour === "hang") await new Promise((resolve) => setTimeout(resolve, 60000));
  const failed = (properties.FailOn || "").split(",").includes(event.RequestType);
  const body = Buffer.from(JSON.stringify({
    Status: failed ? "FAILED" : "SUCCESS",
    Reason: failed ? "refused on purpose" : undefined,
    PhysicalResourceId: "registration-" + (properties.Identity || "1"),
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    Data: event.RequestType === "Delete" ? undefined : {
      Greeting: "hello " + properties.Name,
      Seen: JSON.stringify({ type: event.RequestType, id: event.PhysicalResourceId, properties, old: event.OldResourceProperties }),
      Variables: Object.keys(process.env).sort().join(","),
      Region: process.env.AWS_REGION,
      Now: new Date().toISOString(),
      TaskRoot: context.functionName,
    },
  }));
  const response = await fetch(event.ResponseURL, { method: "PUT", body, headers: { "content-type": "" } });
  console.log("answered", response.status);
};
`;

/** The shape of a launch stack, with every kind of reference, small enough to read. */
export const sampleTemplate = {
  AWSTemplateFormatVersion: "2010-09-09",
  Description: "Everything a launch stack uses",
  Metadata: {
    "AWS::CloudFormation::Interface": {
      ParameterGroups: [
        { Label: { default: "Registration" }, Parameters: ["Name", "ExternalIds"] },
        { Label: { default: "Size" }, Parameters: ["Size"] },
      ],
      ParameterLabels: { Name: { default: "Whom to greet" } },
    },
  },
  Parameters: {
    Name: { Type: "String", Default: "world", AllowedPattern: "[a-z<>& ]+" },
    ExternalIds: { Type: "CommaDelimitedList", Default: "one,two" },
    Size: { Type: "String", Default: "dev", AllowedValues: ["dev", "production"] },
    Behaviour: { Type: "String", Default: "answer" },
    FailOn: { Type: "String", Default: "" },
    Identity: { Type: "String", Default: "1" },
    Secret: { Type: "String", NoEcho: "true", Default: "hush" },
  },
  Rules: {
    Regions: {
      Assertions: [
        {
          Assert: { "Fn::Contains": [["eu-central-1", "us-east-1"], { Ref: "AWS::Region" }] },
          AssertDescription: "This product runs in eu-central-1 and us-east-1 only",
        },
      ],
    },
  },
  Mappings: { Sizes: { dev: { days: 7 }, production: { days: 30 } } },
  Conditions: {
    IsProduction: { "Fn::Equals": [{ Ref: "Size" }, "production"] },
    IsSmall: { "Fn::Not": [{ Condition: "IsProduction" }] },
  },
  Resources: {
    Key: {
      Type: "AWS::KMS::Key",
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: {
        KeyPolicy: {
          Statement: [
            {
              Effect: "Allow",
              Principal: {
                AWS: { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" },
              },
              Action: "kms:*",
              Resource: "*",
            },
          ],
        },
      },
    },
    Bucket: {
      Type: "AWS::S3::Bucket",
      Properties: { BucketName: { "Fn::Join": ["-", ["content", { Ref: "AWS::AccountId" }]] } },
    },
    BucketPolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: {
        Bucket: { Ref: "Bucket" },
        PolicyDocument: { Statement: [{ Resource: { "Fn::GetAtt": ["Bucket", "Arn"] } }] },
      },
    },
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: {
          SSEEnabled: true,
          SSEType: "KMS",
          KMSMasterKeyId: { "Fn::GetAtt": ["Key", "Arn"] },
        },
        Tags: [{ Key: "size", Value: { "Fn::If": ["IsSmall", "small", { Ref: "AWS::NoValue" }] } }],
      },
    },
    Users: { Type: "AWS::Cognito::UserPool", Properties: {} },
    Client: {
      Type: "AWS::Cognito::UserPoolClient",
      Properties: { UserPoolId: { Ref: "Users" } },
    },
    ReadRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: "arn:aws:iam::999999999999:root" },
              Action: "sts:AssumeRole",
              Condition: { StringEquals: { "sts:ExternalId": { Ref: "ExternalIds" } } },
            },
          ],
        },
        Policies: [
          {
            PolicyName: "read",
            PolicyDocument: {
              Statement: [{ Effect: "Allow", Action: "ce:GetCostAndUsage", Resource: "*" }],
            },
          },
        ],
      },
    },
    Logs: {
      Type: "AWS::Logs::LogGroup",
      Properties: {
        RetentionInDays: { "Fn::FindInMap": ["Sizes", { Ref: "Size" }, "days"] },
      },
    },
    FunctionRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "lambda.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          ],
        },
      },
    },
    FunctionPolicy: {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: "logs",
        Roles: [{ Ref: "FunctionRole" }],
        PolicyDocument: { Statement: [{ Effect: "Allow", Action: "logs:*", Resource: "*" }] },
      },
    },
    Function: {
      Type: "AWS::Lambda::Function",
      DependsOn: ["FunctionPolicy"],
      Properties: {
        Code: { ZipFile: FUNCTION_CODE },
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Timeout: 20,
        Role: { "Fn::GetAtt": ["FunctionRole", "Arn"] },
        LoggingConfig: { LogGroup: { Ref: "Logs" } },
        Environment: { Variables: { OWN: { "Fn::Sub": "${Size} in ${AWS::Region}" } } },
      },
    },
    Registration: {
      Type: "Custom::Registration",
      DependsOn: ["Client", "Table", "BucketPolicy", "ReadRole"],
      Properties: {
        ServiceToken: { "Fn::GetAtt": ["Function", "Arn"] },
        ServiceTimeout: 60,
        Name: { Ref: "Name" },
        Behaviour: { Ref: "Behaviour" },
        FailOn: { Ref: "FailOn" },
        Identity: { Ref: "Identity" },
        Roles: [{ "Fn::GetAtt": ["ReadRole", "Arn"] }],
        Flag: true,
        Count: 3,
      },
    },
    OnlyInProduction: {
      Type: "AWS::SSM::Parameter",
      Condition: "IsProduction",
      Properties: { Type: "String", Value: { "Fn::GetAtt": ["Registration", "Greeting"] } },
    },
  },
  Outputs: {
    Greeting: { Value: { "Fn::GetAtt": ["Registration", "Greeting"] } },
    Seen: { Value: { "Fn::GetAtt": ["Registration", "Seen"] } },
    Variables: { Value: { "Fn::GetAtt": ["Registration", "Variables"] } },
    Region: { Value: { "Fn::GetAtt": ["Registration", "Region"] } },
    Now: { Value: { "Fn::GetAtt": ["Registration", "Now"] } },
    TableArn: { Value: { "Fn::GetAtt": ["Table", "Arn"] }, Description: "The table" },
    ProductionOnly: { Condition: "IsProduction", Value: { Ref: "OnlyInProduction" } },
    LogGroup: { Value: { Ref: "Logs" } },
    Ids: { Value: { "Fn::Join": ["+", { Ref: "ExternalIds" }] }, Export: { Name: "demo-ids" } },
  },
} as const;

/** A copy to change. */
export function sampleWith(change: (template: MutableTemplate) => void): MutableTemplate {
  const copy = structuredClone(sampleTemplate) as unknown as MutableTemplate;
  change(copy);
  return copy;
}

export interface MutableTemplate extends Record<string, unknown> {
  Parameters: Record<string, Record<string, unknown>>;
  Resources: Record<string, MutableResource>;
  Outputs: Record<string, Record<string, unknown>>;
}

export interface MutableResource {
  Type: string;
  DependsOn?: string[];
  DeletionPolicy?: unknown;
  UpdateReplacePolicy?: string;
  Properties: Record<string, unknown>;
}
