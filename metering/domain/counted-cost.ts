import { DAY, dayPeriod, overlap, type Period } from "./calendar.ts";
import type { PercentageOfCost } from "./charges.ts";
import type { CostDay, CostMonth } from "./cost.ts";
import type { Deployment } from "./license.ts";
import { addDecimal, type Decimal, parseDecimal, ZERO } from "./money.ts";
import { joinedUses, usePeriod } from "./uses.ts";

export interface CountedCost {
  readonly total: Decimal;
  readonly days: readonly CountedDay[];
  readonly excluded: ReadonlyMap<string, Decimal>;
  /** The newest day of the month that AWS has reported, counted or not; empty when none. */
  readonly reportedThrough: string;
}

export interface CountedDay {
  readonly date: string;
  readonly usd: Decimal;
  readonly estimated: boolean;
  /** All that AWS reported for the day, by category, counted or not. */
  readonly byCategory: ReadonlyMap<string, Decimal>;
}

export interface CountingInput {
  readonly deployments: readonly Deployment[];
  readonly costs: readonly CostMonth[];
}

/**
 * The days of the month that count for a percentage: a daily figure can't be split, so only whole
 * UTC days inside a use and inside one of the periods in which the charge runs do (ledger-review 15).
 */
export function countedCost(
  charge: PercentageOfCost,
  input: CountingInput,
  periods: readonly Period[],
  month: Period,
): CountedCost {
  const days = new Map<string, CountedDay>();
  const excluded = new Map<string, Decimal>();
  const excludes: ReadonlySet<string> = new Set(charge.exclude);
  const running = periods.map((period) => overlap(period, month));
  let reportedThrough = "";

  for (const { uses, figures } of costBodies(charge, input)) {
    const counting = uses.flatMap((use) => running.map((period) => overlap(use, period)));
    for (const [date, figure] of figures) {
      const day = dayPeriod(date);
      if (day.start < month.start || day.end > month.end) continue;
      if (date > reportedThrough) reportedThrough = date;
      if (!counting.some(({ start, end }) => day.start >= start && day.end <= end)) continue;
      let usd = days.get(date)?.usd ?? ZERO;
      const byCategory = new Map(days.get(date)?.byCategory);
      for (const [category, text] of Object.entries(figure.usd)) {
        const amount = parseDecimal(text);
        byCategory.set(category, addDecimal(byCategory.get(category) ?? ZERO, amount));
        if (excludes.has(category)) {
          excluded.set(category, addDecimal(excluded.get(category) ?? ZERO, amount));
        } else {
          usd = addDecimal(usd, amount);
        }
      }
      const estimated = figure.estimated || days.get(date)?.estimated === true;
      days.set(date, { date, usd, estimated, byCategory });
    }
  }
  const sorted = [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  const total = sorted.reduce((sum, day) => addDecimal(sum, day.usd), ZERO);
  return { total, days: sorted, excluded, reportedThrough };
}

/** A body of cost, when it was in use, and the newest figure of each of its days. */
interface CostBody {
  readonly uses: readonly Period[];
  readonly figures: ReadonlyMap<string, CostDay>;
}

/**
 * What carries a deployment's tag is its own from the first hour to the last. A whole account's
 * cost belongs to whichever deployments were there, one after the other: a day is counted once.
 */
function costBodies(charge: PercentageOfCost, input: CountingInput): CostBody[] {
  const used = input.deployments.filter(({ state }) => state !== "awaiting-confirmation");
  if (charge.costScope === "tag") {
    return used.map((deployment) => ({
      uses: [wholeDays(usePeriod(deployment))],
      figures: newestFigures(charge, input.costs, [deployment]),
    }));
  }
  const accounts = [...new Set(used.map(({ accountId }) => accountId))];
  return accounts.map((account) => {
    const there = used.filter(({ accountId }) => accountId === account);
    return {
      uses: joinedUses(there.map(usePeriod)),
      figures: newestFigures(charge, input.costs, there),
    };
  });
}

function wholeDays({ start, end }: Period): Period {
  return { start: Math.floor(start / DAY) * DAY, end: Math.ceil(end / DAY) * DAY };
}

function newestFigures(
  charge: PercentageOfCost,
  costs: readonly CostMonth[],
  deployments: readonly Deployment[],
): Map<string, CostDay> {
  const ids = new Set(deployments.map(({ deploymentId }) => deploymentId));
  const figures = new Map<string, CostDay>();
  const seen = costs
    .filter(({ deploymentId }) => ids.has(deploymentId))
    .filter(({ metric, scope }) => metric === charge.costMetric && scope === charge.costScope)
    .sort((a, b) => a.observedAt - b.observedAt);
  for (const { days } of seen) {
    for (const [date, figure] of Object.entries(days)) figures.set(date, figure);
  }
  return figures;
}
