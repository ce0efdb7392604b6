import type { Month, Period } from "./domain/calendar.ts";
import type { Charge } from "./domain/charges.ts";
import type { CostMonth } from "./domain/cost.ts";
import type { Deployment, Instant, License } from "./domain/license.ts";
import { type RatedAmount, rate, type RatingInput } from "./domain/rating.ts";
import type { PlanTerm } from "./domain/terms.ts";
import type { Costs, Entitlements, Licenses, Usage } from "./ports.ts";

export interface RateDeps {
  readonly licenses: Licenses;
  readonly costs: Costs;
  readonly usage: Usage;
  readonly entitlements: Entitlements;
}

export interface Rating {
  readonly license: License;
  readonly terms: readonly PlanTerm[];
  readonly freeTrialEndsAt: Instant | undefined;
  /** What the amounts are wanted of; the inputs of charges on others are not read. */
  readonly dimensions: ReadonlySet<string>;
  /** If they were read just now; read when they are needed and absent. */
  readonly deployments?: readonly Deployment[] | undefined;
  readonly months: readonly Month[];
  readonly now: Instant;
}

/**
 * What a license's charges on some dimensions come to in some months, from the newest inputs.
 *
 * Every input is read strongly, and after the heads of the chains that the amounts are sealed on:
 * whoever seals on newer inputs meanwhile takes our number (decision 0013).
 */
export async function rateLicense(deps: RateDeps, rating: Rating): Promise<RatedAmount[]> {
  const amounts = rate(await ratingInput(deps, rating));
  return amounts.filter(({ dimension }) => rating.dimensions.has(dimension));
}

/** Everything that those amounts come from. */
export async function ratingInput(
  deps: RateDeps,
  { license, terms, freeTrialEndsAt, dimensions, months, now, ...given }: Rating,
): Promise<RatingInput> {
  const { licenseId } = license;
  const needed = chargesNeeded(terms, dimensions);
  const needsCost = needed.some(({ kind }) => kind === "percentageOfCost");
  const deployments = needsCost
    ? (given.deployments ?? (await deps.licenses.deployments(licenseId)))
    : [];
  const costs = await costMonths(deps.costs, terms, deployments, months);
  const meters = new Set(needed.flatMap(metersOf));
  const life = lifeOf(license);
  const usage = await Promise.all(
    [...meters].flatMap((meter) =>
      months.map((month) => deps.usage.month(licenseId, meter, month, life)),
    ),
  );
  const entitlements = needed.some(isEntitled)
    ? await deps.entitlements.periods(licenseId)
    : undefined;
  return {
    license,
    terms,
    deployments,
    costs,
    usage: usage.filter((month) => month !== undefined),
    entitlements,
    ...(freeTrialEndsAt === undefined ? {} : { freeTrialEndsAt }),
    months,
    now,
  };
}

/** A minimum looks at everything else; all others only at themselves. */
function chargesNeeded(terms: readonly PlanTerm[], dimensions: ReadonlySet<string>): Charge[] {
  const all = terms.flatMap(({ plan }) => plan.charges);
  const wanted = all.filter(({ dimension }) => dimensions.has(dimension));
  return wanted.some(({ kind }) => kind === "minimumSpend") ? all : wanted;
}

/**
 * While a license lives, whatever was taken lies in its life. Its end becomes known afterwards:
 * then what came in the end hour after it has to be left out again (I7).
 */
function lifeOf({ activatedAt = -Infinity, endedAt }: License): Period | undefined {
  return endedAt === undefined ? undefined : { start: activatedAt, end: endedAt };
}

/** The cost months that the percentages of some plans count. */
export async function costMonths(
  costs: Costs,
  terms: readonly Pick<PlanTerm, "plan">[],
  deployments: readonly Deployment[],
  months: readonly Month[],
): Promise<CostMonth[]> {
  const ids = deployments.flatMap(({ deploymentId }) =>
    costViews(terms).flatMap((view) => months.map((month) => ({ deploymentId, ...view, month }))),
  );
  const found = await Promise.all(ids.map((id) => costs.month(id)));
  return found.filter((cost) => cost !== undefined);
}

/** The different ways in which plans look at cost; each is read once. */
export function costViews(
  terms: readonly Pick<PlanTerm, "plan">[],
): Pick<CostMonth, "metric" | "scope">[] {
  const views = terms
    .flatMap(({ plan }) => plan.charges)
    .filter((charge) => charge.kind === "percentageOfCost")
    .map((charge) => ({ metric: charge.costMetric, scope: charge.costScope }));
  return [...new Map(views.map((view) => [JSON.stringify(view), view])).values()];
}

function metersOf(charge: Charge): string[] {
  return charge.kind === "perUnit" ? [charge.meter] : [];
}

function isEntitled(charge: Charge): boolean {
  return charge.kind === "perUnit" && charge.entitled === true;
}
