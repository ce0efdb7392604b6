import { type ChainItem, type ChainKey, isPending } from "../domain/chain.ts";
import type { CostMonth, MeterStatus } from "../domain/cost.ts";
import { NEVER_PASSED, type PassState } from "../domain/pass-state.ts";
import type { CostMonthId, Costs, Ledger, Passes } from "../ports.ts";

/**
 * The ledger in memory: the twin of the DynamoDB adapter that the simulation drives, held to the
 * same conformance suite. `staleHead` lets reads lag as DynamoDB's may.
 */
export function memoryLedger(options: { staleHead?: () => boolean } = {}): Ledger {
  const chains = new Map<string, ChainItem[]>();
  const lagging = new Map<string, ChainItem | undefined>();
  const textOf = ({ licenseId, dimension }: ChainKey) => JSON.stringify([licenseId, dimension]);
  const chainOf = (key: ChainKey): ChainItem[] => {
    const text = textOf(key);
    const chain = chains.get(text) ?? [];
    chains.set(text, chain);
    return chain;
  };
  const write = (key: ChainKey, item: ChainItem) => {
    lagging.set(textOf(key), chainOf(key).at(-1));
    chainOf(key)[item.n] = Object.freeze(item);
  };
  return {
    async head(key) {
      return options.staleHead?.() === true ? lagging.get(textOf(key)) : chainOf(key).at(-1);
    },
    async item(key, n) {
      return chainOf(key)[n];
    },
    async seal(key, item) {
      if (item.n < chainOf(key).length) return "taken";
      if (item.n > chainOf(key).length) throw new Error(`item ${item.n} would leave a gap`);
      write(key, item);
      return "sealed";
    },
    async takeOver(key, { n }, owner) {
      const current = chainOf(key)[n];
      if (!isPending(current)) return undefined;
      const taken = { ...current, owner, takenOver: true };
      write(key, taken);
      return taken;
    },
    async settle(key, item, outcome) {
      const current = chainOf(key)[item.n];
      if (!isPending(current) || current.owner !== item.owner) return "lost";
      write(key, { ...current, outcome });
      return "settled";
    },
    async chain(key) {
      return [...chainOf(key)];
    },
  };
}

export function memoryPasses(): Passes {
  const states = new Map<number, PassState>();
  return {
    async update(shard, change) {
      const state = change(states.get(shard) ?? NEVER_PASSED);
      states.set(shard, state);
      return state;
    },
  };
}

export function memoryCosts(): Costs {
  const months = new Map<string, CostMonth>();
  const statuses = new Map<string, MeterStatus>();
  const textOf = ({ deploymentId, metric, scope, month }: CostMonthId) =>
    JSON.stringify([deploymentId, metric, scope, month]);
  return {
    async month(id) {
      return months.get(textOf(id));
    },
    async put(cost) {
      const stored = months.get(textOf(cost));
      if (stored !== undefined && stored.observedAt >= cost.observedAt) return "stale";
      months.set(textOf(cost), cost);
      return "put";
    },
    async status(deploymentId) {
      return statuses.get(deploymentId);
    },
    async setStatus(status) {
      statuses.set(status.deploymentId, status);
    },
  };
}
