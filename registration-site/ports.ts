import type { Statement } from "../metering/domain/statement.ts";
import type { Deployment, Instant, License } from "../metering/domain/license.ts";
import type {
  CallbackAnswer,
  CallbackEnvelope,
  CallbackRefusal,
} from "../template-src/contract.ts";

/**
 * What the pages ask for: the use cases of the site. Routes parse, call one of these, and render
 * every case of the answer; no route decides anything about money or trust.
 */
export interface SiteUseCases {
  /** The fulfillment POST: resolve at once, store the result and never the token, open a session. */
  register(input: {
    registrationToken: string | undefined;
    freeTrialHint: boolean;
  }): Promise<
    | { kind: "registered"; session: SessionToken; license: License }
    | { kind: "missing-token" }
    | { kind: "expired-token" }
    | { kind: "invalid-token" }
    | { kind: "other-product"; productCode: string }
    | { kind: "unavailable" }
  >;
  /** Who is behind this session cookie, or undefined. */
  session(token: SessionToken | undefined): Promise<Session | undefined>;
  endSession(token: SessionToken): Promise<void>;
  /** E-mail and the confirmation that the listing's review asks for; PII, in a table of its own. */
  saveContact(session: Session, email: string): Promise<{ kind: "saved" } | { kind: "bad-email" }>;
  contactEmail(licenseId: string): Promise<string | undefined>;
  /** Picks the plan; refused once a deployment was registered for another. */
  choosePlan(
    session: Session,
    planId: string,
  ): Promise<{ kind: "chosen" } | { kind: "unknown-plan" } | { kind: "fixed"; planId: string }>;
  /** Changes the plan, stacks or not: from the next UTC midnight on. */
  changePlan(session: Session, planId: string): Promise<PlanChange>;
  /** A fresh install code (24 h, single use) and the deployment's external ID. */
  issueInstallCode(session: Session): Promise<InstallCode>;
  /** Everything the set-up and deployment pages show about a license. */
  overview(session: Session): Promise<LicenseOverview>;
  /** The license holder lets in (or turns away) a deployment in another account than theirs. */
  confirmDeployment(
    session: Session,
    deploymentId: string,
    decision: "confirm" | "reject",
  ): Promise<{ kind: "done" } | { kind: "unknown" }>;
  statement(session: Session, month: string): Promise<Statement | undefined>;
  /** Months that have a statement, newest first. */
  statementMonths(session: Session): Promise<readonly string[]>;
  /** The stack's callback, for Create, Update and Delete. */
  callback(
    envelope: CallbackEnvelope,
  ): Promise<
    | { kind: "accepted"; answer: CallbackAnswer }
    | { kind: "refused"; status: 400 | 401 | 403 | 404 | 409 | 410 | 503; refusal: CallbackRefusal }
  >;
}

export type PlanChange =
  /** Counts from then on; the same instant again when it was asked for before. */
  | { readonly kind: "changed"; readonly planId: string; readonly from: Instant }
  | { readonly kind: "unknown-plan" }
  | { readonly kind: "ended" }
  /** Stacks of the buyer's can't become the seller's, nor the other way round. */
  | { readonly kind: "hosted-elsewhere"; readonly needs: "buyer" | "seller" }
  /** The plan counts cost that is already metered for another deployment. */
  | { readonly kind: "cost-taken"; readonly accountId: string };

/** 256 random bits, base64url; only its SHA-256 is stored. */
export type SessionToken = string;

export interface Session {
  readonly licenseId: string;
  readonly buyerAccountId: string;
  /** Proves that a form came from our own page; bound to the session. */
  readonly csrfToken: string;
  readonly expiresAt: Instant;
}

export interface InstallCode {
  /** Visible and short enough to read aloud; worth nothing after its first use or 24 h. */
  readonly code: string;
  readonly expiresAt: Instant;
  readonly externalIds: readonly string[];
}

export interface LicenseOverview {
  readonly license: License;
  readonly status: "waiting-for-aws" | "active" | "ending" | "ended";
  readonly deployments: readonly DeploymentOverview[];
}

export interface DeploymentOverview {
  readonly deployment: Deployment;
  /** What the callback answered and what the meter knows; absent before the first figure. */
  readonly settings: Readonly<Record<string, string>>;
  readonly lastCostDay?: string;
  readonly lastReadAt?: Instant;
  /** Why the cost could not be read the last time, in words for the buyer. */
  readonly readProblem?: string;
}

/** What metering does for the site. Implemented by `metering/`, wired by the composition root. */
export interface MeteringForSite {
  statement(licenseId: string, month: string): Promise<Statement | undefined>;
  statementMonths(licenseId: string): Promise<readonly string[]>;
  /**
   * The read role goes with the stack: reads the last cost now, bounded to `timeoutMs`. Never
   * throws; answers whether it could be read.
   */
  readFinalCost(deployment: Deployment, timeoutMs: number): Promise<"read" | "unreadable">;
  meterStatus(
    deployment: Deployment,
  ): Promise<Pick<DeploymentOverview, "lastCostDay" | "lastReadAt" | "readProblem">>;
}

/** The published template, as the set-up page shows it. */
export interface PublishedTemplate {
  readonly version: string;
  readonly sha256: string;
  /** S3 URL (https, or http on localhost). */
  readonly url: string;
  readonly permissions: readonly PermissionStatement[];
  /** Resource types and logical ids, for "what lands in your account". */
  readonly resources: readonly {
    readonly logicalId: string;
    readonly type: string;
    readonly why: string;
  }[];
  readonly regions: readonly string[];
  readonly sizes: readonly string[];
}

export interface PermissionStatement {
  /** Logical id of the role or resource policy. */
  readonly holder: string;
  /** Who can use it: e.g. "the seller's account", "AWS Lambda". */
  readonly usableBy: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly string[];
  readonly why: string;
}
