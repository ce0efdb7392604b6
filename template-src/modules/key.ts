import { Fn, type Stack } from "aws-cdk-lib";
import { CfnKey } from "aws-cdk-lib/aws-kms";
import { explain } from "../launch-stack/explain.ts";
import { survivesDeletion } from "./survival.ts";

/** The buyer's own key, under which everything with content lies. */
export function addKey(stack: Stack, title: string): CfnKey {
  const key = new CfnKey(stack, "EncryptionKey", {
    description: `Encrypts the data of ${title}`,
    enableKeyRotation: true,
    pendingWindowInDays: 30,
    keyPolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AccountDecides",
          Effect: "Allow",
          Principal: { AWS: Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    },
  });
  // Data that outlives the stack is lost with its key.
  survivesDeletion(key);
  explain(key, {
    why: "Encrypts the bucket and the tables with a key that belongs to you.",
    statements: {
      AccountDecides:
        "Hands the key to your account's IAM policies, as AWS does by default. Nobody outside your account is named.",
    },
  });
  return key;
}
