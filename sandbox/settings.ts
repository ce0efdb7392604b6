/** What is strict or small on AWS and comes in handy otherwise in a sandbox. */
export interface Settings {
  /** Enforce 10 BatchMeterUsage calls a second, account and region. */
  meteringQuota: boolean;
  /** ResultsByTime on one page of GetCostAndUsage. */
  costExplorerPageSize: number;
}

export const defaultSettings = (): Settings => ({
  meteringQuota: false,
  costExplorerPageSize: 100,
});
