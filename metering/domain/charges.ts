/**
 * What a seller can charge. A plan is a list of charges plus limits.
 *
 * Amounts and percentages are decimal strings: a JavaScript number can't hold 0.1.
 */
export type Charge = PercentageOfCost | LicenseFee;

/** FOCUS's names for the two views of cost that AWS reports. */
export type CostMetric = "BilledCost" | "EffectiveCost";

/** Whose cost counts: the whole account (a dedicated one), or what carries the deployment's tag. */
export type CostScope = "account" | "tag";

/** Kinds of AWS charge that can be left out of the base. */
export type CostCategory = "Tax" | "Credit" | "Refund" | "Marketplace";

interface ChargeBase {
  /** Never reused: what a charge once came to stays owed when the charge leaves the config. */
  readonly id: string;
  /** The listing's API name, case-sensitive. */
  readonly dimension: string;
}

/** A share of what AWS charges the buyer for the deployment. */
export interface PercentageOfCost extends ChargeBase {
  readonly kind: "percentageOfCost";
  readonly percent: string;
  readonly costMetric: CostMetric;
  readonly costScope: CostScope;
  readonly exclude: readonly CostCategory[];
}

/** A fixed fee for each calendar month (UTC). */
export interface LicenseFee extends ChargeBase {
  readonly kind: "license";
  /** USD. */
  readonly perMonth: string;
  /** `none`: the whole fee for every month touched; `daily`: per whole UTC day inside the plan. */
  readonly proration: "none" | "daily" | "hourly";
}

export interface Dimension {
  /** The listing's API name. */
  readonly name: string;
  readonly description: string;
  /** USD per unit, at most 8 decimals (protocol-facts A1). */
  readonly unitPrice: string;
}

export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly charges: readonly Charge[];
}
