/**
 * What a seller can charge. A plan is a list of charges plus limits.
 *
 * Amounts, percentages and quantities are decimal strings: a JavaScript number can't hold 0.1.
 */
export type Charge = PercentageOfCost | LicenseFee | PerUnit | OneTime | MinimumSpend;

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

/** The least and the most that a charge comes to in a calendar month (UTC), in USD. */
interface MonthlyBounds {
  /** Prorated by the whole days on which the plan ran, and owed when the month is over. */
  readonly minimum?: string | undefined;
  /** Never prorated: a promise not to exceed it in any month. */
  readonly cap?: string | undefined;
}

/** A share of what AWS charges the buyer for the deployment. */
export interface PercentageOfCost extends ChargeBase, MonthlyBounds {
  readonly kind: "percentageOfCost";
  readonly percent: string;
  /** Graduated: what the month's cost has above each step, in USD, is charged at the step's own. */
  readonly tiers?: readonly { readonly above: string; readonly percent: string }[] | undefined;
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

/** A price for each unit of what the product counts: video minutes, seats, requests. */
export interface PerUnit extends ChargeBase, MonthlyBounds {
  readonly kind: "perUnit";
  /** The name under which the product reports its usage. */
  readonly meter: string;
  /** USD for one unit. */
  readonly unitPrice: string;
  /** Units of each calendar month that cost nothing; never prorated. */
  readonly included?: string | undefined;
  /** The buyer's contract includes units (GetEntitlements): only what goes beyond is metered. */
  readonly entitled?: boolean | undefined;
  /** The contract's dimension, where it is not the charge's own. */
  readonly entitledBy?: string | undefined;
  /** Graduated by the month's units, included ones too. */
  readonly tiers?: readonly { readonly above: string; readonly unitPrice: string }[] | undefined;
}

/** A fee that a license owes once in its life, however often its plan is left and taken again. */
export interface OneTime extends ChargeBase {
  readonly kind: "oneTime";
  /** USD. */
  readonly amount: string;
}

/** Tops up what the plan's other charges come to in a calendar month (UTC). */
export interface MinimumSpend extends ChargeBase {
  readonly kind: "minimumSpend";
  /** USD; prorated by the whole days on which the plan ran, and owed when the month is over. */
  readonly perMonth: string;
}

export interface Dimension {
  /** The listing's API name. */
  readonly name: string;
  readonly description: string;
  /** USD per unit, at most 8 decimals (protocol-facts A1). */
  readonly unitPrice: string;
  /** What it costs from a date on: a full UTC hour, `2027-01-01T00:00:00Z`. */
  readonly priceChanges?:
    readonly { readonly from: string; readonly unitPrice: string }[] | undefined;
}

export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly charges: readonly Charge[];
  /** The seller's own trial: nothing in it is rated. A license has one, however it changes plans. */
  readonly trial?: Trial | undefined;
  /** `buyer` (default): in the buyer's account, by a launch stack. `seller`: no stack at all. */
  readonly hosting?: "buyer" | "seller" | undefined;
}

export interface Trial {
  readonly days: number;
  /** Days after the trial that are not rated either, for the buyer to decide. */
  readonly graceDays?: number | undefined;
}
