import type { IssuedInvoice, KeptAdjustment } from "./domain/adjustment.ts";
import type { EntitlementState, GrantedEntitlement } from "./domain/entitlement-state.ts";
import type { License } from "./domain/license.ts";
import type { PlanBook } from "./domain/plan-book.ts";
import type { Entitlements } from "./ports.ts";

/** What the product's plans and prices were; one item for a product. */
export interface PlanBookStore {
  /** Strongly consistent; undefined before the first start. */
  read(): Promise<PlanBook | undefined>;
  /** Same contract as `Licenses.update`. */
  update(
    change: (book: PlanBook | undefined) => PlanBook | undefined,
  ): Promise<PlanBook | undefined>;
}

/** What readings of entitlements said; one item for a license. */
export interface EntitlementStore extends Entitlements {
  /** Strongly consistent. */
  state(licenseId: string): Promise<EntitlementState | undefined>;
  /** Same contract as `Licenses.update`. */
  update(
    licenseId: string,
    change: (state: EntitlementState | undefined) => EntitlementState | undefined,
  ): Promise<EntitlementState | undefined>;
}

/** Where entitlements come from: all of a license, or none. Never throws for what AWS may answer. */
export interface EntitlementSource {
  read(
    license: Pick<License, "licenseId" | "licenseArn" | "productCode">,
  ): Promise<EntitlementReading>;
}

export type EntitlementReading =
  | { readonly kind: "read"; readonly granted: readonly GrantedEntitlement[] }
  | { readonly kind: "unreadable"; readonly message: string };

/** Requests that a person approved. */
export interface Adjustments {
  of(licenseId: string): Promise<readonly KeptAdjustment[]>;
  /** Same contract as `Licenses.update`. */
  update(
    id: Pick<KeptAdjustment, "licenseId" | "clientToken">,
    change: (known: KeptAdjustment | undefined) => KeptAdjustment | undefined,
  ): Promise<KeptAdjustment | undefined>;
}

/** AWS Marketplace's Agreement API. */
export interface BillingAdjustments {
  issuedInvoices(agreementId: string): Promise<readonly IssuedInvoice[]>;
  /** Idempotent by the token. */
  request(adjustment: KeptAdjustment): Promise<
    | { readonly kind: "requested"; readonly requestId: string }
    /** AWS's word that it did not take it. */
    | { readonly kind: "refused"; readonly message: string }
  >;
  state(kept: KeptAdjustment): Promise<KeptAdjustment["state"]>;
}
