import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Credentials } from "../../metering/adapters/aws-clients.ts";
import type { Product } from "../../product/definition.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";

/** Buyers' read roles let in only roles of the seller's account with this beginning. */
const ROLE_NAME = "launchmeter-service";
const RENEW_BEFORE_MS = 10 * 60_000;

/**
 * The role that the seller's service runs as, and its credentials for as long as they last.
 *
 * They end by the sandbox's clock, so they are kept by it too: told an end in the past, the SDK
 * asks again for every call, and gets the same ones until they are really about to end.
 */
export async function sellerRole(
  sandbox: Sandbox,
  product: Product,
): Promise<() => Promise<Credentials>> {
  const { accountId } = product.seller;
  const RoleArn = `arn:aws:iam::${accountId}:role/${ROLE_NAME}`;
  await createRole(sandbox, accountId);
  let current: { credentials: Credentials; until: number } | undefined;
  return async () => {
    const now = sandbox.clock.now();
    if (current !== undefined && now < current.until - RENEW_BEFORE_MS) return current.credentials;
    const sts = new STSClient({
      region: product.seller.meteringRegion,
      endpoint: sandbox.origin,
      credentials: sandbox.sellerCredentials,
      systemClockOffset: now - Date.now(),
    });
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "launchmeter", DurationSeconds: 3_600 }),
    );
    if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined) {
      throw new Error("the sandbox gave the seller's role no credentials");
    }
    const credentials = {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
      expiration: new Date(0),
    };
    current = { credentials, until: given.Expiration?.getTime() ?? now };
    return credentials;
  };
}

async function createRole(sandbox: Sandbox, accountId: string): Promise<void> {
  const allow = (Action: readonly string[]) => ({ Effect: "Allow", Action, Resource: "*" });
  const role = {
    accountId,
    name: ROLE_NAME,
    trustPolicy: {
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${accountId}:root` },
          Action: "sts:AssumeRole",
        },
      ],
    },
    policies: {
      service: {
        Statement: [
          allow([
            "aws-marketplace:ResolveCustomer",
            "aws-marketplace:BatchMeterUsage",
            "aws-marketplace:GetEntitlements",
          ]),
          allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
          allow(["sts:AssumeRole", "sts:TagSession"]),
        ],
      },
    },
  };
  await sandboxControl(sandbox.origin)
    .createRole(role)
    .catch((error: Error) => {
      // A world that goes on has it already.
      if (!/exist/i.test(error.message)) throw error;
    });
}
