import { BootstraplessSynthesizer, CfnOutput, Stack, Tags, type App } from "aws-cdk-lib";
import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { Product } from "../../product/definition.ts";
import { addContentBucket } from "../modules/bucket.ts";
import { addIdentity } from "../modules/identity.ts";
import { addKey } from "../modules/key.ts";
import { addTable } from "../modules/tables.ts";
import { COST_TAG_KEY, READ_ROLE_RESOURCE } from "../contract.ts";
import { addCostReadRole } from "./cost-read-role.ts";
import { addParameters, type LaunchParameters } from "./parameters.ts";
import { addRegistration, stackGuid } from "./registration.ts";

export interface LaunchStackInput {
  readonly product: Product;
  /** Where the stack reports to. Baked, never a parameter: a prefilled link could redirect it. */
  readonly callbackUrl: string;
  /** For whom the proof of account is meant: the site's origin. Baked likewise. */
  readonly audience: string;
}

/**
 * What lands in a buyer's account.
 *
 * Ids are a contract: renaming one replaces that resource in every account where the stack runs.
 */
export function addLaunchStack(app: App, input: LaunchStackInput): Stack {
  const { product } = input;
  // Refuses assets: a buyer has no bucket of ours and no CDK bootstrap.
  const stack = new Stack(app, "LaunchStack", {
    synthesizer: new BootstraplessSynthesizer(),
    description: `${product.title} ${product.launchStack.version} by ${product.seller.name}, in your own AWS account. Help: ${product.seller.supportEmail}`,
  });
  const parameters = addParameters(stack, product);
  const readRole = addCostReadRole(stack, product.seller.accountId, parameters);
  const data = addData(stack, product.title, parameters);
  const registration = addRegistration(stack, {
    callbackUrl: input.callbackUrl,
    audience: input.audience,
    templateVersion: product.launchStack.version,
    parameters,
    resources: { [READ_ROLE_RESOURCE]: readRole.attrArn, size: parameters.size, ...data.names },
    alsoAfter: data.unreferenced,
  });
  addOutputs(stack, readRole, data.names, {
    deploymentId: registration.getAtt("DeploymentId").toString(),
    settings: registration.getAtt("Settings").toString(),
  });
  tagEverything(stack, product.name);
  return stack;
}

/** The modules that the product runs on. */
function addData(stack: Stack, title: string, parameters: LaunchParameters) {
  const key = addKey(stack, title);
  const { bucket, policy } = addContentBucket(stack, key);
  const table = (id: string, why: string, expiryAttribute?: string) =>
    addTable(stack, {
      id,
      why,
      key,
      pointInTimeRecovery: parameters.sizeSetting("PointInTimeRecovery"),
      ...(expiryAttribute === undefined ? {} : { expiryAttribute }),
    });
  const content = table("ContentTable", "Keeps what the product's users make.");
  const activity = table("ActivityTable", "Keeps who did what, until it expires.", "expiresAt");
  const { pool, client } = addIdentity(stack, title);
  return {
    names: {
      contentBucketName: bucket.ref,
      contentTableName: content.ref,
      activityTableName: activity.ref,
      userPoolId: pool.ref,
      userPoolClientId: client.ref,
    },
    unreferenced: [policy],
  };
}

function addOutputs(
  stack: Stack,
  readRole: CfnRole,
  names: Readonly<Record<string, string>>,
  registration: { readonly deploymentId: string; readonly settings: string },
): void {
  const output = (id: string, description: string, value: string) =>
    new CfnOutput(stack, id, { description, value });
  output("DeploymentId", "This deployment, as the seller knows it", registration.deploymentId);
  output("Settings", "What the seller's site set for this deployment", registration.settings);
  output("CostReadRoleArn", "The seller's read-only access to cost figures", readRole.attrArn);
  for (const [name, value] of Object.entries(names)) {
    const id = name.charAt(0).toUpperCase() + name.slice(1);
    output(id, id.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase(), value);
  }
}

/** The cost tag's value is the stack's own GUID: it can't be another deployment's. */
function tagEverything(stack: Stack, productName: string): void {
  // A stack-level tag can't hold a reference; each resource carries its own.
  const options = { excludeResourceTypes: ["aws:cdk:stack"] };
  Tags.of(stack).add(COST_TAG_KEY, stackGuid(), options);
  Tags.of(stack).add("launchmeter:product", productName, options);
}
