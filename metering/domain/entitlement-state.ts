import type { Charge } from "./charges.ts";
import type { EntitlementPeriod } from "./entitlement.ts";
import type { Instant, License } from "./license.ts";
import { FINAL_WINDOW_MS, READING_EVERY_MS, READING_RETRY_MS } from "./limits.ts";
import type { PlanTerm } from "./terms.ts";

/** What AWS said that a license is entitled to, at one moment. */
export interface GrantedEntitlement {
  readonly dimension: string;
  /** As in `EntitlementPeriod`. */
  readonly units: string | undefined;
  /** When the contract ends or renews; it may go on after it (protocol-facts A5). */
  readonly expiresAt?: Instant | undefined;
}

/** What all readings together say of a license. */
export interface EntitlementState {
  /** When the last successful reading was begun. */
  readonly readAt?: Instant | undefined;
  readonly problem?: EntitlementProblem | undefined;
  readonly periods: readonly KnownEntitlement[];
}

export interface EntitlementProblem {
  readonly at: Instant;
  readonly message: string;
}

interface KnownEntitlement extends GrantedEntitlement {
  readonly from: Instant;
  /** Absent while the last reading showed it. */
  readonly until?: Instant | undefined;
}

/** Undefined while nothing was ever read. */
export function periodsOf(
  state: EntitlementState | undefined,
): readonly EntitlementPeriod[] | undefined {
  if (state?.readAt === undefined) return undefined;
  return state.periods.map(({ dimension, units, from, until = Infinity }) => ({
    dimension,
    units,
    from,
    until,
  }));
}

/**
 * The state after a reading that was begun at `readAt`; the same object if it is an older one
 * (decision 0020).
 *
 * What AWS still grants goes on, whatever its expiration date was: that is a minimum, and a renewal
 * moves it. What it grants no more ended on that date, or when AWS said that the license changed.
 */
export function withReading(
  before: EntitlementState | undefined,
  license: License,
  { granted, readAt }: { granted: readonly GrantedEntitlement[]; readAt: Instant },
): EntitlementState {
  if (before?.readAt !== undefined && readAt <= before.readAt) return before;
  const changedAt = changeBefore(license, before?.readAt, readAt);
  const left = [...granted];
  const periods = (before?.periods ?? []).map((known) => {
    if (known.until !== undefined) return known;
    const same = left.findIndex((one) => isSame(one, known));
    if (same === -1) return ended(known, changedAt);
    const [{ expiresAt } = known] = left.splice(same, 1);
    return { ...known, expiresAt };
  });
  const begun = left.map((one): KnownEntitlement => ({ ...one, from: changedAt }));
  return { readAt, periods: [...periods, ...begun].filter(({ from, until }) => from !== until) };
}

const isSame = (a: GrantedEntitlement, b: GrantedEntitlement) =>
  a.dimension === b.dimension && a.units === b.units;

function ended(known: KnownEntitlement, changedAt: Instant): KnownEntitlement {
  const until = Math.min(known.expiresAt ?? Infinity, changedAt);
  return { ...known, until: Math.max(until, known.from) };
}

/**
 * Since when what a reading shows is so: from the event that announced it, if one came since the
 * reading before; the first reading shows what the license was activated with.
 */
function changeBefore(license: License, lastReadAt: Instant | undefined, readAt: Instant): Instant {
  if (lastReadAt === undefined) return Math.min(license.activatedAt ?? readAt, readAt);
  const updated = lastUpdate(license);
  return updated > lastReadAt && updated <= readAt ? updated : readAt;
}

/** The last known stays in force when a reading fails: a fault of ours must not end a contract. */
export function withFailure(
  before: EntitlementState | undefined,
  problem: EntitlementProblem,
): EntitlementState {
  return { periods: [], ...before, problem };
}

/** When entitlements are to be read again: daily, at each expiry, and after each License Updated. */
export function nextEntitlementReadingAt(
  license: License,
  state: EntitlementState | undefined,
): Instant {
  const { readAt, problem } = state ?? {};
  if (problem !== undefined) return problem.at + READING_RETRY_MS;
  if (readAt === undefined) return license.activatedAt ?? Infinity;
  const expiries = (state?.periods ?? []).flatMap(({ until, expiresAt }) =>
    until === undefined && expiresAt !== undefined && expiresAt > readAt ? [expiresAt] : [],
  );
  const updated = lastUpdate(license);
  return Math.min(readAt + READING_EVERY_MS, ...expiries, ...(updated > readAt ? [updated] : []));
}

/** Nothing changes for a license that is gone. */
export function isPastReading({ activatedAt, endedAt }: License, now: Instant): boolean {
  return activatedAt === undefined || (endedAt ?? Infinity) + FINAL_WINDOW_MS <= now;
}

/** Whether any of the plans counts what a contract includes. */
export function needEntitlements(terms: readonly PlanTerm[]): boolean {
  return terms.some(({ plan }) => plan.charges.some(isEntitled));
}

function isEntitled(charge: Charge): boolean {
  return charge.kind === "perUnit" && charge.entitled === true;
}

function lastUpdate({ lifecycle }: License): Instant {
  return Math.max(
    -Infinity,
    ...Object.values(lifecycle?.updates ?? {}).map(({ newest }) => newest),
  );
}
