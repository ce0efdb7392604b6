import type { MeteringRecord, Outcome } from "../../../metering/domain/chain.ts";
import type { Charge, Plan } from "../../../metering/domain/charges.ts";
import type { Deployment, License } from "../../../metering/domain/license.ts";
import type { PriceList } from "../../../metering/domain/prices.ts";
import type { Statement, StatementTotals } from "../../../metering/domain/statement.ts";
import type { DeploymentOverview } from "../../../registration-site/ports.ts";
import { acceptedAs, dailyCost, playSale } from "../../metering/statement-world.ts";

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
  ...aStatement().totals,
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

const ACTIVATED = Date.UTC(2026, 10, 1);
const PRICES: PriceList = {
  dimensions: ["aws_cost_cents", "license_cents", "minutes"].map((dimension) => ({
    dimension,
    steps: [{ from: 0, unitPrice: dimension === "license_cents" ? "0.01" : "0.002" }],
  })),
  offers: [],
};

/** Whole pico-dollars as decimal text. */
function picoText(pico: bigint): string {
  const digits = pico.toString().padStart(13, "0");
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, "");
}

const unevenCost = (at: number) =>
  picoText(
    18_000_000_000_000n + BigInt((new Date(at).getUTCDate() * 7919) % 13) * 1_734_567_891_011n,
  );

/** A month that looks like one: uneven days, the newest still estimated and not charged yet. */
export function aStatement(over: Partial<Statement> = {}): Statement {
  const share: Charge = {
    id: "share-of-cost",
    kind: "percentageOfCost",
    dimension: "aws_cost_cents",
    percent: "20",
    costMetric: "BilledCost",
    costScope: "account",
    exclude: ["Tax", "Credit", "Refund", "Marketplace"],
  };
  const plan = { id: "share", title: "Pay as you grow", summary: "", charges: [share] };
  const { statement } = playSale({
    license: aLicense({ activatedAt: ACTIVATED, plan: { id: "share", since: ACTIVATED } }),
    terms: [{ plan, period: { start: ACTIVATED, end: Infinity } }],
    deployments: [aDeployment({ deploymentId: "d-1", registeredAt: ACTIVATED })],
    costs: dailyCost(unevenCost, { from: ACTIVATED, until: NOW }),
    prices: PRICES,
    until: NOW,
    reading: [{ deploymentId: "d-7f3a9c2e51b8", requests: 20, usd: "0.2", paidBy: "buyer" }],
  });
  return { ...statement("2026-11"), ...over };
}

const OCTOBER = Date.UTC(2026, 9, 17, 8, 20);

/**
 * Everything that can go wrong with records, on a plan of every kind of charge: a month that was
 * changed in its middle, with a contract, an included quantity, a fee and a minimum.
 */
export function aTroubledStatement(): Statement {
  const flat: Plan = {
    id: "license",
    title: "Flat license",
    summary: "",
    trial: { days: 3, graceDays: 1 },
    charges: [
      {
        id: "monthly",
        kind: "license",
        dimension: "license_cents",
        perMonth: "19",
        proration: "daily",
      },
    ],
  };
  const mixed: Plan = {
    id: "mixed",
    title: "Team",
    summary: "",
    charges: [
      ...flat.charges,
      { id: "setup", kind: "oneTime", dimension: "license_cents", amount: "49" },
      {
        id: "minutes",
        kind: "perUnit",
        dimension: "minutes",
        meter: "video_minutes",
        unitPrice: "0.06",
        included: "100",
        tiers: [{ above: "500", unitPrice: "0.04" }],
        cap: "60",
      },
      { id: "least", kind: "minimumSpend", dimension: "license_cents", perMonth: "250" },
    ],
  };
  const change = Date.UTC(2026, 9, 25);
  const license = aLicense({
    activatedAt: OCTOBER,
    plan: { id: "mixed", since: change },
    earlierPlans: [{ id: "license", since: OCTOBER, until: change }],
  });
  const answer = (item: MeteringRecord): Outcome => {
    const at = item.stamp + 3_600_000;
    if (item.n === 2) return { kind: "expired", at };
    if (item.n === 4) return { kind: "in-doubt", reason: "the window closed", at };
    if (item.n === 5) return { kind: "duplicate", at };
    if (item.n === 7) return { kind: "refused", reason: "CustomerNotSubscribed", at };
    return acceptedAs(item);
  };
  const hours: Record<string, string> = {};
  for (let day = 25; day <= 31; day += 1) hours[`2026-10-${day}T11`] = `${day * 4}.5`;
  const until = Date.UTC(2026, 10, 3, 9);
  return playSale({
    license,
    terms: [
      { plan: flat, period: { start: OCTOBER, end: change } },
      { plan: mixed, period: { start: change, end: Infinity } },
    ],
    deployments: [],
    usage: [
      {
        licenseId: license.licenseId,
        meter: "video_minutes",
        month: "2026-10",
        revision: 1,
        hours,
      },
    ],
    prices: PRICES,
    until,
    answer,
    found: [{ dimension: "license_cents", about: 4, billed: 0, at: Date.UTC(2026, 10, 1, 12) }],
    adjustments: [
      {
        requestId: "bar-0f31",
        invoiceId: "INV-2026-10-4711",
        usd: "0.61",
        reason: "INCORRECT_METERING",
        state: "prepared",
      },
    ],
  }).statement("2026-10");
}
