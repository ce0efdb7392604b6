import type { Deployment, License } from "../../../metering/domain/license.ts";
import type {
  Statement,
  StatementDay,
  StatementRecord,
  StatementTotals,
} from "../../../metering/domain/statement.ts";
import type { DeploymentOverview } from "../../../registration-site/ports.ts";

export const NOW = Date.UTC(2026, 10, 21, 9, 30);

export const aLicense = (over: Partial<License> = {}): License => ({
  licenseArn: "arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef",
  licenseId: "l-0123456789abcdef0123456789abcdef",
  productCode: "4fernhollow7analytics0sbx",
  buyerAccountId: "111122223333",
  meteringRegion: "us-east-1",
  activatedAt: NOW - 60_000,
  ...over,
});

export const aDeployment = (over: Partial<Deployment> = {}): Deployment => ({
  deploymentId: "d-7f3a9c2e51b8",
  licenseId: aLicense().licenseId,
  accountId: "111122223333",
  partition: "aws",
  region: "eu-central-1",
  stackId:
    "arn:aws:cloudformation:eu-central-1:111122223333:stack/fernhollow-analytics/5c0d2f10-c6b4-11f1-9a54-0a1b2c3d4e5f",
  templateVersion: "1.0.0",
  size: "production",
  readRoleArn: "arn:aws:iam::111122223333:role/fernhollow-analytics-CostReadRole-1RX8ZQ0GH2T5K",
  externalIds: ["lm-4f0c9b1de2a84b7c9d31"],
  state: "active",
  registeredAt: Date.UTC(2026, 10, 3, 14, 12),
  ...over,
});

export const anOverview = (
  over: Partial<DeploymentOverview> = {},
  deployment: Partial<Deployment> = {},
): DeploymentOverview => ({
  deployment: aDeployment(deployment),
  settings: { status: "active", plan: "share", leaseUntil: "2027-12-08T14:12:00.000Z" },
  ...over,
});

export const totals = (over: Partial<StatementTotals> = {}): StatementTotals => ({
  costUsd: "0",
  carriedInUsd: "0",
  ratedUsd: "0",
  billedUsd: "0",
  pendingUsd: "0",
  inDoubtUsd: "0",
  carriedUsd: "0",
  creditUsd: "0",
  forfeitedUsd: "0",
  acceptedUnits: 0,
  records: { accepted: 0, duplicate: 0, expired: 0, refused: 0, inDoubt: 0 },
  ...over,
});

/** Whole pico-dollars as decimal text. */
function picoText(pico: bigint): string {
  const digits = pico.toString().padStart(13, "0");
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, "");
}

const PICO_PER_UNIT = 2_000_000_000n;
const DAYS_SEEN = 20;

/** A month that looks like one: uneven days, the newest still estimated and not charged yet. */
export function aStatement(over: Partial<Statement> = {}): Statement {
  const days: StatementDay[] = [];
  const records: StatementRecord[] = [];
  let cost = 0n;
  let units = 0n;
  for (let day = 1; day <= DAYS_SEEN; day += 1) {
    const date = `2026-11-${String(day).padStart(2, "0")}`;
    const dayCost = 18_000_000_000_000n + BigInt((day * 7919) % 13) * 1_734_567_891_011n;
    cost += dayCost;
    const rated = cost / 5n;
    if (day < DAYS_SEEN) {
      const quantity = Number(rated / PICO_PER_UNIT - units);
      units += BigInt(quantity);
      records.push(aRecord(date, quantity, day));
    }
    days.push({
      date,
      costUsd: picoText(dayCost),
      estimated: day > DAYS_SEEN - 3,
      ratedCumulativeUsd: picoText(rated),
      billedCumulativeUsd: picoText(units * PICO_PER_UNIT),
    });
  }
  return {
    licenseArn: aLicense().licenseArn,
    buyerAccountId: "111122223333",
    plan: { id: "share", title: "Pay as you grow" },
    month: "2026-11",
    generatedAt: NOW,
    charges: [
      {
        chargeId: "share-of-cost",
        dimension: "aws_cost_cents",
        unitPriceUsd: "0.002",
        rule: "20 % of the billed cost (BilledCost) of AWS account 111122223333, leaving out tax, credits, refunds, and AWS Marketplace charges",
        costUsd: picoText(cost),
        ratedUsd: picoText(cost / 5n),
      },
    ],
    days,
    excludedCost: [
      { category: "Tax", usd: "92.1100000012" },
      { category: "Credit", usd: "-50" },
    ],
    records,
    totals: totals({
      costUsd: picoText(cost),
      ratedUsd: picoText(cost / 5n),
      billedUsd: picoText(units * PICO_PER_UNIT),
      carriedUsd: picoText(cost / 5n - units * PICO_PER_UNIT),
      acceptedUnits: Number(units),
      records: { accepted: records.length, duplicate: 0, expired: 0, refused: 0, inDoubt: 0 },
    }),
    ...over,
  };
}

function aRecord(date: string, quantity: number, day: number): StatementRecord {
  return {
    hour: `${date}T23:00:00Z`,
    dimension: "aws_cost_cents",
    quantity,
    recordQuantity: quantity,
    unitPriceUsd: "0.002",
    amountUsd: picoText(BigInt(quantity) * PICO_PER_UNIT),
    outcome: "accepted",
    meteringRecordId: `8f2d41c7-0b6e-4c1f-9a77-${String(day).padStart(12, "0")}`,
    sealedAt: NOW,
  };
}
