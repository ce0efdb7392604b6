import { type EntitlementState, periodsOf } from "../domain/entitlement-state.ts";
import type { EntitlementStore } from "../plan-ports.ts";

/** Entitlements in memory, with the same races as the database. */
export function memoryEntitlements(): EntitlementStore {
  const states = new Map<string, EntitlementState>();
  return {
    state: async (licenseId) => states.get(licenseId),
    periods: async (licenseId) => periodsOf(states.get(licenseId)),
    async update(licenseId, change) {
      for (;;) {
        const before = states.get(licenseId);
        await Promise.resolve();
        const after = change(before);
        await Promise.resolve();
        if (states.get(licenseId) !== before) continue;
        if (after === undefined || after === before) return before;
        const stored = structuredClone(after);
        states.set(licenseId, stored);
        return stored;
      }
    },
  };
}
