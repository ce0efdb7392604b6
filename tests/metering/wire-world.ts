import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchMeterUsageCommand } from "@aws-sdk/client-marketplace-metering";
import { onTestFinished } from "vitest";
import { awsClients } from "../../metering/adapters/aws-clients.ts";
import { awsMeteringGateway } from "../../metering/adapters/aws-metering-gateway.ts";
import { costExplorerSource } from "../../metering/adapters/cost-explorer-source.ts";
import { type Deployment, type License, licenseIdOf } from "../../metering/domain/license.ts";
import { sandboxControl } from "../../sandbox/control-client.ts";
import { createSandbox } from "../../sandbox/create-sandbox.ts";
import { aDeployment, aLicense, BUYER, CENTS, FEE } from "./fixtures.ts";

export const SELLER = "999988887777";
export const EXTERNAL_ID = "the-external-id";
export const TAG_KEY = "launchmeter:deployment";
export const STACK_GUID = "5ac0e1d0-0000-4000-8000-000000000001";

const HEADER =
  "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,PublisherName,ServiceName,SubAccountId,RegionId,Tags";

export interface CostLine {
  readonly day: string;
  readonly usd: string;
  readonly category?: string;
  readonly publisher?: string;
  readonly tagged?: boolean;
}

export function focusFile(lines: readonly CostLine[]): string {
  const folder = mkdtempSync(join(tmpdir(), "launchmeter-focus-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "cost.csv");
  const rows = lines.map(({ day, usd, category = "Usage", publisher = "Amazon", tagged }) => {
    const tags = tagged === true ? JSON.stringify({ [TAG_KEY]: STACK_GUID }) : "NULL";
    const quoted = `"${tags.replaceAll('"', '""')}"`;
    const start = `${day} 00:00:00`;
    return [usd, usd, "USD", category, start, "AWS", publisher, "S3", BUYER, "eu", quoted].join(
      ",",
    );
  });
  writeFileSync(file, [HEADER, ...rows, ""].join("\n"));
  return file;
}

/** The sandbox over HTTP, and metering's own adapters with the real SDK's clients. */
export async function wireWorld(
  startAt: number,
  over: { readonly concurrentAgreements?: boolean | "migrating" } = {},
) {
  const sandbox = await createSandbox({
    port: 0,
    startAt,
    seed: 1,
    products: [
      {
        productCode: "exampleproductcode00000001",
        productId: "prod-example000001",
        title: "Example product",
        sellerAccountId: SELLER,
        dimensions: [CENTS, FEE].map(({ unitPrice, ...dimension }) => ({
          ...dimension,
          unitPriceUsd: unitPrice,
        })),
        fulfillmentUrl: "http://127.0.0.1:9/register",
        ...over,
      },
    ],
  });
  onTestFinished(() => sandbox.close());
  // As a seller's machine finds the sandbox; the clients read it when they are made.
  process.env["AWS_ENDPOINT_URL"] = sandbox.origin;
  const control = sandboxControl(sandbox.origin);
  const aws = awsClients({
    clock: sandbox.clock,
    credentials: async () => sandbox.sellerCredentials,
  });
  return {
    sandbox,
    control,
    aws,
    clock: sandbox.clock,
    gateway: awsMeteringGateway((region, input) =>
      aws.metering(region).send(new BatchMeterUsageCommand(input)),
    ),
    source: costExplorerSource({ aws, sellerRegion: "us-east-1", costTagKey: TAG_KEY }),
    /** A buyer subscribes, and AWS says so. */
    async subscribe(over: Partial<License> = {}): Promise<License> {
      const { licenseArn, agreementId, productCode } = await control.subscribe();
      const agreement = (await control.agreements()).find((one) => one.agreementId === agreementId);
      const activatedAt = agreement?.license.activatedAt ?? sandbox.clock.now();
      return aLicense({
        licenseArn,
        licenseId: licenseIdOf(licenseArn),
        agreementId,
        productCode,
        activatedAt,
        plan: { id: "plan", since: activatedAt },
        ...over,
      });
    },
    async launch(licenseId: string, over: Partial<Deployment> = {}): Promise<Deployment> {
      const readRoleArn = await control.createRole({
        accountId: BUYER,
        name: "LaunchmeterRead",
        trustPolicy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: `arn:aws:iam::${SELLER}:root` },
              Action: "sts:AssumeRole",
              Condition: { StringEquals: { "sts:ExternalId": EXTERNAL_ID } },
            },
          ],
        },
        policies: {
          read: {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "ce:GetCostAndUsage", Resource: "*" }],
          },
        },
      });
      return aDeployment({
        licenseId,
        readRoleArn,
        externalIds: [EXTERNAL_ID],
        stackId: `arn:aws:cloudformation:eu-west-1:${BUYER}:stack/product/${STACK_GUID}`,
        registeredAt: sandbox.clock.now(),
        ...over,
      });
    },
  };
}
