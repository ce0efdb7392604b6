import type { Stack } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import type { CfnKey } from "aws-cdk-lib/aws-kms";
import { accept, explain } from "../launch-stack/explain.ts";
import { survivesDeletion } from "./survival.ts";

export interface TableInput {
  readonly id: string;
  readonly why: string;
  readonly key: CfnKey;
  /** "true" or "false", as a mapping gives it. */
  readonly pointInTimeRecovery: string;
  /** The attribute after which an item disappears by itself. */
  readonly expiryAttribute?: string;
}

/** A table that costs nothing while nobody uses it. */
export function addTable(stack: Stack, input: TableInput): CfnTable {
  const table = new CfnTable(stack, input.id, {
    billingMode: "PAY_PER_REQUEST",
    keySchema: [
      { attributeName: "pk", keyType: "HASH" },
      { attributeName: "sk", keyType: "RANGE" },
    ],
    attributeDefinitions: [
      { attributeName: "pk", attributeType: "S" },
      { attributeName: "sk", attributeType: "S" },
    ],
    sseSpecification: {
      sseEnabled: true,
      sseType: "KMS",
      kmsMasterKeyId: input.key.attrArn,
    },
    ...(input.expiryAttribute === undefined
      ? {}
      : { timeToLiveSpecification: { enabled: true, attributeName: input.expiryAttribute } }),
  });
  // By size, so a reference into a mapping: the typed property takes constants only.
  table.addPropertyOverride(
    "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
    input.pointInTimeRecovery,
  );
  survivesDeletion(table);
  accept(table, "DDB3", "Point-in-time recovery is on for staging and production, by the mapping.");
  explain(table, { why: input.why });
  return table;
}
