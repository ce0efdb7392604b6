import type { Instant, License } from "../metering/domain/license.ts";
import { planChoices } from "../metering/domain/terms.ts";
import type { Product } from "../product/definition.ts";
import { type CostScope, costScopeOf } from "./domain/cost-scope.ts";

/** The widest scope of cost that the license's current and coming plans count. */
export function neededScope(
  product: Pick<Product, "plans">,
  license: License,
  now: Instant,
): CostScope | undefined {
  const open = planChoices(license).filter(({ period }) => period.end > now);
  const plans = open.map(({ id }) => product.plans.find((plan) => plan.id === id));
  const known = plans.filter((plan) => plan !== undefined);
  // A plan that left the product is charged on: the widest scope can't be too narrow for it.
  return known.length < plans.length ? "account" : costScopeOf(...known);
}
