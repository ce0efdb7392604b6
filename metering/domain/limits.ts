import { HOUR, MINUTE } from "./calendar.ts";

/** AWS's numbers, each with its source in protocol-facts; and our own margins, said to be ours. */

/** A7: records per BatchMeterUsage call … */
export const RECORDS_PER_CALL = 25;
/** … and less than 1 MB. Ours: a tenth below, so that no way of counting can reach it. */
export const BYTES_PER_CALL = 900_000;
/** A7: 10 calls a second for each account and region. Ours: a fifth below. */
export const CALLS_PER_SECOND = 8;
/** A7: Quantity is a 32-bit signed integer. */
export const MAX_QUANTITY = 2_147_483_647;
/** A7: usage allocations of a record, tags of an allocation and keys of all of them … */
export const MAX_ALLOCATIONS = 2_500;
export const MAX_TAGS = 5;
/** … and characters of a tag. */
export const MAX_TAG_KEY = 100;
export const MAX_TAG_VALUE = 256;
/** Ours: one record's allocations fit into one item of the store, and three into a call. */
export const MAX_ALLOCATION_BYTES = 280_000;
/** A7: accepted up to 24 hours after the event. */
export const REPORTING_WINDOW_MS = 24 * HOUR;
/** A7: last month's records are accepted until 06:00 UTC on the 1st. */
export const MONTH_CLOSE_MS = 6 * HOUR;
/** A6: after the license's end, one hour for the last records. */
export const FINAL_WINDOW_MS = HOUR;

/** Ours: a record that could arrive late takes the other 24 of its call with it. */
export const WINDOW_MARGIN_MS = 2 * MINUTE;
/** Ours: the end hour's only record waits this long for the newest figures … */
export const LAST_READING_MS = 30 * MINUTE;
/** … and a refused license is asked again once a day, not every hour. */
export const REFUSAL_PAUSE_MS = 24 * HOUR;
/** Ours: a reading that failed may have cost the buyer $0.01, so not every pass tries again. */
export const READING_RETRY_MS = HOUR;
/**
 * Ours: cost is read once a day. A little less than one, or a pass that comes a moment early would
 * leave the reading to the next, and the hour of reading would wander through the day.
 */
export const READING_EVERY_MS = 24 * HOUR - 30 * MINUTE;
/**
 * E2: cost appears after about a day, a tag's key after another, and its activation takes a third.
 * A deployment whose tag shows no cost before then may still be all right.
 */
export const COST_PATIENCE_MS = 72 * HOUR;
/** Ours: how often a pass sends a record, or asks a silent region, before it leaves it to the next. */
export const ROUNDS_PER_PASS = 4;
/** Ours: back-off after a throttled or unanswered call; doubles each round, at most … */
export const BACK_OFF_MS = 250;
export const MAX_BACK_OFF_MS = 20_000;
/** Ours: calls of one region that are under way at once; a slow answer must not waste the quota. */
export const BATCHES_UNDER_WAY = 4;
/** Ours: a pass that read the license before its migration was set is over by then. */
export const MIGRATION_LEAD_MS = HOUR;
