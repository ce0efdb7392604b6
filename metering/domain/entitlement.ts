import { overlap, type Period } from "./calendar.ts";
import type { Instant } from "./license.ts";
import { addDecimal, type Decimal, parseDecimal, ZERO } from "./money.ts";

/** What a contract entitled a license to on a dimension, while it was in force. Several add up. */
export interface EntitlementPeriod {
  readonly dimension: string;
  /**
   * A decimal number; undefined when AWS named none (a Boolean, a text): then nothing can be
   * counted against it, and nothing is beyond it.
   */
  readonly units: string | undefined;
  readonly from: Instant;
  /** Exclusive; Infinity while no reading has shown an end. */
  readonly until: Instant;
}

export type EntitledUnits =
  | { readonly kind: "units"; readonly units: Decimal }
  /** Entitled without a number. */
  | { readonly kind: "unlimited" }
  /** Never read: nobody knows what is beyond it, so nothing may be billed as such. */
  | { readonly kind: "unknown" };

/**
 * What is included in a period, such as a month: the most that was in force at any moment of it,
 * so that a contract that changes within the month never makes units dearer that it covered.
 *
 * `periods` is undefined while the license's entitlements were never read.
 */
export function entitledUnits(
  periods: readonly EntitlementPeriod[] | undefined,
  dimension: string,
  within: Period,
): EntitledUnits {
  if (periods === undefined) return { kind: "unknown" };
  const inForce = periods
    .filter((one) => one.dimension === dimension)
    .map(({ units, from, until }) => ({
      units,
      period: overlap({ start: from, end: until }, within),
    }))
    .filter(({ period }) => period.start < period.end);
  let most = ZERO;
  for (const { period: at } of inForce) {
    // The sum only rises where a period begins.
    let sum = ZERO;
    for (const { units, period } of inForce) {
      if (at.start < period.start || at.start >= period.end) continue;
      if (units === undefined) return { kind: "unlimited" };
      sum = addDecimal(sum, parseDecimal(units));
    }
    if (isMore(sum, most)) most = sum;
  }
  return { kind: "units", units: most };
}

function isMore(a: Decimal, b: Decimal): boolean {
  return addDecimal(a, { digits: -b.digits, scale: b.scale }).digits > 0n;
}
