import type { PlanBook } from "../domain/plan-book.ts";
import type { PlanBookStore } from "../plan-ports.ts";

/** A plan book in memory, with the same races as the database: a write loses if another came between. */
export function memoryPlanBook(): PlanBookStore {
  let stored: PlanBook | undefined;
  return {
    read: async () => stored,
    async update(change) {
      for (;;) {
        const before = stored;
        await Promise.resolve();
        const after = change(before);
        await Promise.resolve();
        if (stored !== before) continue;
        if (after === undefined || after === before) return before;
        stored = structuredClone(after);
        return stored;
      }
    },
  };
}
