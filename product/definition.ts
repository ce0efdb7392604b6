import type { AllocateBy } from "../metering/domain/allocations.ts";
import type { Dimension, Plan } from "../metering/domain/charges.ts";
import type { CostSourceChoice } from "../metering/domain/cost.ts";
import type { ListedOffer } from "../metering/domain/prices.ts";

/**
 * The seller's product as everything else sees it: validated, defaults filled in, immutable.
 * `defineProduct` (define-product.ts) is the only way to make one.
 */
export interface Product {
  /** Shown to buyers. */
  readonly title: string;
  /** Lowercase words with hyphens; names stacks and buckets. */
  readonly name: string;
  readonly listing: {
    /** AWS Marketplace's product code and id: they differ (protocol-facts A3). */
    readonly productCode: string;
    readonly productId: string;
    readonly dimensions: readonly Dimension[];
    /** Offers with prices of their own or a free trial; all others have the public prices. */
    readonly offers?: readonly ListedOffer[] | undefined;
    /** How records say whose usage they are, so that the buyer can split the charge. */
    readonly allocateBy?: readonly AllocateBy[] | undefined;
    /** Whether an hour in which nothing is owed gets a record of 0 units (protocol-facts A7). */
    readonly zeroRecords: boolean;
    /** How the records of new licenses name the buyer; ProductCode is for older listings. */
    readonly identifiedBy: "license-arn" | "product-code";
  };
  readonly seller: {
    readonly name: string;
    /** The AWS account that published the listing; the only one the read role trusts. */
    readonly accountId: string;
    readonly supportEmail: string;
    readonly supportUrl?: string | undefined;
    /** Where BatchMeterUsage is called for new licenses. */
    readonly meteringRegion: string;
  };
  /** At least one; the first is the default. */
  readonly plans: readonly Plan[];
  /** Where the AWS cost of buyers' deployments is read. */
  readonly costSource: CostSourceChoice;
  readonly launchStack: {
    /** Changes with every change of the template; published ones never change. */
    readonly version: string;
    /** Commercial regions in which the stack may be launched. */
    readonly regions: readonly string[];
    readonly sizes: readonly ("dev" | "staging" | "production")[];
    readonly defaultSize: "dev" | "staging" | "production";
  };
}
