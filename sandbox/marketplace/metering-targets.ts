import { AwsError } from "../aws-service.ts";
import type { LicenseState, MarketplaceProduct, MarketplaceState } from "./state.ts";
import type { UsageRecord } from "./usage-record.ts";

/** By what AWS recognised whose usage a record is (protocol-facts A4). */
export type Identification = "LicenseArn" | "ProductCode";

/** What a record is billed to. One record has two of them when it is identified both ways. */
export interface MeteringTarget {
  readonly identifiedBy: Identification;
  readonly product: MarketplaceProduct;
  readonly buyerAccountId: string;
  /** Undefined: the buyer has no agreement for that hour. Never undefined by LicenseArn. */
  readonly license: LicenseState | undefined;
}

/**
 * The product that a request's ProductCode means. Undefined without one: each record's LicenseArn
 * then identifies product and agreement. A product with Concurrent Agreements has no other way.
 */
export function requestedProduct(
  state: MarketplaceState,
  callerAccountId: string,
  productCode: unknown,
): MarketplaceProduct | undefined {
  if (productCode === undefined || productCode === null) return undefined;
  const product = state.products.find((one) => one.productCode === productCode);
  if (product?.sellerAccountId !== callerAccountId) {
    throw invalidProduct(`The product code ${JSON.stringify(productCode)} is not valid.`);
  }
  if ((product.concurrentAgreements ?? true) === true) {
    throw invalidProduct(
      "ProductCode must not be sent for a product with Concurrent Agreements: the LicenseArn of each record identifies the product.",
    );
  }
  return product;
}

/**
 * Whose usage a record is. With both identifications it is the usage of both: AWS bills it twice
 * (protocol-facts A4).
 */
export function meteringTargets(
  state: MarketplaceState,
  callerAccountId: string,
  product: MarketplaceProduct | undefined,
  record: UsageRecord,
): readonly MeteringTarget[] {
  if (product === undefined) {
    if (record.customerIdentifier !== undefined) {
      throw invalidCustomer(
        "CustomerIdentifier is not supported for new SaaS integrations. Use CustomerAWSAccountId and LicenseArn.",
      );
    }
    return [byLicense(state, callerAccountId, record)];
  }
  const legacy = byProductCode(state, product, record);
  return record.licenseArn === undefined
    ? [legacy]
    : [legacy, byLicense(state, callerAccountId, record)];
}

function byLicense(
  state: MarketplaceState,
  callerAccountId: string,
  record: UsageRecord,
): MeteringTarget {
  const { licenseArn, customerAwsAccountId } = record;
  if (licenseArn === undefined) {
    throw invalidLicense("LicenseArn is required for SaaS products with Concurrent Agreements.");
  }
  const license = state.licenses[licenseArn];
  if (license?.sellerAccountId !== callerAccountId) {
    throw invalidLicense(`The license ${licenseArn} is not valid for this seller.`);
  }
  if (license.buyerAccountId !== customerAwsAccountId) {
    throw invalidLicense(
      `The license ${licenseArn} does not belong to account ${customerAwsAccountId ?? "(none)"}.`,
    );
  }
  const product = state.products.find(({ productCode }) => productCode === license.productCode);
  if (product === undefined || product.concurrentAgreements === false) {
    throw invalidLicense(`The product of ${licenseArn} is not metered by license.`);
  }
  return { identifiedBy: "LicenseArn", product, buyerAccountId: license.buyerAccountId, license };
}

/** The newest agreement that the buyer had for the product at that time, if any. */
function byProductCode(
  state: MarketplaceState,
  product: MarketplaceProduct,
  record: UsageRecord,
): MeteringTarget {
  const own = Object.values(state.licenses).filter(
    ({ productCode }) => productCode === product.productCode,
  );
  const buyerAccountId = record.customerAwsAccountId ?? accountOf(own, record.customerIdentifier);
  const [license] = own
    .filter((one) => one.buyerAccountId === buyerAccountId && covers(one, record.timestamp))
    .sort((left, right) => right.activatedAt - left.activatedAt);
  return { identifiedBy: "ProductCode", product, buyerAccountId, license };
}

function accountOf(licenses: readonly LicenseState[], customerIdentifier?: string): string {
  const known = licenses.find((one) => one.customerIdentifier === customerIdentifier);
  if (known === undefined || customerIdentifier === undefined) {
    throw invalidCustomer(`There is no customer ${customerIdentifier ?? "(none)"}.`);
  }
  return known.buyerAccountId;
}

/** Whether usage of that time is within the license's activation period. */
export const covers = ({ activatedAt, endedAt }: LicenseState, timestamp: number): boolean =>
  timestamp >= activatedAt && (endedAt === undefined || timestamp <= endedAt);

const invalidProduct = (message: string): AwsError =>
  new AwsError("InvalidProductCodeException", message);

const invalidCustomer = (message: string): AwsError =>
  new AwsError("InvalidCustomerIdentifierException", message);

const invalidLicense = (message: string): AwsError =>
  new AwsError("InvalidLicenseException", message);
