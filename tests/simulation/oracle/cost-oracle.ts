import type { PercentageOfCost } from "../../../metering/domain/charges.ts";
import type { CostDay, CostMonth } from "../../../metering/domain/cost.ts";
import type { Deployment } from "../../../metering/domain/license.ts";
import { both, DAY, type Span } from "./spans.ts";

export interface CostFacts {
  readonly deployments: readonly Deployment[];
  readonly costs: Iterable<CostMonth>;
}

/** The 10⁻¹⁴ USD of all whole UTC days that lie inside a use and inside the time that is charged. */
export function countedUsd14(
  charge: PercentageOfCost,
  { deployments, costs }: CostFacts,
  run: readonly Span[],
): bigint {
  const views = [...costs].filter(
    ({ metric, scope }) => metric === charge.costMetric && scope === charge.costScope,
  );
  const groups = new Map<string, Deployment[]>();
  for (const deployment of deployments) {
    const body = charge.costScope === "account" ? deployment.accountId : deployment.deploymentId;
    groups.set(body, [...(groups.get(body) ?? []), deployment]);
  }
  let sum = 0n;
  for (const group of groups.values()) {
    const own = new Set(group.map(({ deploymentId }) => deploymentId));
    const uses = charge.costScope === "account" ? joined(group) : group.map(widened);
    for (const [day, figure] of newest(views.filter((view) => own.has(view.deploymentId)))) {
      const start = Date.parse(day);
      const counts = uses.some((use) =>
        run.some((span) => {
          const inside = both(use, span);
          return inside.from <= start && start + DAY <= inside.to;
        }),
      );
      if (counts) sum += usd14(figure, charge);
    }
  }
  return sum;
}

/** What a later reading says of a day replaces what an earlier one said. */
function newest(readings: readonly CostMonth[]): Map<string, CostDay> {
  const days = new Map<string, CostDay>();
  for (const reading of [...readings].sort((a, b) => a.observedAt - b.observedAt)) {
    for (const [day, figure] of Object.entries(reading.days)) days.set(day, figure);
  }
  return days;
}

function usd14(figure: CostDay, { exclude }: PercentageOfCost): bigint {
  const counted = Object.entries(figure.usd).filter(
    ([category]) => !(exclude as readonly string[]).includes(category),
  );
  return counted.reduce((sum, [, text]) => sum + BigInt(text.replace("E-14", "")), 0n);
}

const useOf = ({ registeredAt, goneAt = Infinity }: Deployment): Span => ({
  from: registeredAt,
  to: goneAt,
});

/** What carries a tag is the deployment's own on its first and last day, too. */
function widened(deployment: Deployment): Span {
  const { from, to } = useOf(deployment);
  return { from: Math.floor(from / DAY) * DAY, to: Math.ceil(to / DAY) * DAY };
}

/** One account, one stack after the other: a pause of less than a day is none. */
function joined(deployments: readonly Deployment[]): Span[] {
  const uses: Span[] = [];
  for (const use of deployments.map(useOf).sort((a, b) => a.from - b.from)) {
    const last = uses.pop();
    if (last !== undefined && use.from - last.to < DAY) {
      uses.push({ from: last.from, to: Math.max(last.to, use.to) });
    } else uses.push(...(last === undefined ? [] : [last]), use);
  }
  return uses;
}
