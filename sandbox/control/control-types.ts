import type { LoggedCall } from "../aws-endpoint.ts";
import type { PolicyDocument } from "../aws-service.ts";
import type { FaultRule, StoredFault } from "../faults.ts";
import type { DuplicateBilling } from "../marketplace/duplicate-billing.ts";
import type { LifecycleEvent } from "../marketplace/lifecycle-events.ts";
import type { Invoice } from "../marketplace/invoices.ts";
import type { EndOptions, Subscription } from "../marketplace/marketplace.ts";
import type { Offer, PriceChange } from "../marketplace/offers.ts";
import type { Agreement, Entitlement, LicenseState, MeteringRecord } from "../marketplace/state.ts";
import type { SellerReport } from "../marketplace/seller-reports.ts";
import type { CostSource, CostSourceSummary } from "../services/cost-explorer.ts";
import type { MeteringCall } from "../services/marketplace-metering.ts";
import type { TagChange, TagStatus } from "../cost/cost-allocation-tags.ts";
import type { Restatement } from "../cost/cost-ledger.ts";
import type { Settings } from "../settings.ts";

/** What the control API takes and answers, for the server and for `control-client.ts`. */
export interface ClockAnswer {
  readonly now: number;
  readonly iso: string;
}

/** ISO 8601 or epoch milliseconds. */
export type ClockMove = { readonly advanceTo: string | number } | { readonly advanceBy: number };

export interface AgreementAnswer extends Agreement {
  readonly license: LicenseState;
}

export interface NewAgreementRequest extends Omit<Subscription, "productCode" | "buyerAccountId"> {
  /** The buyer's account; the sandbox's first one when left out. */
  readonly accountId?: string;
  /** The sandbox's first product when left out. */
  readonly productCode?: string;
}

export interface NewOfferRequest extends Omit<Offer, "offerId" | "productCode"> {
  /** The sandbox's first product when left out. */
  readonly productCode?: string;
}

export interface PriceChangeRequest extends Omit<PriceChange, "productCode" | "from"> {
  /** The sandbox's first product when left out. */
  readonly productCode?: string;
  /** Epoch ms; now when left out. */
  readonly from?: number;
}

export interface NewAgreementAnswer {
  readonly agreementId: string;
  readonly licenseArn: string;
  readonly registrationToken: string;
  readonly productCode: string;
  readonly accountId: string;
}

/** A role without a stack around it; CloudFormation makes its own. */
export interface NewRoleRequest {
  readonly accountId: string;
  readonly name: string;
  readonly trustPolicy: PolicyDocument;
  readonly policies?: Readonly<Record<string, PolicyDocument>>;
}

export interface IdentityAnswer {
  readonly origin: string;
  readonly lifecycleQueueUrl: string;
  readonly seller: AccountIdentity;
  readonly buyers: readonly (AccountIdentity & { readonly name: string })[];
  readonly products: readonly { readonly productCode: string; readonly productId: string }[];
  /** Set these, and any AWS SDK talks to the sandbox. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface AccountIdentity {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ErrorAnswer {
  readonly error: string;
}

export type { Agreement, CostSource, CostSourceSummary, DuplicateBilling, EndOptions, Entitlement };
export type { FaultRule, LicenseState, LifecycleEvent, LoggedCall, MeteringCall, MeteringRecord };
export type { Invoice, Offer, PriceChange, Restatement, SellerReport, Settings, StoredFault };
export type { TagChange, TagStatus };
