import { buildStatement } from "./domain/build-statement.ts";
import { type Month, monthOf } from "./domain/calendar.ts";
import type { License } from "./domain/license.ts";
import { monthsBetween } from "./domain/open-months.ts";
import { freeTrialEndsAt, type PriceList } from "./domain/prices.ts";
import type { Statement } from "./domain/statement.ts";
import { type PlanTerm, type PlanVersion, termsOf } from "./domain/terms.ts";
import type { Clock, Ledger } from "./ports.ts";
import { costMonths, rateLicense, type RateDeps } from "./rate-license.ts";

export interface ExplainDeps extends RateDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly plans: readonly PlanVersion[];
  readonly prices: PriceList;
}

/** The statement of a license's service month; undefined when nothing can be owed in it. */
export async function explainMonth(
  deps: ExplainDeps,
  licenseId: string,
  month: Month,
): Promise<Statement | undefined> {
  const license = await deps.licenses.get(licenseId);
  if (license === undefined) return undefined;
  const now = deps.clock.now();
  const terms = termsOf(license, deps.plans);
  const months = monthsOf(license, terms, now);
  const plan = terms.findLast(({ period }) => monthOf(period.start) <= month)?.plan;
  if (plan === undefined || !months.includes(month)) return undefined;

  const deployments = await deps.licenses.deployments(licenseId);
  const dimensions = new Set(
    terms.flatMap(({ plan: { charges } }) => charges.map(({ dimension }) => dimension)),
  );
  const trialEnd = freeTrialEndsAt(license, deps.prices.offers);
  const amounts = await rateLicense(deps, {
    license,
    terms,
    freeTrialEndsAt: trialEnd,
    dimensions,
    deployments,
    months,
    now,
  });
  const costs = await costMonths(deps.costs, terms, deployments, [month]);
  const chains = new Map<string, Awaited<ReturnType<Ledger["chain"]>>>();
  for (const dimension of dimensions) {
    chains.set(dimension, await deps.ledger.chain({ licenseId, dimension }));
  }
  return buildStatement({
    license,
    plan,
    terms,
    prices: deps.prices,
    deployments,
    costs,
    amounts,
    chains,
    month,
    now,
  });
}

/** From the month in which the first plan began to this one (or the license's last), newest first. */
export async function statementMonths(
  deps: Pick<ExplainDeps, "clock" | "licenses" | "plans">,
  licenseId: string,
): Promise<readonly Month[]> {
  const license = await deps.licenses.get(licenseId);
  if (license === undefined) return [];
  const months = monthsOf(license, termsOf(license, deps.plans), deps.clock.now());
  return months.toReversed();
}

function monthsOf(license: License, [first]: readonly PlanTerm[], now: number): Month[] {
  if (license.activatedAt === undefined || first === undefined) return [];
  const began = monthOf(Math.max(license.activatedAt, first.period.start));
  return monthsBetween(began, monthOf(license.endedAt ?? now));
}
