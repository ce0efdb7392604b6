import { DAY, HOUR, MINUTE } from "./calendar.ts";
import type { Charge } from "./charges.ts";
import type { Instant, License } from "./license.ts";
import type { PlanTerm } from "./terms.ts";

/** What has to be done for a license since an earlier pass. */
export interface Due {
  /** Its money may have changed: rate it, and seal what is owed. */
  readonly rate: boolean;
  /** The day's reading of cost is due. */
  readonly read: boolean;
}

const NOTHING: Due = { rate: false, read: false };

/** A license that is gone is looked at for a day: a read may be stale, an answer late. */
const AFTERCARE_MS = DAY;

/**
 * Whether a license must be woken in a pass that covers `(from, now]`; `from` undefined covers all
 * that ever was. Fees grow by the hour or by the day, cost is read once a day, at an hour that is
 * the license's own, so that readings are spread over the day. Nothing else costs a read.
 */
export function dueSince(
  license: License,
  terms: readonly PlanTerm[],
  { from, now }: { readonly from: Instant | undefined; readonly now: Instant },
  { zeroRecords }: { readonly zeroRecords: boolean },
): Due {
  const { activatedAt, endingAt, endedAt, plan } = license;
  if (activatedAt === undefined || now < activatedAt || plan === undefined) return NOTHING;
  // By when the last pass was, not by now: an outage may have swallowed the day.
  const lookedAfter = endedAt !== undefined && from !== undefined && from >= endedAt + AFTERCARE_MS;
  if (lookedAfter) return NOTHING;
  // Around the end every pass may be the last, and another process may have read a final cost.
  const isEnding = endedAt !== undefined || (endingAt !== undefined && now < endingAt + DAY);
  if (from === undefined || isEnding) return { rate: true, read: true };

  const charges = terms.flatMap(({ plan }) => plan.charges);
  const crosses = (step: number, offset: number) =>
    Math.floor((now - offset) / step) > Math.floor((from - offset) / step);
  const read = charges.some(countsCost) && crosses(DAY, readingOffset(license.licenseId));
  const hourly = zeroRecords || charges.some(growsHourly);
  // A plan without a term is one that nobody knows: once a day is often enough to say so.
  const daily = terms.length !== 1 || charges.some(growsDaily);
  return { rate: read || (hourly && crosses(HOUR, 0)) || (daily && crosses(DAY, 0)), read };
}

function countsCost({ kind }: Charge): boolean {
  return kind === "percentageOfCost";
}

function growsHourly(charge: Charge): boolean {
  switch (charge.kind) {
    case "license":
      return charge.proration !== "daily";
    // Usage comes at any time.
    case "perUnit":
      return true;
    case "percentageOfCost":
    case "oneTime":
    case "minimumSpend":
      return false;
  }
}

/** Whatever else follows from time alone changes at midnight UTC. */
function growsDaily(charge: Charge): boolean {
  return !countsOnlyCost(charge);
}

/** Whether nothing but a new reading of cost can change what the charge comes to. */
export function countsOnlyCost(charge: Charge): boolean {
  return charge.kind === "percentageOfCost" && charge.minimum === undefined;
}

const MINUTES_A_DAY = 1_440;

/** Spread evenly over the day, and the same for life: a hash of the id (FNV-1a), to the minute. */
export function readingOffset(licenseId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < licenseId.length; index++) {
    hash = Math.imul(hash ^ licenseId.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (hash % MINUTES_A_DAY) * MINUTE;
}
