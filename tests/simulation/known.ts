import type { CostDay, CostMonth } from "../../metering/domain/cost.ts";
import type { Deployment, License } from "../../metering/domain/license.ts";
import { HOUR, monthAt, monthSpan, monthsFrom } from "./oracle/spans.ts";
import { type Facts, type Owed, owedFor } from "./oracle/rating-oracle.ts";
import { trialEndOf } from "./story.ts";
import { METER } from "./story-plans.ts";
import type { World } from "./world.ts";

/** Everything that amounts follow from, as it is stored at this moment, and what it comes to. */
export interface Known {
  /** Changes whenever an input of the license does. */
  revision(licenseId: string): string;
  /** Whether nothing has changed since, and nothing is on its way. */
  isSettled(licenseId: string, since: string | undefined): boolean;
  touch(licenseId: string, month?: string): void;
  noteReading(cost: CostMonth): void;
  newestReading(of: CostMonth): CostMonth | undefined;
  /** Whether AWS showed a day so when it was read, or a moment later. */
  wasShown(cost: CostMonth, day: number, read: CostDay | undefined): boolean;
  /** An event is being delivered, until `counted` says what became of it. */
  delivering(licenseId: string): void;
  counted(licenseId: string, event: { usedAt: number; micro: bigint } | undefined): void;
  readings(): Iterable<CostMonth>;
  owed(license: License, dimension: string, now: number): Owed;
}

export function known(world: World): Known {
  const readings = new Map<string, CostMonth>();
  const usage = new Map<string, Map<number, bigint>>();
  const underWay = new Map<string, number>();
  const revisions = new Map<string, number>();
  const owed = new Map<string, Map<string, Owed>>();
  const licenseOf = new Map(
    world.story.licenses.flatMap(({ id, deployments }) =>
      deployments.map((deployment) => [deployment.id, id] as const),
    ),
  );
  const idOf = ({ deploymentId, metric, scope, month }: CostMonth) =>
    `${deploymentId} ${metric} ${scope} ${month}`;
  const bump = (text: string) => revisions.set(text, (revisions.get(text) ?? 0) + 1);
  const touch = (licenseId: string, month = "") => {
    bump(licenseId);
    bump(`${licenseId} ${month}`);
  };
  const revision = (licenseId: string) => `${revisions.get(licenseId) ?? 0}`;

  function factsOf(license: License, deployments: readonly Deployment[]): Facts {
    const { licenseId } = license;
    const told = world.story.licenses.find(({ id }) => id === licenseId);
    if (told === undefined) throw new Error(`no license ${licenseId}`);
    const own = new Set(deployments.map(({ deploymentId }) => deploymentId));
    return {
      license,
      versions: world.story.plans,
      trialEndsAt: trialEndOf(world.story, told),
      deployments,
      costs: [...readings.values()].filter(({ deploymentId }) => own.has(deploymentId)),
      usage: new Map([[METER, usage.get(licenseId) ?? new Map<number, bigint>()]]),
      entitled: new Map([["units", "20.5"]]),
    };
  }

  return {
    revision,
    touch,
    isSettled: (licenseId, since) =>
      since === revision(licenseId) && (underWay.get(licenseId) ?? 0) === 0,
    noteReading(cost) {
      const before = readings.get(idOf(cost));
      if (before !== undefined && before.observedAt >= cost.observedAt) return;
      readings.set(idOf(cost), cost);
      // A day's figure may have another body, but never another license.
      touch(licenseOf.get(cost.deploymentId) ?? "", cost.month);
    },
    newestReading: (of) => readings.get(idOf(of)),
    wasShown(cost, day, read) {
      const isSo = (at: number) => world.truth.shown(cost, day, at)?.usd.Usage === read?.usd.Usage;
      const then = world.clock.now();
      if (isSo(then)) return true;
      // The answer was made between the reading's beginning and now, by clocks that may be off.
      for (let at = cost.observedAt - HOUR / 12; at <= then; at += HOUR / 60) {
        if (isSo(at)) return true;
      }
      return false;
    },
    delivering(licenseId) {
      underWay.set(licenseId, (underWay.get(licenseId) ?? 0) + 1);
      touch(licenseId);
    },
    counted(licenseId, event) {
      underWay.set(licenseId, (underWay.get(licenseId) ?? 0) - 1);
      if (event === undefined) return touch(licenseId);
      const hours = usage.get(licenseId) ?? new Map<number, bigint>();
      const hour = Math.floor(event.usedAt / HOUR) * HOUR;
      hours.set(hour, (hours.get(hour) ?? 0n) + event.micro);
      usage.set(licenseId, hours);
      touch(licenseId, monthAt(hour));
    },
    readings: () => readings.values(),
    owed(license, dimension, now) {
      const { licenseId, activatedAt = Infinity, endedAt = Infinity } = license;
      const deployments = world.deploymentsNow(licenseId);
      const sum: Owed = { paid: 0n, trial: 0n };
      const words = JSON.stringify([license, deployments]);
      for (const month of monthsFrom(activatedAt, Math.min(now, endedAt))) {
        const isPast = now >= monthSpan(month).to;
        const state = revisions.get(`${licenseId} ${month}`) ?? 0;
        const memo = `${words} ${month} ${state} ${isPast ? "past" : now}`;
        const amounts = owed.get(memo) ?? owedFor(factsOf(license, deployments), month, now);
        owed.set(memo, amounts);
        sum.paid += amounts.get(dimension)?.paid ?? 0n;
        sum.trial += amounts.get(dimension)?.trial ?? 0n;
      }
      return sum;
    },
  };
}
