import { AwsError } from "../../sandbox/aws-service.ts";
import { meteringService } from "../../sandbox/marketplace/batch-meter-usage.ts";
import { addAgreement, addProduct, emptyMarketplace } from "../../sandbox/marketplace/state.ts";
import type { MarketplaceState } from "../../sandbox/marketplace/state.ts";

/** A marketplace with three licenses of two products, and calls to BatchMeterUsage on it. */
export const SELLER = "999988887777";
export const BUYER = "111122223333";
export const LICENSE = `arn:aws:license-manager::294406891311:license:l-${"a".repeat(32)}`;
export const OTHER_LICENSE = `arn:aws:license-manager::294406891311:license:l-${"b".repeat(32)}`;
export const FOREIGN_LICENSE = `arn:aws:license-manager::294406891311:license:l-${"c".repeat(32)}`;
export const ACTIVATED = "2026-03-10T10:00:00Z";
export const at = (iso: string): number => Date.parse(iso);

interface Call {
  readonly state?: MarketplaceState;
  readonly now?: string;
  readonly region?: string;
  readonly caller?: string;
  readonly bytes?: number;
  readonly request?: Record<string, unknown>;
  readonly unprocessed?: boolean;
}

export function aMarketplace(): MarketplaceState {
  const state = emptyMarketplace();
  const agreement = (licenseArn: string, productCode: string, agreementId: string) =>
    addAgreement(state, {
      agreementId,
      offerId: "offer-1",
      licenseArn,
      productCode,
      buyerAccountId: BUYER,
      acceptedAt: at(ACTIVATED),
      activatedAt: at(ACTIVATED),
    });
  for (const productCode of ["code-a", "code-b"]) {
    addProduct(state, {
      productCode,
      productId: `prod-${productCode}`,
      title: productCode,
      sellerAccountId: SELLER,
      dimensions: ["Units", "Seats"],
    });
  }
  agreement(LICENSE, "code-a", "agmt-a");
  agreement(OTHER_LICENSE, "code-a", "agmt-b");
  agreement(FOREIGN_LICENSE, "code-b", "agmt-c");
  return state;
}

export function aRecord(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Timestamp: at("2026-03-15T11:00:00Z") / 1000,
    CustomerAWSAccountId: BUYER,
    LicenseArn: LICENSE,
    Dimension: "Units",
    Quantity: 7,
    ...changes,
  };
}

export function meter(records: readonly Record<string, unknown>[], call: Call = {}) {
  const state = call.state ?? aMarketplace();
  return meteringService(state).batchMeterUsage(
    call.caller ?? SELLER,
    call.region ?? "us-east-1",
    { UsageRecords: records, ...call.request },
    at(call.now ?? "2026-03-15T12:00:00Z"),
    call.bytes ?? 1000,
    () => call.unprocessed === true,
  );
}

export const statuses = (records: readonly Record<string, unknown>[], call: Call = {}) =>
  meter(records, call).Results.map(({ Status }) => Status);

export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
  return "nothing was refused";
}

export const refusalOf = (changes: Record<string, unknown>, call: Call = {}): string =>
  refusal(() => meter([aRecord(changes)], call));
