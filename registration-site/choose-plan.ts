import type { License } from "../metering/domain/license.ts";
import { withPlan } from "../metering/domain/plan-change.ts";
import type { CoreDeps } from "./core-deps.ts";
import type { Session, SiteUseCases } from "./ports.ts";

/**
 * Picks the plan on the way to a stack; afterwards `changePlan` does. One conditional write on the license decides between this and a deployment that
 * is being registered at the same moment, which fixes the plan on the same item.
 */
export async function choosePlan(
  { clock, licenses, product }: Pick<CoreDeps, "clock" | "licenses" | "product">,
  session: Session,
  planId: string,
): ReturnType<SiteUseCases["choosePlan"]> {
  if (!product.plans.some((plan) => plan.id === planId)) return { kind: "unknown-plan" };
  const license = await licenses.update(session.licenseId, (known) =>
    known === undefined || known.plan?.fixed === true
      ? known
      : withPlan(known, planId, clock.now()),
  );
  if (license?.plan === undefined) throw new Error(`license ${session.licenseId} is not known`);
  return license.plan.id === planId
    ? { kind: "chosen" }
    : { kind: "fixed", planId: license.plan.id };
}

/** The product's first plan for who launches without picking one; nothing counts before that. */
export async function ensurePlan(
  { clock, licenses, product }: Pick<CoreDeps, "clock" | "licenses" | "product">,
  licenseId: string,
): Promise<License> {
  const [defaultPlan] = product.plans;
  if (defaultPlan === undefined) throw new Error("the product has no plan");
  const license = await licenses.update(licenseId, (known) =>
    known === undefined || known.plan !== undefined
      ? known
      : { ...known, plan: { id: defaultPlan.id, since: clock.now() } },
  );
  if (license === undefined) throw new Error(`license ${licenseId} is not known`);
  return license;
}
