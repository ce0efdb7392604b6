import { MarketplaceMeteringClient } from "@aws-sdk/client-marketplace-metering";
import { expect, it, onTestFinished } from "vitest";
import { marketplaceResolver } from "../../registration-site/adapters/marketplace-resolver.ts";
import { BUYER, licenseArnOf } from "./core-world.ts";
import { type JsonReply, startJsonService } from "./json-service.ts";

const SECRET = "a-registration-token-that-nobody-may-see";

async function resolveAgainst(reply: JsonReply) {
  const service = await startJsonService(() => reply);
  const lines: string[] = [];
  const client = new MarketplaceMeteringClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  const log = (...line: unknown[]) => void lines.push(JSON.stringify(line));
  const outcome = await marketplaceResolver({ client, log }).resolve(SECRET);
  client.destroy();
  await service.close();
  return { outcome, lines, calls: service.calls };
}

const LicenseArn = licenseArnOf(`l-${"d".repeat(32)}`);
const complete = { LicenseArn, ProductCode: "code", CustomerAWSAccountId: BUYER };

it("asks ResolveCustomer with the token and keeps what identifies the license", async () => {
  const { outcome, calls } = await resolveAgainst({ body: complete });

  expect(outcome).toEqual({
    kind: "resolved",
    licenseArn: LicenseArn,
    productCode: "code",
    buyerAccountId: BUYER,
  });
  expect(calls).toEqual([{ action: "ResolveCustomer", input: { RegistrationToken: SECRET } }]);
});

it.each([
  [{ error: "ExpiredTokenException" }, "expired-token"],
  [{ error: "InvalidTokenException" }, "invalid-token"],
  [{ error: "ThrottlingException" }, "unavailable"],
  [{ error: "InternalServiceErrorException", status: 500 }, "unavailable"],
  [{ error: "DisabledApiException" }, "unavailable"],
  [{ error: "AccessDeniedException" }, "unavailable"],
  [{ body: { ...complete, LicenseArn: undefined } }, "unavailable"],
  [{ body: {} }, "unavailable"],
])("tells %j apart as %s and logs no token", async (reply, kind) => {
  const { outcome, lines } = await resolveAgainst(reply);

  expect(outcome).toEqual({ kind });
  expect(lines.join()).not.toContain(SECRET);
});

it("gives up after seconds when AWS accepts the call and never answers", async () => {
  const service = await startJsonService(() => new Promise<JsonReply>(() => undefined));
  const client = new MarketplaceMeteringClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  });
  onTestFinished(() => (client.destroy(), service.close()));

  const outcome = await marketplaceResolver({ client, log: () => undefined }).resolve(SECRET);

  expect(outcome).toEqual({ kind: "unavailable" });
}, 8_000);

it("is unavailable, and does not throw, when nobody listens", async () => {
  const client = new MarketplaceMeteringClient({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });

  expect(await marketplaceResolver({ client, log: () => undefined }).resolve(SECRET)).toEqual({
    kind: "unavailable",
  });
  client.destroy();
});
