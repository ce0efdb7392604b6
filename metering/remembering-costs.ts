import type { CostMonth } from "./domain/cost.ts";
import type { CostMonthId, Costs } from "./ports.ts";

/**
 * The costs, and what was written to them through this: a reading that was stored a moment ago as
 * the newest needs not be read back. One for each time that a license is metered.
 */
export function rememberingCosts(costs: Costs): Costs {
  const written = new Map<string, CostMonth>();
  const textOf = ({ deploymentId, metric, scope, month }: CostMonthId) =>
    JSON.stringify([deploymentId, metric, scope, month]);
  return {
    status: (deploymentId) => costs.status(deploymentId),
    setStatus: (status) => costs.setStatus(status),
    month: async (id) => written.get(textOf(id)) ?? costs.month(id),
    async put(cost) {
      const result = await costs.put(cost);
      if (result === "put") written.set(textOf(cost), cost);
      return result;
    },
  };
}
