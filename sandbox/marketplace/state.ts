import type { BillingAdjustment } from "./billing-adjustments.ts";
import { checkEntitlement } from "./entitlement-values.ts";
import type { EntitlementType } from "./entitlement-values.ts";
import type { Identification } from "./metering-targets.ts";
import type { Offer, PriceChange } from "./offers.ts";
import type { UsageAllocation } from "./usage-record.ts";

/** Everything AWS Marketplace knows, as plain JSON. Changed only by the functions beside it. */
export interface MarketplaceState {
  readonly products: MarketplaceProduct[];
  readonly agreements: Record<string, Agreement>;
  readonly licenses: Record<string, LicenseState>;
  readonly tokens: Record<string, RegistrationToken>;
  /** Offers other than the public listing, by their id. */
  readonly offers: Record<string, Offer>;
  readonly priceChanges: PriceChange[];
  /** By their id. */
  readonly adjustments: Record<string, BillingAdjustment>;
  /** By the key of de-duplication: the first write of it is what gets billed. */
  readonly records: Record<string, MeteringRecord>;
  meteringRecordCount: number;
}

export interface MarketplaceProduct {
  readonly productCode: string;
  readonly productId: string;
  readonly title: string;
  readonly sellerAccountId: string;
  readonly dimensions: readonly string[];
  /** The rates, in USD, that the dimensions began with; who bills nothing can leave them out. */
  readonly unitPricesUsd?: Readonly<Record<string, string>>;
  /** The rates as they were listed last. */
  readonly listedPricesUsd?: Readonly<Record<string, string>>;
  /**
   * How its usage is identified: by LicenseArn alone (true, and when left out), as new products
   * have to; by ProductCode alone (false), as before June 2026; or either (`migrating`).
   */
  readonly concurrentAgreements?: boolean | "migrating";
}

export interface Agreement {
  readonly agreementId: string;
  readonly offerId: string;
  readonly productCode: string;
  readonly licenseArn: string;
  readonly buyerAccountId: string;
  readonly acceptedAt: number;
  readonly freeTrial: boolean;
  status: "ACTIVE" | "CANCELLED" | "EXPIRED" | "TERMINATED";
  endedAt?: number;
}

export interface LicenseState {
  readonly licenseArn: string;
  readonly agreementId: string;
  readonly productCode: string;
  readonly sellerAccountId: string;
  readonly buyerAccountId: string;
  /** Only of products that are, or were, metered by ProductCode (protocol-facts A3). */
  readonly customerIdentifier?: string;
  /** Time of License Updated; usage before it belongs to nobody. */
  readonly activatedAt: number;
  /** Time of License Deprovisioned. */
  endedAt?: number;
  /** AWS suspended the buyer's account. */
  suspended: boolean;
  /** Contract products only. */
  entitlements: Entitlement[];
}

export interface Entitlement {
  readonly dimension: string;
  readonly value: number | boolean | string;
  /** What the value looks like when left out; a whole number can be a Double. */
  readonly type?: EntitlementType;
  readonly expiresAt: number;
}

export interface RegistrationToken {
  readonly licenseArn: string;
  readonly expiresAt: number;
}

/** A metering record as AWS has it. */
export interface MeteringRecord {
  readonly meteringRecordId: string;
  readonly region: string;
  /** The license that is billed; what the record itself said is `identifiedBy`. */
  readonly licenseArn: string;
  readonly identifiedBy: Identification;
  readonly productCode: string;
  readonly customerAwsAccountId: string;
  readonly dimension: string;
  /** Start of the hour that `timestamp` falls into. */
  readonly hour: number;
  readonly timestamp: number;
  readonly quantity: number;
  readonly allocations?: readonly UsageAllocation[];
  readonly receivedAt: number;
}

export function emptyMarketplace(): MarketplaceState {
  return {
    products: [],
    agreements: {},
    licenses: {},
    tokens: {},
    offers: {},
    priceChanges: [],
    adjustments: {},
    records: {},
    meteringRecordCount: 0,
  };
}

export function addProduct(state: MarketplaceState, product: MarketplaceProduct): void {
  const known = state.products.findIndex(({ productCode }) => productCode === product.productCode);
  if (known >= 0) state.products[known] = product;
  else state.products.push(product);
}

export interface NewAgreement {
  readonly agreementId: string;
  readonly offerId: string;
  readonly licenseArn: string;
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly acceptedAt: number;
  readonly activatedAt: number;
  readonly freeTrial?: boolean;
  readonly entitlements?: readonly Entitlement[];
  readonly customerIdentifier?: string;
}

/** An agreement always comes with its license (protocol-facts A4). */
export function addAgreement(state: MarketplaceState, wanted: NewAgreement): Agreement {
  for (const entitlement of wanted.entitlements ?? []) checkEntitlement(entitlement);
  const product = state.products.find(({ productCode }) => productCode === wanted.productCode);
  if (product === undefined) throw new RangeError(`no product has code ${wanted.productCode}`);
  const agreement: Agreement = {
    agreementId: wanted.agreementId,
    offerId: wanted.offerId,
    productCode: wanted.productCode,
    licenseArn: wanted.licenseArn,
    buyerAccountId: wanted.buyerAccountId,
    acceptedAt: wanted.acceptedAt,
    freeTrial: wanted.freeTrial ?? false,
    status: "ACTIVE",
  };
  state.agreements[agreement.agreementId] = agreement;
  state.licenses[wanted.licenseArn] = {
    licenseArn: wanted.licenseArn,
    agreementId: wanted.agreementId,
    productCode: wanted.productCode,
    sellerAccountId: product.sellerAccountId,
    buyerAccountId: wanted.buyerAccountId,
    ...(wanted.customerIdentifier === undefined
      ? {}
      : { customerIdentifier: wanted.customerIdentifier }),
    activatedAt: wanted.activatedAt,
    suspended: false,
    entitlements: [...(wanted.entitlements ?? [])],
  };
  return agreement;
}

/** The license goes at `deprovisionedAt`, which may lie in the future. */
export function endAgreement(
  state: MarketplaceState,
  agreementId: string,
  end: { status: "CANCELLED" | "EXPIRED" | "TERMINATED"; at: number; deprovisionedAt: number },
): void {
  const agreement = state.agreements[agreementId];
  const license = agreement && state.licenses[agreement.licenseArn];
  if (agreement === undefined || license === undefined) {
    throw new RangeError(`no agreement ${agreementId}`);
  }
  if (agreement.status !== "ACTIVE") throw new RangeError(`agreement ${agreementId} has ended`);
  agreement.status = end.status;
  agreement.endedAt = end.at;
  license.endedAt = end.deprovisionedAt;
}

export function setSuspended(
  state: MarketplaceState,
  licenseArn: string,
  suspended: boolean,
): LicenseState {
  const license = state.licenses[licenseArn];
  if (license === undefined) throw new RangeError(`no license ${licenseArn}`);
  license.suspended = suspended;
  return license;
}

/** Replaces what a contract grants. */
export function setEntitlements(
  state: MarketplaceState,
  licenseArn: string,
  entitlements: readonly Entitlement[],
): LicenseState {
  const license = state.licenses[licenseArn];
  if (license === undefined) throw new RangeError(`no license ${licenseArn}`);
  if (license.endedAt !== undefined) throw new RangeError(`license ${licenseArn} has ended`);
  for (const entitlement of entitlements) checkEntitlement(entitlement);
  license.entitlements = [...entitlements];
  return license;
}
