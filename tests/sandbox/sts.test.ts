import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { aSandbox, BUYER, clientOf, SELLER } from "./a-sandbox.ts";

describe("STS", () => {
  it("tells every account's administrator who they are", async () => {
    const sandbox = await aSandbox();
    const identityOf = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new STSClient(clientOf(sandbox, credentials)).send(new GetCallerIdentityCommand({}));

    const seller = await identityOf(sandbox.sellerCredentials);
    const buyer = await identityOf(sandbox.buyerCredentials(BUYER));

    expect(seller).toMatchObject({
      Account: SELLER,
      Arn: `arn:aws:iam::${SELLER}:user/administrator`,
    });
    expect(buyer.Account).toBe(BUYER);
  });
});
