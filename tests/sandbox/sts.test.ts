import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AssumeRoleCommandInput } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { NewRoleRequest } from "../../sandbox/control/control-types.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import { aSandbox, BUYER, clientOf, OTHER_ACCOUNT, SELLER } from "./a-sandbox.ts";

const EXTERNAL_ID = "external-id-of-this-deployment";

/** The read role of a launch stack: trusts the seller's account, with an external ID. */
const readRole = (changes: Partial<NewRoleRequest> = {}): NewRoleRequest => ({
  accountId: BUYER,
  name: "SellerReadRole",
  trustPolicy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${SELLER}:root` },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": [EXTERNAL_ID, "the-next-one"] } },
      },
    ],
  },
  ...changes,
});

const assume = (
  sandbox: Sandbox,
  roleArn: string,
  changes: Partial<AssumeRoleCommandInput> = {},
  credentials: Parameters<typeof clientOf>[1] = sandbox.sellerCredentials,
) =>
  new STSClient(clientOf(sandbox, credentials)).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: "metering",
      ExternalId: EXTERNAL_ID,
      ...changes,
    }),
  );

const identityOf = (sandbox: Sandbox, credentials: Parameters<typeof clientOf>[1]) =>
  new STSClient(clientOf(sandbox, credentials)).send(new GetCallerIdentityCommand({}));

function credentialsOf({ Credentials: given }: Awaited<ReturnType<typeof assume>>) {
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

const accessDenied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

describe("GetCallerIdentity", () => {
  it("tells every account's administrator who they are", async () => {
    const sandbox = await aSandbox();

    const seller = await identityOf(sandbox, sandbox.sellerCredentials);
    const buyer = await identityOf(sandbox, sandbox.buyerCredentials(BUYER));

    expect(seller).toMatchObject({
      Account: SELLER,
      Arn: `arn:aws:iam::${SELLER}:user/administrator`,
    });
    expect(buyer.Account).toBe(BUYER);
  });

  it("lets an SDK whose clock is elsewhere correct itself by the Date of the first answer", async () => {
    const sandbox = await aSandbox({ startAt: Date.parse("2027-05-01T00:00:00Z") });
    const client = new STSClient(clientOf(sandbox, sandbox.sellerCredentials));

    const first = await client.send(new GetCallerIdentityCommand({}));
    const second = await client.send(new GetCallerIdentityCommand({}));

    expect(first.$metadata.attempts).toBe(2);
    expect(second.$metadata.attempts).toBe(1);
  });

  it("refuses an unsigned request in the protocol it asks in", async () => {
    const sandbox = await aSandbox();
    const response = await fetch(sandbox.origin, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Action=Nonsense&Version=2011-06-15",
    });

    expect(await response.text()).toContain("<Code>MissingAuthenticationToken</Code>");
  });
});

describe("AssumeRole", () => {
  it("hands out a session that is who it says", async () => {
    const sandbox = await aSandbox();
    const roleArn = await sandboxControl(sandbox.origin).createRole(readRole());

    const session = await assume(sandbox, roleArn, { DurationSeconds: 900 });
    const identity = await identityOf(sandbox, credentialsOf(session));

    expect(identity.Arn).toBe(`arn:aws:sts::${BUYER}:assumed-role/SellerReadRole/metering`);
    expect(identity.UserId).toMatch(/^AROA[A-Z2-7]{17}:metering$/);
    expect(session.Credentials?.Expiration?.getTime()).toBeGreaterThan(
      sandbox.clock.now() + 800_000,
    );
  });

  it("takes any external ID that the role lists, and no other", async () => {
    const sandbox = await aSandbox();
    const roleArn = await sandboxControl(sandbox.origin).createRole(readRole());

    await expect(assume(sandbox, roleArn, { ExternalId: "the-next-one" })).resolves.toBeDefined();
    await expect(assume(sandbox, roleArn, { ExternalId: "guessed" })).rejects.toMatchObject({
      ...accessDenied,
      message: `User: arn:aws:iam::${SELLER}:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    });
    await expect(assume(sandbox, roleArn, { ExternalId: undefined })).rejects.toMatchObject(
      accessDenied,
    );
  });

  it("refuses an account that the role does not trust, and a role that is not there, alike", async () => {
    const sandbox = await aSandbox();
    const roleArn = await sandboxControl(sandbox.origin).createRole(readRole());
    const stranger = sandbox.buyerCredentials(OTHER_ACCOUNT);

    await expect(assume(sandbox, roleArn, {}, stranger)).rejects.toMatchObject(accessDenied);
    await expect(assume(sandbox, `${roleArn}2`)).rejects.toMatchObject(accessDenied);
  });

  it("needs a trusted account's role to be allowed by its own policies, too", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const roleArn = await control.createRole(readRole());
    const allowed = { Effect: "Allow", Action: "sts:AssumeRole", Resource: roleArn };
    const sessionOf = async (name: string, policies: NewRoleRequest["policies"]) => {
      const trusted = { Effect: "Allow", Principal: { AWS: SELLER }, Action: "sts:AssumeRole" };
      const arn = await control.createRole({
        accountId: SELLER,
        name,
        trustPolicy: { Statement: trusted },
        ...(policies && { policies }),
      });
      return credentialsOf(await assume(sandbox, arn));
    };
    const metering = await sessionOf("metering", { read: { Statement: [allowed] } });
    const other = await sessionOf("other", undefined);

    await expect(assume(sandbox, roleArn, {}, metering)).resolves.toBeDefined();
    await expect(assume(sandbox, roleArn, {}, other)).rejects.toMatchObject(accessDenied);
  });

  it("narrows a trusted account to one role by aws:PrincipalArn", async () => {
    const sandbox = await aSandbox();
    const [statement] = readRole().trustPolicy.Statement as [Record<string, unknown>];
    const roleArn = await sandboxControl(sandbox.origin).createRole(
      readRole({
        trustPolicy: {
          Statement: [
            {
              ...statement,
              Condition: {
                ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${SELLER}:role/metering` },
              },
            },
          ],
        },
      }),
    );

    await expect(assume(sandbox, roleArn)).rejects.toMatchObject(accessDenied);
  });

  it("needs sts:TagSession in the trust policy for session tags", async () => {
    const sandbox = await aSandbox();
    const roleArn = await sandboxControl(sandbox.origin).createRole(readRole());

    await expect(
      assume(sandbox, roleArn, { Tags: [{ Key: "deployment", Value: "1" }] }),
    ).rejects.toMatchObject({ ...accessDenied, message: /sts:TagSession/ });
  });

  it("ends a session after its duration", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const roleArn = await control.createRole(readRole());
    const credentials = credentialsOf(await assume(sandbox, roleArn, { DurationSeconds: 900 }));

    await control.moveClock({ advanceBy: 901_000 });

    await expect(identityOf(sandbox, credentials)).rejects.toMatchObject({ name: "ExpiredToken" });
  });

  it("refuses a session's key without, or with another's, session token", async () => {
    const sandbox = await aSandbox();
    const roleArn = await sandboxControl(sandbox.origin).createRole(readRole());
    const [one, other] = [
      credentialsOf(await assume(sandbox, roleArn)),
      credentialsOf(await assume(sandbox, roleArn)),
    ];
    const without = { accessKeyId: one.accessKeyId, secretAccessKey: one.secretAccessKey };

    for (const credentials of [without, { ...one, sessionToken: other.sessionToken }]) {
      await expect(identityOf(sandbox, credentials)).rejects.toMatchObject({
        name: "InvalidClientTokenId",
      });
    }
  });

  it("names what is wrong with an input", async () => {
    const sandbox = await aSandbox();

    await expect(
      assume(sandbox, "not-an-arn", { RoleSessionName: "a b", DurationSeconds: 60 }),
    ).rejects.toMatchObject({ name: "ValidationError", message: /3 validation errors/ });
  });
});
