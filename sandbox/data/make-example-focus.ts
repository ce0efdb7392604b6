/**
 * Makes example-focus.csv: a month of AWS cost of one small production account, in FOCUS 1.0.
 *
 * Every figure is invented and derived from the day alone, so that two runs give the same bytes.
 * Run: npx tsx sandbox/data/make-example-focus.ts
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ACCOUNT = "111122223333";
const DAYS = 31;
const DAY_MS = 86_400_000;
const MONTH_START = Date.UTC(2026, 9, 1);
const MONTH_END = Date.UTC(2026, 10, 1);

const COLUMNS = [
  "BilledCost",
  "BillingAccountId",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "EffectiveCost",
  "ListCost",
  "ProviderName",
  "PublisherName",
  "RegionId",
  "ServiceName",
  "SubAccountId",
  "Tags",
] as const;

type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

interface Usage {
  readonly service: string;
  readonly description: string;
  /** A usual day in 10⁻¹⁰ USD. */
  readonly base: bigint;
  /** How far a day strays from it, in percent. */
  readonly swing: number;
  /** Part of a usual day that is left on Saturdays and Sundays, in percent. */
  readonly weekend: number;
  /** EffectiveCost in percent of BilledCost: what a savings plan leaves. */
  readonly effective: bigint;
}

const USAGES: readonly Usage[] = [
  {
    service: "Amazon Elastic Compute Cloud",
    description: "$0.0408 per On Demand Linux m7g.medium Instance Hour",
    base: 118_312_400_170n,
    swing: 6,
    weekend: 88,
    effective: 81n,
  },
  {
    service: "Amazon Relational Database Service",
    description: "$0.129 per RDS db.t4g.large Multi-AZ instance hour",
    base: 61_920_003_341n,
    swing: 1,
    weekend: 100,
    effective: 100n,
  },
  {
    service: "Amazon Simple Storage Service",
    description: "$0.023 per GB - first 50 TB / month of storage used",
    base: 7_731_802_913n,
    swing: 3,
    weekend: 100,
    effective: 100n,
  },
  {
    service: "Amazon DynamoDB",
    description: "$0.625 per million write request units",
    base: 12_044_713_077n,
    swing: 35,
    weekend: 55,
    effective: 100n,
  },
  {
    service: "AWS Lambda",
    description: "$0.0000133334 per GB-Second",
    base: 3_519_920_811n,
    swing: 40,
    weekend: 45,
    effective: 100n,
  },
  {
    service: "AWS Key Management Service",
    description: "$0.03 per 10,000 requests",
    base: 214_500_409n,
    swing: 20,
    weekend: 60,
    effective: 100n,
  },
];

/** Noise from integers only: the same everywhere. */
function noise(day: number, salt: number): number {
  let value = Math.imul(day + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) % 2001;
}

function usageRow(day: number, usage: Usage, index: number): Row {
  const weekday = new Date(MONTH_START + day * DAY_MS).getUTCDay();
  const share = weekday === 0 || weekday === 6 ? usage.weekend : 100;
  // Per mille of the usual day: 1000 ± 10 × swing, scaled to weekends.
  const permille = 1000 + Math.round(((noise(day, index) - 1000) * usage.swing) / 100);
  const billed = (usage.base * BigInt(permille) * BigInt(share)) / 100_000n;
  return {
    ...period(day),
    BilledCost: usd(billed),
    EffectiveCost: usd((billed * usage.effective) / 100n),
    ListCost: usd(billed),
    ChargeCategory: "Usage",
    ChargeDescription: usage.description,
    ServiceName: usage.service,
    Tags: '{"application": "orders", "environment": "production"}',
  };
}

/** What every real bill also has, and what a share of cost has to leave out. */
const specialRows: readonly Row[] = [
  {
    ...period(0),
    ...amounts(-25_000_000_000n),
    ChargeCategory: "Credit",
    ChargeDescription: "AWS Activate credit",
    ServiceName: "Amazon Elastic Compute Cloud",
  },
  {
    ...period(2),
    ...amounts(490_000_000_000n),
    ChargeCategory: "Usage",
    ChargeDescription: "Monitoring agent, metered through AWS Marketplace",
    PublisherName: "Example Monitoring GmbH",
    ServiceName: "Example Monitoring",
  },
  {
    ...period(9),
    ...amounts(120_000_000_000n),
    ChargeCategory: "Purchase",
    ChargeDescription: "Registration fee for example.com",
    ServiceName: "Amazon Registrar",
  },
  {
    ...period(17),
    ...amounts(-13_370_415_006n),
    ChargeCategory: "Adjustment",
    ChargeDescription: "Service credit for an availability event",
    ServiceName: "Amazon Relational Database Service",
  },
  {
    ...period(30),
    ...amounts(1_187_316_029_441n),
    ChargeCategory: "Tax",
    ChargeDescription: "Tax for product code AmazonEC2",
    ServiceName: "Amazon Elastic Compute Cloud",
  },
];

function amounts(value: bigint): Row {
  return { BilledCost: usd(value), EffectiveCost: usd(value), ListCost: usd(value) };
}

function period(day: number): Row {
  return {
    ChargePeriodStart: iso(MONTH_START + day * DAY_MS),
    ChargePeriodEnd: iso(MONTH_START + (day + 1) * DAY_MS),
  };
}

function usd(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % 10_000_000_000n).toString().padStart(10, "0");
  return `${value < 0n ? "-" : ""}${magnitude / 10_000_000_000n}.${fraction}`;
}

function iso(instant: number): string {
  return new Date(instant).toISOString().replace(".000Z", "Z");
}

const common: Row = {
  BillingAccountId: ACCOUNT,
  BillingCurrency: "USD",
  BillingPeriodStart: iso(MONTH_START),
  BillingPeriodEnd: iso(MONTH_END),
  ChargeClass: "NULL",
  ProviderName: "AWS",
  PublisherName: "Amazon Web Services, Inc.",
  RegionId: "eu-central-1",
  SubAccountId: ACCOUNT,
  Tags: "NULL",
};

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export function exampleFocusCsv(): string {
  const usage = Array.from({ length: DAYS }, (_, day) =>
    USAGES.map((one, index) => usageRow(day, one, index)),
  );
  const rows = [...usage.flat(), ...specialRows]
    .map((row): Row => ({ ...common, ...row }))
    .sort((left, right) =>
      (left.ChargePeriodStart ?? "") < (right.ChargePeriodStart ?? "") ? -1 : 0,
    );
  const lines = rows.map((row) => COLUMNS.map((column) => quoted(row[column] ?? "NULL")).join(","));
  return `${[COLUMNS.map(quoted).join(","), ...lines].join("\n")}\n`;
}

const target = fileURLToPath(new URL("example-focus.csv", import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, exampleFocusCsv());
