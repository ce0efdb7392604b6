import {
  Aws,
  CfnCondition,
  CfnMapping,
  CfnParameter,
  CfnRule,
  Fn,
  Token,
  type Stack,
} from "aws-cdk-lib";
import type { Product } from "../../product/definition.ts";
import { launchParameters } from "../contract.ts";

/** Names of template parameters are contracts with links and with stacks that already run. */
export const PERMISSIONS_BOUNDARY = "PermissionsBoundaryArn";

export interface LaunchParameters {
  readonly installCode: string;
  /** A list: two values while the seller rotates, so that access never stops. */
  readonly externalIds: string[];
  readonly size: string;
  /** The boundary's ARN, or no value at all. */
  readonly permissionsBoundary: string;
  /** A setting that differs by size, as a reference into the template's mapping. */
  readonly sizeSetting: (name: keyof (typeof SIZE_SETTINGS)["production"]) => string;
}

/** What a size changes. Never what survives a deletion: that must not depend on a parameter. */
const SIZE_SETTINGS = {
  dev: { LogRetentionDays: 7, PointInTimeRecovery: false },
  staging: { LogRetentionDays: 30, PointInTimeRecovery: true },
  production: { LogRetentionDays: 90, PointInTimeRecovery: true },
} as const;

/** Everything a buyer can see and change before launching. Nothing here can redirect trust. */
export function addParameters(stack: Stack, product: Product): LaunchParameters {
  const installCode = new CfnParameter(stack, launchParameters.installCode, {
    description:
      "Filled in by the launch link. Links this stack to your subscription; works once, for 24 hours.",
    // Visible on purpose: a launch link can't fill in a hidden parameter (protocol-facts B1).
    allowedPattern: "^[A-Za-z0-9_-]{6,64}$",
    constraintDescription: `the install code from ${product.seller.name}'s set-up page, unchanged.`,
  });
  const externalIds = new CfnParameter(stack, launchParameters.externalIds, {
    type: "CommaDelimitedList",
    description: `Filled in by the launch link. ${product.seller.name} must present it to read this deployment's cost.`,
    // Matches one value as well as the whole list, whichever is tested.
    allowedPattern: "^[A-Za-z0-9_+=.@:/-]{16,128}(,[A-Za-z0-9_+=.@:/-]{16,128})*$",
    constraintDescription: `the external ID from ${product.seller.name}'s set-up page, unchanged.`,
  });
  const size = new CfnParameter(stack, launchParameters.size, {
    description: "How long logs are kept, and whether tables can be restored to any second.",
    allowedValues: [...product.launchStack.sizes],
    default: product.launchStack.defaultSize,
  });
  const boundary = new CfnParameter(stack, PERMISSIONS_BOUNDARY, {
    description:
      "Optional. A policy that limits every role of this stack, if your rules ask for one. It must let through ce:GetCostAndUsage.",
    default: "",
    allowedPattern: "^$|^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$",
    constraintDescription: "empty, or the ARN of a managed IAM policy.",
  });
  const settings = new CfnMapping(stack, "SizeSettings", { mapping: SIZE_SETTINGS, lazy: false });
  const bounded = new CfnCondition(stack, "HasPermissionsBoundary", {
    expression: Fn.conditionNot(Fn.conditionEquals(boundary.valueAsString, "")),
  });
  addConsoleLayout(stack, product);
  addRegionRule(stack, product);
  return {
    installCode: installCode.valueAsString,
    externalIds: externalIds.valueAsList,
    size: size.valueAsString,
    permissionsBoundary: Token.asString(
      Fn.conditionIf(bounded.logicalId, boundary.valueAsString, Aws.NO_VALUE),
    ),
    sizeSetting: (name) => settings.findInMap(size.valueAsString, name),
  };
}

/** Refused before anything is made: a service missing in a region would fail half way. */
function addRegionRule(stack: Stack, product: Product): void {
  new CfnRule(stack, "SupportedRegion", {
    assertions: [
      {
        assert: Fn.conditionContains([...product.launchStack.regions], Aws.REGION),
        assertDescription: `${product.title} can't be launched in this region. Choose another one on ${product.seller.name}'s set-up page.`,
      },
    ],
  });
}

function addConsoleLayout(stack: Stack, product: Product): void {
  const { installCode, externalIds, size } = launchParameters;
  stack.templateOptions.metadata = {
    "AWS::CloudFormation::Interface": {
      ParameterGroups: [
        group("Your subscription (filled in by the launch link)", [installCode, externalIds]),
        group("Your choice", [size]),
        group("Your organization's rules (optional)", [PERMISSIONS_BOUNDARY]),
      ],
      ParameterLabels: {
        [installCode]: { default: "Install code" },
        [externalIds]: { default: "External ID" },
        [size]: { default: "Size" },
        [PERMISSIONS_BOUNDARY]: { default: "Permissions boundary" },
      },
    },
    Launchmeter: {
      Product: product.name,
      Version: product.launchStack.version,
      Seller: product.seller.name,
      SellerAccount: product.seller.accountId,
    },
  };
}

const group = (label: string, parameters: readonly string[]) => ({
  Label: { default: label },
  Parameters: parameters,
});
