import type { Instant } from "../metering/domain/license.ts";
import type { CallbackAnswer } from "../template-src/contract.ts";
import type { CostClaims } from "./domain/cost-scope.ts";
import type { InstallCodeRecord } from "./domain/install-code.ts";

/**
 * What the site remembers beside licenses and deployments. Every kind of record is one item by its
 * id, changed only by reading it and writing it back if nobody wrote in between, so that no
 * transaction is ever needed; the use cases order their writes instead.
 */
export interface SiteStore {
  /** By the SHA-256 of the session token. */
  readonly sessions: Records<SessionRecord>;
  /** By the SHA-256 of the normalized install code. */
  readonly installCodes: Records<InstallCodeRecord>;
  /** By agreement id. */
  readonly agreements: Records<AgreementRecord>;
  /** By deployment id. */
  readonly stacks: Records<StackRecord>;
  /** By partition and account. */
  readonly costClaims: Records<CostClaims>;
  /** By deployment id. */
  readonly usageProofs: Records<UsageProofs>;
}

export interface Records<T> {
  get(id: string): Promise<T | undefined>;
  /**
   * Applies `change` to the newest value and answers what is now stored. Writes nothing when the
   * change answers undefined or the same object. The change may run several times.
   */
  update(id: string, change: (value: T | undefined) => T | undefined): Promise<T | undefined>;
}

export interface SessionRecord {
  readonly licenseId: string;
  readonly buyerAccountId: string;
  readonly expiresAt: Instant;
  readonly endedAt?: Instant | undefined;
}

/** Joins License events, which name both, with Agreement events, which name no license. */
export interface AgreementRecord {
  readonly licenseIds: readonly string[];
  readonly endedAt?: Instant | undefined;
}

/** Leads from a stack to its license, before, while and after its deployment exists. */
export interface StackRecord {
  readonly licenseId: string;
  readonly accountId: string;
  readonly stackId: string;
  /** Set once a Delete was proven: a Create still under way must not bring the stack back. */
  readonly deletedAt?: Instant | undefined;
  /** The last answers, so that a repeated callback gets the very same one. Newest last. */
  readonly answers: readonly RecordedAnswer[];
}

export interface RecordedAnswer {
  readonly requestType: "Create" | "Update";
  readonly requestId: string;
  readonly answer: CallbackAnswer;
}

/** Proofs that got a usage token while they still count: each is good for one. */
export interface UsageProofs {
  /** When each was used, by the beginning of its payload's hash. */
  readonly used: Readonly<Record<string, Instant>>;
}

/** Buyers' e-mail addresses: the only personal data, in a table of its own. */
export interface Contacts {
  email(licenseId: string): Promise<string | undefined>;
  save(licenseId: string, email: string): Promise<void>;
}
