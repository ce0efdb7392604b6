import type { Stack } from "aws-cdk-lib";
import { CfnUserPool, CfnUserPoolClient } from "aws-cdk-lib/aws-cognito";
import { accept, explain } from "../launch-stack/explain.ts";
import { survivesDeletion } from "./survival.ts";

export interface Identity {
  readonly pool: CfnUserPool;
  readonly client: CfnUserPoolClient;
}

/** Who may use the product: people whom the buyer's administrator invites, and nobody else. */
export function addIdentity(stack: Stack, title: string): Identity {
  const pool = new CfnUserPool(stack, "UserPool", {
    usernameAttributes: ["email"],
    autoVerifiedAttributes: ["email"],
    usernameConfiguration: { caseSensitive: false },
    adminCreateUserConfig: {
      allowAdminCreateUserOnly: true,
      inviteMessageTemplate: {
        emailSubject: `Your invitation to ${title}`,
        emailMessage: `You can now sign in to ${title} as {username}. Your temporary password: {####}`,
      },
    },
    mfaConfiguration: "OPTIONAL",
    enabledMfas: ["SOFTWARE_TOKEN_MFA"],
    policies: {
      passwordPolicy: {
        minimumLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: true,
        temporaryPasswordValidityDays: 3,
      },
    },
    accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
  });
  survivesDeletion(pool);
  accept(
    pool,
    "COG8",
    "The Plus tier costs the buyer per user; they can raise the tier themselves.",
  );
  accept(
    pool,
    "COG2",
    "Optional, so that an invited person can sign in before owning a second factor.",
  );
  explain(pool, { why: "Holds the people who may sign in. Only your administrator invites them." });

  const client = new CfnUserPoolClient(stack, "UserPoolClient", {
    userPoolId: pool.ref,
    generateSecret: false,
    explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    preventUserExistenceErrors: "ENABLED",
    enableTokenRevocation: true,
    accessTokenValidity: 60,
    idTokenValidity: 60,
    refreshTokenValidity: 30,
    tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
  });
  explain(client, { why: "Lets the product's pages sign people in; it has no secret." });
  return { pool, client };
}
