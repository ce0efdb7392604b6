import { Validations, type Stack } from "aws-cdk-lib";

/** Findings of cdk-nag's AwsSolutions pack that we decided to live with, and why. */
const acknowledged: readonly {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}[] = [];

export function acknowledgeFindings(stack: Stack): void {
  for (const { path, id, reason } of acknowledged) {
    Validations.of(stack.node.findChild(path)).acknowledge({ id, reason });
  }
}
