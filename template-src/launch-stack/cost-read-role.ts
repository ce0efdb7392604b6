import { Aws, Fn, type Stack } from "aws-cdk-lib";
import { CfnRole } from "aws-cdk-lib/aws-iam";
import { SELLER_ROLE_PREFIX, SESSION_TAG_KEYS } from "../contract.ts";
import { accept, explain } from "./explain.ts";
import type { LaunchParameters } from "./parameters.ts";

/**
 * The only way in for the seller: read what AWS charges, and whether this stack still exists.
 *
 * The whole account is the principal, narrowed by role name: a role's ARN as principal stops
 * working when the seller makes that role anew. Policies are inline: a separate policy could be
 * deleted before the callback, which has the last cost read (feasibility §4, §5).
 */
export function addCostReadRole(
  stack: Stack,
  sellerAccountId: string,
  parameters: LaunchParameters,
): CfnRole {
  const sellerIam = `arn:\${AWS::Partition}:iam::${sellerAccountId}`;
  const role = new CfnRole(stack, "CostReadRole", {
    description: "Lets the seller read what AWS charges for this account, and nothing else",
    maxSessionDuration: 3600,
    permissionsBoundary: parameters.permissionsBoundary,
    assumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "SellerWithExternalId",
          Effect: "Allow",
          Principal: { AWS: Fn.sub(`${sellerIam}:root`) },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "sts:ExternalId": parameters.externalIds },
            ArnLike: { "aws:PrincipalArn": Fn.sub(`${sellerIam}:role/${SELLER_ROLE_PREFIX}*`) },
          },
        },
        {
          // Alone it lets nobody in. It has no external ID: that belongs to sts:AssumeRole.
          Sid: "SellerNamesItsSession",
          Effect: "Allow",
          Principal: { AWS: Fn.sub(`${sellerIam}:root`) },
          Action: "sts:TagSession",
          Condition: {
            ArnLike: { "aws:PrincipalArn": Fn.sub(`${sellerIam}:role/${SELLER_ROLE_PREFIX}*`) },
            "ForAllValues:StringEquals": { "aws:TagKeys": SESSION_TAG_KEYS },
          },
        },
      ],
    },
    policies: [
      {
        policyName: "ReadCost",
        policyDocument: {
          Version: "2012-10-17",
          Statement: [
            { Sid: "ReadCost", Effect: "Allow", Action: "ce:GetCostAndUsage", Resource: "*" },
            {
              Sid: "SeeWhetherThisStackExists",
              Effect: "Allow",
              Action: "cloudformation:DescribeStacks",
              Resource: Aws.STACK_ID,
            },
          ],
        },
      },
    ],
  });
  accept(role, "IAM5[Resource::*]", "AWS defines no resource for ce:GetCostAndUsage.");
  explain(role, {
    why: "The seller's only access to your account: reads AWS cost figures, from which your bill follows.",
    statements: {
      SellerWithExternalId:
        "Only the seller's metering roles may use this role, and only with the external ID made for this deployment.",
      SellerNamesItsSession:
        "Lets the seller write license and deployment on its session, so that your CloudTrail says what each reading was for.",
      ReadCost:
        "Reads daily cost totals. AWS has no narrower resource for this action; it shows amounts, never data.",
      SeeWhetherThisStackExists:
        "Tells the seller when this stack is gone, so that metering ends. It sees no other stack.",
    },
  });
  return role;
}
