import { Validations, type CfnResource } from "aws-cdk-lib";

/** The key, in a resource's `Metadata`, of what a buyer should know about it. */
export const EXPLANATION_KEY = "Launchmeter";

export interface Explanation {
  /** Why the resource is in the buyer's account. */
  readonly why: string;
  /** For each statement of its policies, by `Sid`: why it is needed. */
  readonly statements?: Readonly<Record<string, string>>;
}

/**
 * Says why beside the resource itself, in the template: whoever reads the template reads it, and
 * the permission manifest of any published version can be made from its bytes alone.
 */
export function explain(resource: CfnResource, explanation: Explanation): void {
  resource.addMetadata(EXPLANATION_KEY, explanation);
}

/** A finding of cdk-nag's AwsSolutions pack that we live with, and why; leaves the template as it is. */
export function accept(resource: CfnResource, rule: string, reason: string): void {
  Validations.of(resource).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}
