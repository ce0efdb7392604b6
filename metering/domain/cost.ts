import type { CostCategory, CostMetric, CostScope } from "./charges.ts";
import type { Day, Month } from "./calendar.ts";
import type { Instant } from "./license.ts";

/**
 * What AWS says a deployment cost in a month, day by day: the newest reading replaces the one
 * before, and an older reading never replaces a newer one.
 */
export interface CostMonth {
  readonly deploymentId: string;
  readonly metric: CostMetric;
  readonly scope: CostScope;
  readonly month: Month;
  /** When the reading was begun. */
  readonly observedAt: Instant;
  readonly days: Readonly<Record<Day, CostDay>>;
}

export interface CostDay {
  readonly estimated: boolean;
  /** Exact decimal text, by what kind of charge it is; absent means zero. */
  readonly usd: Readonly<Partial<Record<CostCategory | "Usage", string>>>;
}

/** How the reading of a deployment's cost goes. */
export interface MeterStatus {
  readonly deploymentId: string;
  /** When the last successful reading was begun. */
  readonly readAt?: Instant | undefined;
  /** The newest day it brought. */
  readonly lastDay?: Day | undefined;
  readonly problem?: ReadProblem | undefined;
  /** Paid requests so far: $0.01 each, charged to the buyer's account (protocol-facts E1). */
  readonly requests: number;
}

/** Why a deployment's cost could not be read, in words for the buyer. */
export interface ReadProblem {
  readonly reason: "access-denied" | "no-data" | "unavailable" | "not-usd";
  readonly message: string;
  readonly at: Instant;
}
