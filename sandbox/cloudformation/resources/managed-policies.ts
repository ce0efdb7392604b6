import type { PolicyDocument } from "../../aws-service.ts";

/** AWS's own policies that launch stacks attach to their functions, as AWS publishes them. */
const AWS_MANAGED: Readonly<Record<string, readonly string[]>> = {
  "service-role/AWSLambdaBasicExecutionRole": [
    ...["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  ],
  AWSXRayDaemonWriteAccess: [
    ...["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules"],
    ...["xray:GetSamplingTargets", "xray:GetSamplingStatisticSummaries"],
  ],
};

export function awsManagedPolicy(arn: string): PolicyDocument | undefined {
  const name = /^arn:aws[a-z-]*:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
  const actions = name === undefined ? undefined : AWS_MANAGED[name];
  if (actions === undefined) return undefined;
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: [...actions], Resource: "*" }],
  };
}
