import { CfnDeletionPolicy, type CfnResource } from "aws-cdk-lib";

/**
 * For what holds a buyer's data, or what that data can't be read without.
 *
 * It stays when the stack is deleted, so that a bucket with content never blocks the deletion and
 * a mistaken one loses nothing; only a failed first launch cleans up after itself. Constant, never
 * by size: an intrinsic here needs a Transform (feasibility §1).
 */
export function survivesDeletion(resource: CfnResource): void {
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
