/** AWS Marketplace's numbers (protocol-facts A1, A2, A5, A6, A7; libraries §2). */
export const RECORDS_PER_REQUEST = 25;
/** A request must be *less than* 1 MB; of the two meanings of MB the smaller one. */
export const REQUEST_BYTES = 1_000_000;
export const QUANTITY_MAX = 2_147_483_647;
export const DIMENSION_MAX_LENGTH = 255;
export const ALLOCATIONS_MAX = 2500;
/** For one allocation, and for the distinct keys of all of a record's allocations. */
export const TAGS_MAX = 5;
export const TAG_KEY_MAX_LENGTH = 100;
export const TAG_VALUE_MAX_LENGTH = 256;

export const HOUR_MS = 3_600_000;
/** Usage that is this old, or older, is not accepted. */
export const REPORTING_WINDOW_MS = 24 * HOUR_MS;
/** On the 1st, the previous month closes at this hour (UTC), whatever the window says. */
export const MONTH_CLOSE_HOUR = 6;
/** What is left to report after License Deprovisioned. */
export const FINAL_REPORTING_MS = HOUR_MS;
export const TOKEN_LIFETIME_MS = 4 * HOUR_MS;
/** BatchMeterUsage calls per second, account and region. */
export const CALLS_PER_SECOND = 10;
/** GetEntitlements calls per second and account. */
export const ENTITLEMENT_CALLS_PER_SECOND = 20;
export const ENTITLEMENTS_PAGE_MAX = 25;
/** A free trial's days: the seller guide's range, not the SDK model's stale 5 to 31 (A6). */
export const TRIAL_DAYS_MIN = 7;
export const TRIAL_DAYS_MAX = 90;
/** Decimals of a dimension's rate (A1). */
export const PRICE_DECIMALS_MAX = 8;
/** Usage is invoiced on the 2nd or 3rd of the next month (A7). */
export const INVOICE_DAY = 2;

/** Elsewhere ResolveCustomer and BatchMeterUsage answer DisabledApiException. */
export const METERING_REGIONS: ReadonlySet<string> = new Set([
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2", "eu-north-1"],
  ...["eu-south-1", "eu-south-2", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2"],
  ...["ap-southeast-3", "ap-southeast-4", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"],
  ...["ap-east-1", "me-south-1", "me-central-1", "af-south-1", "il-central-1", "cn-northwest-1"],
]);
