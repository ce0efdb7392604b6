import type { Plan } from "../metering/domain/charges.ts";
import type { Deployment, License } from "../metering/domain/license.ts";
import { withPlan } from "../metering/domain/plan-change.ts";
import { claimCost } from "./cost-claims.ts";
import type { CoreDeps } from "./core-deps.ts";
import { neededScope } from "./needed-scope.ts";
import type { PlanChange } from "./ports.ts";

type ChangeDeps = Pick<CoreDeps, "clock" | "licenses" | "siteStore" | "product" | "log">;

/**
 * Changes the plan from the next UTC midnight on. All that can be refused is refused before the
 * one write on the license; a stack that is registered meanwhile is looked at again after it, from
 * both sides, so that one of the two sees the other.
 */
export async function changePlan(
  deps: ChangeDeps,
  { licenseId }: Pick<License, "licenseId">,
  planId: string,
): Promise<PlanChange> {
  const plan = deps.product.plans.find(({ id }) => id === planId);
  if (plan === undefined) return { kind: "unknown-plan" };
  const before = await deps.licenses.get(licenseId);
  if (before === undefined) throw new Error(`license ${licenseId} is not known`);
  if (isOver(before)) return { kind: "ended" };

  const refusal = await hindrance(deps, withPlan(before, planId, deps.clock.now()), plan);
  if (refusal !== undefined) return refusal;
  const after = await deps.licenses.update(licenseId, (known) =>
    known === undefined || isOver(known) ? known : withPlan(known, planId, deps.clock.now()),
  );
  if (after?.plan?.id !== planId) return { kind: "ended" };
  const late = await hindrance(deps, after, plan);
  if (late !== undefined) {
    await takeBack(deps, before, planId);
    return late;
  }
  deps.log("info", "a plan was changed", { licenseId, planId });
  return { kind: "changed", planId, from: after.plan.since };
}

const isOver = ({ endingAt, endedAt }: License) => endingAt !== undefined || endedAt !== undefined;

/** What in the license's deployments stands against the plan. Claims the cost that it counts. */
async function hindrance(
  deps: ChangeDeps,
  license: License,
  plan: Plan,
): Promise<PlanChange | undefined> {
  const deployments = await deps.licenses.deployments(license.licenseId);
  const living = deployments.filter(({ state }) => state !== "ended");
  const hosting = plan.hosting ?? "buyer";
  if (living.some((deployment) => hostingOf(deployment) !== hosting)) {
    return { kind: "hosted-elsewhere", needs: hosting };
  }
  const scope = neededScope(deps.product, license, deps.clock.now());
  if (scope === undefined) return undefined;
  for (const deployment of living) {
    if ((await claimCost(deps, deployment, scope)) === "taken") {
      return { kind: "cost-taken", accountId: deployment.accountId };
    }
  }
  return undefined;
}

const hostingOf = ({ hosting }: Deployment) => hosting ?? "buyer";

async function takeBack({ clock, licenses }: ChangeDeps, before: License, planId: string) {
  await licenses.update(before.licenseId, (known) =>
    known === undefined || known.plan?.id !== planId || before.plan === undefined
      ? known
      : withPlan(known, before.plan.id, clock.now()),
  );
}
