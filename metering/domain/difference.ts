import type { MeteringRecord } from "./chain.ts";
import type { Finding } from "./evidence.ts";
import type { Instant } from "./license.ts";
import type { Usd } from "./money.ts";

/** Where the ledger and AWS's own word part. */
export type DifferenceKind =
  /** AWS billed it, and no record of the ledger says so: somebody else meters. */
  | "unknown-to-ledger"
  /** Metered by ProductCode and by LicenseArn: billed twice. */
  | "both-identifications"
  /** Metered in another region as well: de-duplication is by region, so billed twice. */
  | "other-region"
  /** Accepted by the ledger, and no successful call shows it. */
  | "not-at-aws"
  /** The ledger says that AWS took nothing of it, and AWS billed it. */
  | "billed-after-all"
  | "other-quantity"
  | "other-record-id"
  | "in-doubt"
  | "conflicting"
  /** A license that the ledger has never heard of. */
  | "unknown-license"
  /** The seller's usage report counts other units. */
  | "report-units"
  /** The billed-revenue report names another amount. */
  | "report-money";

export interface Difference {
  readonly kind: DifferenceKind;
  readonly licenseId: string;
  readonly dimension: string;
  /** Start of the hour; of a report's difference, of the month. */
  readonly hour: Instant;
  /** Both sides, in words. */
  readonly ledger: string;
  readonly aws: string;
  /** What AWS billed beyond what the ledger says; negative: less. Absent while nobody knows. */
  readonly usd?: Usd | undefined;
  readonly meaning: string;
  /** The open record that it is about. */
  readonly about?: MeteringRecord | undefined;
  /** What resolves it for good: evidence for the chain. */
  readonly finding?: Finding | undefined;
  /** Units billed beside the ledger, and when: what a billing adjustment gives back. */
  readonly billedTwice?: Usd | undefined;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Records on which both sides agree. */
  readonly agreed: number;
  /** Records that the evidence at hand says nothing of. Not covered is not missing. */
  readonly notCovered: number;
  /** Records that are still being sent. */
  readonly pending: number;
}
