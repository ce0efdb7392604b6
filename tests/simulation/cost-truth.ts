import type { CostScope } from "../../metering/domain/charges.ts";
import type { CostDay } from "../../metering/domain/cost.ts";
import type { CostSource } from "../../metering/ports.ts";
import { DAY, dayAt } from "./oracle/spans.ts";
import type { Random } from "./random.ts";
import { isWithin, type Story } from "./story.ts";
import { type DeploymentStory, randomFigures } from "./story-licenses.ts";

export interface CostTruth {
  /** What AWS shows of a day at an instant; undefined while it shows nothing. */
  shown(of: Shown, day: number, instant: number): CostDay | undefined;
  deployment(deploymentId: string): DeploymentStory;
}

export interface Shown {
  readonly deploymentId: string;
  readonly scope: CostScope;
}

/** What accounts and tags cost, made up for each seed as it is asked for. */
export function costTruth(story: Story, random: Random): CostTruth {
  const deployments = new Map(
    story.licenses.flatMap((license) => license.deployments.map((one) => [one.id, one] as const)),
  );
  const figures = new Map<string, { readonly from: number; readonly day: CostDay }[]>();
  const deployment = (id: string) => {
    const found = deployments.get(id);
    if (found === undefined) throw new Error(`no deployment ${id}`);
    return found;
  };
  // In a fixed order, so that the workers' order of asking changes nothing.
  const bodies = new Set([...deployments.values()].flatMap(({ id, accountId }) => [id, accountId]));
  for (const body of bodies) {
    for (let day = Math.floor(story.start / DAY) * DAY; day < story.end; day += DAY) {
      const shown = randomFigures(random, day).map(({ from, usd14 }) => ({
        from,
        day: {
          estimated: true,
          usd: { Usage: `${usd14}E-14`, Tax: `${usd14 / 9n}E-14` },
        },
      }));
      figures.set(`${body} ${day}`, shown);
    }
  }
  return {
    deployment,
    shown({ deploymentId, scope }, day, instant) {
      const { accountId } = deployment(deploymentId);
      const body = scope === "account" ? accountId : deploymentId;
      return figures.get(`${body} ${day}`)?.findLast(({ from }) => from <= instant)?.day;
    },
  };
}

/** AWS's answers about cost; a stack's role goes with it. */
export function costSource(
  story: Story,
  truth: CostTruth,
  clock: { now: () => number },
): CostSource {
  const isGone = (deploymentId: string) =>
    clock.now() >= (truth.deployment(deploymentId).deletedAt ?? Infinity);
  return {
    describe: () => ({
      kind: "cost-explorer",
      lagHours: 24,
      finality: "",
      usdPerRequest: "0.01",
      paidBy: "buyer",
    }),
    async read({ deployment: { deploymentId }, scope, from, to }) {
      const unreadable = (reason: "access-denied" | "unavailable") =>
        ({ kind: "unreadable", reason, message: reason, requests: 1 }) as const;
      if (isGone(deploymentId)) return unreadable("access-denied");
      if (isWithin(story.unreadable, clock.now())) return unreadable("unavailable");
      const days: Record<string, CostDay> = {};
      for (let at = Date.parse(from); at < Date.parse(to); at += DAY) {
        const figure = truth.shown({ deploymentId, scope }, at, clock.now());
        if (figure !== undefined) days[dayAt(at)] = figure;
      }
      return { kind: "read", days, requests: 1 };
    },
    stack: async ({ deploymentId }) => (isGone(deploymentId) ? "gone" : "exists"),
  };
}
