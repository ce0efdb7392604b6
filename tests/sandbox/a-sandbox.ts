import { createSandbox } from "../../sandbox/create-sandbox.ts";
import type { Sandbox, SandboxOptions, SandboxProduct } from "../../sandbox/create-sandbox.ts";

export const SELLER = "999988887777";
export const BUYER = "111122223333";
export const OTHER_ACCOUNT = "444455556666";
export const START = Date.parse("2026-11-10T12:00:00Z");

export const aProduct: SandboxProduct = {
  productCode: "exampleproductcode00000001",
  productId: "prod-example000001",
  title: "Example product",
  sellerAccountId: SELLER,
  dimensions: [
    { name: "AwsCostShare", description: "20 % of AWS cost, per cent", unitPriceUsd: "0.01" },
    { name: "License", description: "Monthly license, per cent", unitPriceUsd: "0.01" },
  ],
  fulfillmentUrl: "http://127.0.0.1:9/register",
};

/** A running sandbox that is closed when the test is over. */
export async function aSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const { onTestFinished } = await import("vitest");
  const sandbox = await createSandbox({
    port: 0,
    startAt: START,
    seed: 1,
    products: [aProduct],
    ...options,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** What every SDK client of the tests is given. */
export function clientOf(
  sandbox: Sandbox,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
  region = "us-east-1",
) {
  return { endpoint: sandbox.origin, region, credentials, maxAttempts: 2 };
}
