import type { Contacts, Records, SiteStore } from "../site-store.ts";

/** The site's records in memory, with the same races as the database. */
export function memorySiteStore(): SiteStore {
  return {
    sessions: memoryRecords(),
    installCodes: memoryRecords(),
    agreements: memoryRecords(),
    stacks: memoryRecords(),
    costClaims: memoryRecords(),
    usageProofs: memoryRecords(),
  };
}

function memoryRecords<T extends object>(): Records<T> {
  const records = new Map<string, T>();
  return {
    get: async (id) => records.get(id),
    update: async (id, change) => {
      for (;;) {
        const before = records.get(id);
        await Promise.resolve();
        const after = change(before);
        await Promise.resolve();
        if (records.get(id) !== before) continue;
        if (after === undefined || after === before) return before;
        const stored = Object.freeze(structuredClone(after));
        records.set(id, stored);
        return stored;
      }
    },
  };
}

export function memoryContacts(): Contacts {
  const emails = new Map<string, string>();
  return {
    email: async (licenseId) => emails.get(licenseId),
    save: async (licenseId, email) => void emails.set(licenseId, email),
  };
}
