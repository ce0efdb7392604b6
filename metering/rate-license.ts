import type { Plan } from "./domain/charges.ts";
import { monthOf, nextMonth, previousMonth, type Month } from "./domain/calendar.ts";
import type { CostMonth } from "./domain/cost.ts";
import type { Deployment, Instant } from "./domain/license.ts";
import { type Figures, rate, withAmounts } from "./domain/rating.ts";
import { livePeriod } from "./domain/uses.ts";
import type { Clock, Costs, FiguresStore, Licenses } from "./ports.ts";

export interface RateDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly figures: FiguresStore;
  readonly costs: Costs;
  readonly plans: readonly Plan[];
}

/** A bound against a bug; each retry means that somebody else made progress. */
const RETRIES = 10;

/**
 * Sets a license's rated amounts from the newest figures and answers what is now set.
 *
 * The revision is read before the inputs and checked with the write: of two workers that rate at
 * once, the one that may have missed a figure loses and starts again.
 */
export async function rateLicense(deps: RateDeps, licenseId: string): Promise<Figures | undefined> {
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const before = await deps.figures.get(licenseId);
    const license = await deps.licenses.get(licenseId);
    const plan = deps.plans.find(({ id }) => id === license?.plan?.id);
    if (license?.activatedAt === undefined || plan === undefined) return before;

    const now = deps.clock.now();
    const live = livePeriod(license, now);
    const months = changeableMonths(Math.max(before?.computedAt ?? live.start, live.start), now);
    const deployments = await deps.licenses.deployments(licenseId);
    const costs = await costMonths(deps.costs, plan, deployments, months);

    const terms = [{ plan, period: livePeriod(license, Infinity) }];
    const computed = rate({
      ...{ license, terms, deployments, costs, months, now },
      ...{ usage: [], entitlements: [] },
    });
    const amounts = withAmounts(before?.amounts ?? [], computed);
    if (before !== undefined && sameAmounts(before, amounts)) return before;
    const after: Figures = { revision: (before?.revision ?? 0) + 1, computedAt: now, amounts };
    if ((await deps.figures.set(licenseId, after)) === "set") return after;
  }
  throw new Error(`the figures of ${licenseId} changed under ${RETRIES} attempts to set them`);
}

/**
 * From the month of the last computation to this one; and last month until the 15th, because AWS
 * restates a month for about two weeks after its close (protocol-facts E4).
 */
export function changeableMonths(since: Instant, now: Instant): Month[] {
  const current = monthOf(now);
  const restated = new Date(now).getUTCDate() <= 15 ? previousMonth(current) : current;
  const first = monthOf(since) < restated ? monthOf(since) : restated;
  const months: Month[] = [];
  for (let month = first; month <= current; month = nextMonth(month)) months.push(month);
  return months;
}

/** The cost months that a plan's percentages count. */
export async function costMonths(
  costs: Costs,
  plan: Plan,
  deployments: readonly Deployment[],
  months: readonly Month[],
): Promise<CostMonth[]> {
  const views = costViews(plan);
  const ids = deployments.flatMap(({ deploymentId }) =>
    views.flatMap((view) => months.map((month) => ({ deploymentId, ...view, month }))),
  );
  const found = await Promise.all(ids.map((id) => costs.month(id)));
  return found.filter((cost) => cost !== undefined);
}

/** The different ways in which a plan looks at cost; each is read once. */
export function costViews(plan: Plan): Pick<CostMonth, "metric" | "scope">[] {
  const views = plan.charges
    .filter((charge) => charge.kind === "percentageOfCost")
    .map((charge) => ({ metric: charge.costMetric, scope: charge.costScope }));
  return [...new Map(views.map((view) => [JSON.stringify(view), view])).values()];
}

function sameAmounts(before: Figures, amounts: Figures["amounts"]): boolean {
  return (
    before.amounts.length === amounts.length &&
    before.amounts.every((amount, index) => amount.usd === amounts[index]?.usd)
  );
}
