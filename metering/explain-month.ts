import { buildStatement } from "./domain/build-statement.ts";
import { type Month, monthOf } from "./domain/calendar.ts";
import type { ChainItem } from "./domain/chain.ts";
import type { Deployment, License } from "./domain/license.ts";
import { monthsBetween } from "./domain/open-months.ts";
import { freeTrialEndsAt, type PriceList } from "./domain/prices.ts";
import { rate } from "./domain/rating.ts";
import type { Statement, StatementAdjustment, StatementReading } from "./domain/statement.ts";
import { type PlanTerm, type PlanVersion, termsOf } from "./domain/terms.ts";
import type { Clock, Ledger } from "./ports.ts";
import { type RateDeps, ratingInput } from "./rate-license.ts";

export interface ExplainDeps extends RateDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly plans: readonly PlanVersion[];
  readonly prices: PriceList;
  /** Adjustments of issued invoices, where they are kept. */
  readonly adjustments?: (
    licenseId: string,
    month: Month,
  ) => Promise<readonly StatementAdjustment[]>;
}

/** The statement of a license's month; undefined when nothing can be owed in it. */
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
  if (!months.includes(month)) return undefined;

  const dimensions = new Set(
    terms.flatMap(({ plan: { charges } }) => charges.map(({ dimension }) => dimension)),
  );
  // Chains first: what is sealed meanwhile is then still owed, and not credit that nobody has.
  const chains = new Map<string, readonly ChainItem[]>();
  for (const dimension of dimensions) {
    chains.set(dimension, await deps.ledger.chain({ licenseId, dimension }));
  }
  const deployments = await deps.licenses.deployments(licenseId);
  const input = await ratingInput(deps, {
    license,
    terms,
    freeTrialEndsAt: freeTrialEndsAt(license, deps.prices.offers),
    dimensions,
    deployments,
    months,
    now,
  });
  return buildStatement({
    ...input,
    deployments,
    month,
    prices: deps.prices,
    amounts: rate(input),
    chains,
    reading: await readingLines(deps, deployments, month),
    ...(deps.adjustments === undefined
      ? {}
      : { adjustments: await deps.adjustments(licenseId, month) }),
  });
}

async function readingLines(
  { costs }: ExplainDeps,
  deployments: readonly Deployment[],
  month: Month,
): Promise<StatementReading[]> {
  const lines = await Promise.all(
    deployments.map(async ({ deploymentId }) => {
      const reading = (await costs.status(deploymentId))?.readings?.[month];
      return reading === undefined ? [] : [{ deploymentId, ...reading }];
    }),
  );
  return lines.flat();
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
