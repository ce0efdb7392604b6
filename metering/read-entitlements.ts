import {
  isPastReading,
  needEntitlements,
  nextEntitlementReadingAt,
  withFailure,
  withReading,
} from "./domain/entitlement-state.ts";
import type { License } from "./domain/license.ts";
import type { PlanTerm } from "./domain/terms.ts";
import type { EntitlementStore, EntitlementSource } from "./plan-ports.ts";
import type { Alarms, Clock } from "./ports.ts";

export interface ReadEntitlementsDeps {
  readonly clock: Clock;
  readonly entitlements: EntitlementStore;
  readonly entitlementSource: EntitlementSource;
  readonly alarms: Alarms;
}

export type EntitlementReader = (asked: {
  readonly license: License;
  readonly terms: readonly PlanTerm[];
}) => Promise<"changed" | "unchanged" | "unreadable" | "not-due">;

/**
 * Reads what a license's contract includes, when a reading is due and a plan asks for it, and
 * stores what came. Answers whether anything changed, so that the license is rated anew.
 */
export async function readEntitlements(
  deps: ReadEntitlementsDeps,
  { license, terms }: Parameters<EntitlementReader>[0],
): ReturnType<EntitlementReader> {
  const now = deps.clock.now();
  if (!needEntitlements(terms) || isPastReading(license, now)) return "not-due";
  const { licenseId } = license;
  const before = await deps.entitlements.state(licenseId);
  if (now < nextEntitlementReadingAt(license, before)) return "not-due";

  const reading = await deps.entitlementSource.read(license);
  if (reading.kind === "unreadable") {
    const { message } = reading;
    await deps.entitlements.update(licenseId, (known) =>
      known?.readAt !== undefined && known.readAt >= now
        ? known
        : withFailure(known, { at: now, message }),
    );
    if (before?.problem?.message !== message) {
      deps.alarms.raise({ kind: "entitlements-unreadable", licenseId, message });
    }
    return "unreadable";
  }
  const { granted } = reading;
  const after = await deps.entitlements.update(licenseId, (known) =>
    withReading(known, license, { granted, readAt: now }),
  );
  const isChanged = JSON.stringify(before?.periods) !== JSON.stringify(after?.periods);
  for (const { dimension, units } of granted) {
    if (units !== undefined || !isChanged) continue;
    const message = `AWS names no number for what the contract includes of ${JSON.stringify(dimension)}: nothing is metered beyond it.`;
    deps.alarms.raise({ kind: "entitlements-unreadable", licenseId, dimension, message });
  }
  return isChanged ? "changed" : "unchanged";
}
