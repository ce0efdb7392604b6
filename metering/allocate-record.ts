import { costShares } from "./domain/allocation-shares.ts";
import { type AllocateBy, allocate, weightsOf } from "./domain/allocations.ts";
import { fitsInCall } from "./domain/batching.ts";
import type { Month } from "./domain/calendar.ts";
import type { PlanTerm } from "./domain/terms.ts";
import type { Allocations, Costs, Licenses, MeteringBatchRecord } from "./ports.ts";
import { costMonths } from "./rate-license.ts";

export interface AllocateDeps {
  readonly licenses: Pick<Licenses, "deployments">;
  readonly costs: Costs;
  readonly allocations: Pick<Allocations, "put">;
  /** What the seller splits records by; absent: they aren't split. */
  readonly allocateBy?: readonly AllocateBy[] | undefined;
}

/**
 * Splits a record that is about to be sealed over the license's deployments, and stores how: the
 * hash is sealed with it, so the list must be there first. The same record when there is nothing to
 * split by, or the split would not fit into a call: it never holds up the charge.
 */
export async function withAllocations(
  deps: AllocateDeps,
  record: MeteringBatchRecord,
  { terms, months }: { readonly terms: readonly PlanTerm[]; readonly months: readonly Month[] },
): Promise<MeteringBatchRecord> {
  const { license, key, item } = record;
  const { allocateBy = [] } = deps;
  if (allocateBy.length === 0 || item.quantity === 0) return record;

  const deployments = await deps.licenses.deployments(license.licenseId);
  const costs = await costMonths(deps.costs, terms, deployments, months);
  const { dimension } = key;
  const shares = costShares({ dimension, terms, deployments, costs, months });
  const allocations = allocate(item.quantity, weightsOf(shares, allocateBy));
  if (allocations.length === 0 || !fitsInCall({ ...record, allocations })) return record;
  const hash = await deps.allocations.put(allocations);
  return { license, key, item: { ...item, allocations: hash }, allocations };
}
