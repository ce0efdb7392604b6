import type { AllocateBy } from "../metering/domain/allocations.ts";
import type {
  CostCategory,
  CostMetric,
  Dimension,
  LicenseFee,
  MinimumSpend,
  OneTime,
  PercentageOfCost,
  PerUnit,
  Trial,
} from "../metering/domain/charges.ts";
import type { ListedOffer } from "../metering/domain/prices.ts";
import type { CostSourceChoice } from "../metering/domain/cost.ts";
import type { Product } from "./definition.ts";

type Size = Product["launchStack"]["defaultSize"];

/** What a seller writes in `product.config.ts`. Optional fields say what they default to. */
export interface ProductInput {
  /** Shown to buyers, at most 72 characters. */
  readonly title: string;
  /** Lowercase words with hyphens, at most 32 characters; names stacks and tags. Never change it. */
  readonly name: string;
  readonly listing: {
    /** From the listing's page in the AWS Marketplace Management Portal, e.g. 25 letters and digits. */
    readonly productCode: string;
    /** From the same page: `prod-…`. Not the product code. */
    readonly productId: string;
    /** What the listing bills by, exactly as entered there. Names can't change once published. */
    readonly dimensions: readonly Dimension[];
    /**
     * Private offers and free trials, by the offer id of AWS Marketplace: what a unit costs the
     * licenses that were bought by it, and for how many days it is free.
     */
    readonly offers?: readonly ListedOffer[] | undefined;
    /**
     * Splits each record over the buyer's deployments, so that their finance people can see in their
     * own cost tools which account, region or stack caused the charge: they are the cost allocation
     * tags `aws:marketplace:isv:AccountId` and so on. Changes no charge. Not split when left out.
     */
    readonly allocateBy?: readonly AllocateBy[] | undefined;
    /**
     * Reports 0 units for hours in which nothing is owed, as AWS recommends: somebody who looks at
     * the listing's usage sees that metering runs. Changes no charge. Default: false.
     */
    readonly zeroRecords?: boolean | undefined;
    /**
     * How AWS is told whose record it is. Listings from before Concurrent Agreements (June 2026)
     * are metered by "product-code"; such a license is moved by `launchmeter license migrate`.
     * Default: "license-arn".
     */
    readonly identifiedBy?: "license-arn" | "product-code" | undefined;
  };
  readonly seller: {
    readonly name: string;
    /** The twelve digits of the AWS account that published the listing. */
    readonly accountId: string;
    readonly supportEmail: string;
    readonly supportUrl?: string | undefined;
    /** Where usage is reported. A license stays in its region for life. Default: us-east-1. */
    readonly meteringRegion?: string | undefined;
  };
  /** What a buyer can pick; the first is the default. A plan without charges is free. */
  readonly plans: readonly PlanInput[];
  /**
   * Where AWS cost is read: costExplorer() (default), dataExport({ … }) or athena({ … }). See
   * docs/guides/cost-sources.md.
   */
  readonly costSource?: CostSourceChoice | undefined;
  readonly launchStack: {
    /** `1.2.3`. Raise it with every change of the template: a published version never changes. */
    readonly version: string;
    /** Default: every commercial region. */
    readonly regions?: readonly string[] | undefined;
    /** Default: dev, staging, production. */
    readonly sizes?: readonly Size[] | undefined;
    /** Default: production, or the last of `sizes`. */
    readonly defaultSize?: Size | undefined;
  };
}

export interface PlanInput {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly charges: readonly ChargeInput[];
  /** Your own trial, once for each license: nothing in it is charged. Default: none. */
  readonly trial?: Trial | undefined;
  /** buyer (default): runs in the buyer's account, by the launch stack. seller: you run it. */
  readonly hosting?: "buyer" | "seller" | undefined;
}

export type ChargeInput =
  PercentageOfCostInput | LicenseFeeInput | PerUnitInput | OneTimeInput | MinimumSpendInput;

export interface PercentageOfCostInput extends Pick<
  PercentageOfCost,
  "kind" | "id" | "dimension" | "percent" | "tiers" | "minimum" | "cap"
> {
  /** BilledCost: as invoiced. EffectiveCost (default): upfront fees spread over their term. */
  readonly costMetric?: CostMetric | undefined;
  /** Default: account. A tag counts only after the buyer's payer account has activated it. */
  readonly costScope?: "account" | "tag" | undefined;
  /** Default: Tax, Credit, Refund, Marketplace, so that your own fee is not in the base. */
  readonly exclude?: readonly CostCategory[] | undefined;
}

export interface LicenseFeeInput extends Pick<LicenseFee, "kind" | "id" | "dimension"> {
  /** USD, e.g. "19" or "19.50". */
  readonly perMonth: string;
  /** none (default): the whole fee for every month touched; daily or hourly: only time in the plan. */
  readonly proration?: "none" | "daily" | "hourly" | undefined;
}

/** USD and units are decimal strings; nothing has a default but "none of it". */
export type PerUnitInput = PerUnit;

export type OneTimeInput = OneTime;

export type MinimumSpendInput = MinimumSpend;
