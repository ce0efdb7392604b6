import { type Month, monthPeriod, overlap } from "./calendar.ts";
import type { PercentageOfCost } from "./charges.ts";
import { countedCost, type CountingInput } from "./counted-cost.ts";
import type { Deployment } from "./license.ts";
import { addDecimal, type Decimal, multiplyDecimal, parseDecimal, ZERO } from "./money.ts";
import type { PlanTerm } from "./terms.ts";

/** A deployment, and its exact part of what was rated; only the proportions count. */
export interface Share {
  readonly deployment: Deployment;
  readonly share: bigint;
}

export interface SharingInput extends CountingInput {
  readonly terms: readonly PlanTerm[];
  readonly dimension: string;
  /** The months whose cost decides. */
  readonly months: readonly Month[];
}

/**
 * What each deployment weighs in the percentages that a dimension bills: the cost that counts, each
 * at its charge's percentage. A whole account's cost belongs to the deployment that is there, or
 * was last. Fees and usage have no deployment, so a dimension of those alone has no shares.
 */
export function costShares(input: SharingInput): Share[] {
  const weights = new Map<Deployment, Decimal>();
  for (const { plan, period } of input.terms) {
    for (const charge of plan.charges) {
      if (charge.kind !== "percentageOfCost" || charge.dimension !== input.dimension) continue;
      for (const body of bodies(charge, input.deployments)) {
        const [newest] = body;
        if (newest === undefined) continue;
        const counted = input.months.map((month) => {
          const counting = { deployments: body, costs: input.costs };
          const within = overlap(period, monthPeriod(month));
          return countedCost(charge, counting, [within], monthPeriod(month)).total;
        });
        const cost = counted.reduce(addDecimal, ZERO);
        const weight = multiplyDecimal(cost, parseDecimal(charge.percent));
        weights.set(newest, addDecimal(weights.get(newest) ?? ZERO, weight));
      }
    }
  }
  const scale = Math.max(0, ...[...weights.values()].map((weight) => weight.scale));
  return [...weights].map(([deployment, { digits, scale: own }]) => ({
    deployment,
    share: digits * 10n ** BigInt(scale - own),
  }));
}

/** Deployments whose cost is one figure, the newest first (`countedCost` joins them, too). */
function bodies(charge: PercentageOfCost, deployments: readonly Deployment[]): Deployment[][] {
  const used = deployments
    .filter(({ state }) => state !== "awaiting-confirmation")
    .toSorted((a, b) => b.registeredAt - a.registeredAt);
  if (charge.costScope === "tag") return used.map((deployment) => [deployment]);
  const accounts = [...new Set(used.map(({ accountId }) => accountId))];
  return accounts.map((account) => used.filter(({ accountId }) => accountId === account));
}
