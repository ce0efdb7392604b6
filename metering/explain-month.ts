import type { Dimension, Plan } from "./domain/charges.ts";
import { buildStatement } from "./domain/build-statement.ts";
import { monthOf, nextMonth, type Month } from "./domain/calendar.ts";
import type { Statement } from "./domain/statement.ts";
import { costMonths } from "./rate-license.ts";
import type { Clock, Costs, FiguresStore, Ledger, Licenses } from "./ports.ts";

export interface ExplainDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly figures: FiguresStore;
  readonly costs: Costs;
  readonly ledger: Ledger;
  readonly plans: readonly Plan[];
  readonly dimensions: readonly Dimension[];
}

/** The statement of a license's service month; undefined when nothing can be owed in it. */
export async function explainMonth(
  deps: ExplainDeps,
  licenseId: string,
  month: Month,
): Promise<Statement | undefined> {
  const license = await deps.licenses.get(licenseId);
  const plan = deps.plans.find(({ id }) => id === license?.plan?.id);
  if (license === undefined || plan === undefined) return undefined;
  if (!(await statementMonths(deps, licenseId)).includes(month)) return undefined;

  const figures = (await deps.figures.get(licenseId)) ?? {
    revision: 0,
    computedAt: deps.clock.now(),
    amounts: [],
  };
  const deployments = await deps.licenses.deployments(licenseId);
  const costs = await costMonths(deps.costs, plan, deployments, [month]);
  const dimensions = new Set([
    ...plan.charges.map(({ dimension }) => dimension),
    ...figures.amounts.map(({ dimension }) => dimension),
  ]);
  const chains = new Map<string, Awaited<ReturnType<Ledger["chain"]>>>();
  for (const dimension of dimensions) {
    chains.set(dimension, await deps.ledger.chain({ licenseId, dimension }));
  }
  return buildStatement({
    license,
    plan,
    dimensions: deps.dimensions,
    deployments,
    costs,
    figures,
    chains,
    month,
    now: deps.clock.now(),
  });
}

/**
 * From the month in which the plan began, or an earlier one was rated, to this one (or the
 * license's last), newest first.
 */
export async function statementMonths(
  deps: Pick<ExplainDeps, "clock" | "figures" | "licenses">,
  licenseId: string,
): Promise<readonly Month[]> {
  const license = await deps.licenses.get(licenseId);
  if (license?.activatedAt === undefined || license.plan === undefined) return [];
  const last = monthOf(license.endedAt ?? deps.clock.now());
  const months: Month[] = [];
  const began = monthOf(Math.max(license.activatedAt, license.plan.since));
  const rated = (await deps.figures.get(licenseId))?.amounts.map(({ month }) => month) ?? [];
  const first = rated.reduce((earliest, month) => (month < earliest ? month : earliest), began);
  for (let month = first; month <= last; month = nextMonth(month)) months.unshift(month);
  return months;
}
