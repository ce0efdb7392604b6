import {
  type ChainItem,
  isRecord,
  type MeteringRecord,
  type Outcome,
} from "../../metering/domain/chain.ts";
import type { LicenseFee, PercentageOfCost, Plan } from "../../metering/domain/charges.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import type { CostSourceFacts } from "../../metering/ports.ts";
import type { PriceList } from "../../metering/domain/prices.ts";
import type { PlanVersion } from "../../metering/domain/terms.ts";

export const at = (iso: string): number => Date.parse(iso);

export const LICENSE_ID = "l-0123456789abcdef0123456789abcdef";
export const BUYER = "111122223333";
export const CENTS = { name: "cents", description: "Cents", unitPrice: "0.01" };
export const FEE = { name: "fee", description: "Tenths of a cent", unitPrice: "0.001" };

export const aShare: PercentageOfCost = {
  id: "share",
  kind: "percentageOfCost",
  dimension: "cents",
  percent: "20",
  costMetric: "BilledCost",
  costScope: "account",
  exclude: ["Tax", "Credit", "Refund", "Marketplace"],
};

export const aFee: LicenseFee = {
  id: "monthly",
  kind: "license",
  dimension: "fee",
  perMonth: "19",
  proration: "daily",
};

export function aPlan(...charges: Plan["charges"]): Plan {
  return { id: "plan", title: "Plan", summary: "", charges };
}

export function aLicense(over: Partial<License> = {}): License {
  const licenseId = over.licenseId ?? LICENSE_ID;
  return {
    licenseArn: `arn:aws:license-manager::294406891311:license:${licenseId}`,
    licenseId,
    productCode: "code",
    buyerAccountId: BUYER,
    meteringRegion: "us-east-1",
    activatedAt: at("2026-02-10T08:30:00Z"),
    plan: { id: "plan", since: at("2026-02-10T08:30:00Z") },
    ...over,
  };
}

export function aDeployment(over: Partial<Deployment> = {}): Deployment {
  return {
    deploymentId: "d-1",
    licenseId: LICENSE_ID,
    accountId: BUYER,
    partition: "aws",
    region: "eu-west-1",
    stackId: `arn:aws:cloudformation:eu-west-1:${BUYER}:stack/product/guid`,
    templateVersion: "1.0.0",
    readRoleArn: `arn:aws:iam::${BUYER}:role/read`,
    externalIds: ["external"],
    state: "active",
    registeredAt: at("2026-02-10T09:00:00Z"),
    ...over,
  };
}

export function anItem(over: Partial<MeteringRecord> = {}): MeteringRecord {
  const hour = over.hour ?? at("2026-03-15T10:00:00Z");
  return {
    kind: "record",
    n: 0,
    hour,
    stamp: hour,
    quantity: 7,
    unitPrice: exactUsd("0.01"),
    committedBefore: 0n,
    ratedTotal: exactUsd("0.07"),
    observedAt: hour + 65 * 60_000,
    identifiedBy: "license-arn",
    sealedAt: hour + 65 * 60_000,
    owner: "worker-1",
    takenOver: false,
    ...over,
  };
}

/** What Cost Explorer says of itself. */
export const aSource: CostSourceFacts = {
  kind: "cost-explorer",
  lagHours: 24,
  finality: "",
  usdPerRequest: "0.01",
  paidBy: "buyer",
};

/** A chain without its evidence. */
export const recordsOf = (chain: readonly ChainItem[]): MeteringRecord[] => chain.filter(isRecord);

/** The plans as they always were, and the prices of the listing. */
export const always = (plans: readonly Plan[]): PlanVersion[] =>
  plans.map((plan) => ({ plan, since: 0 }));

export const PRICES: PriceList = {
  dimensions: [CENTS, FEE].map(({ name, unitPrice }) => ({
    dimension: name,
    steps: [{ from: 0, unitPrice }],
  })),
  offers: [],
};

export const accepted: Outcome = { kind: "accepted", meteringRecordId: "id", at: 0 };
