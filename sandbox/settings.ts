import type { TrailTimestamps } from "./trail/trail-event.ts";

/** What is strict or small on AWS and comes in handy otherwise in a sandbox. */
export interface Settings {
  /** Enforce 10 BatchMeterUsage calls a second, account and region. */
  meteringQuota: boolean;
  /** Enforce 20 GetEntitlements calls a second and account. */
  entitlementQuota: boolean;
  /** ResultsByTime on one page of GetCostAndUsage. */
  costExplorerPageSize: number;
  /** As on AWS, a tag that nobody has activated is unknown to Cost Explorer. */
  costTagsNeedActivation: boolean;
  /** Enforce 2 LookupEvents calls a second, account and region. */
  cloudTrailQuota: boolean;
  /** Sandbox time until a call appears in CloudTrail's event history. */
  cloudTrailDelayMs: number;
  /** How usage records' timestamps are written there; AWS documents a single example. */
  cloudTrailTimestamps: TrailTimestamps;
}

export const defaultSettings = (): Settings => ({
  meteringQuota: false,
  entitlementQuota: false,
  costExplorerPageSize: 100,
  costTagsNeedActivation: false,
  cloudTrailQuota: false,
  cloudTrailDelayMs: 15 * 60 * 1000,
  cloudTrailTimestamps: "documented",
});
