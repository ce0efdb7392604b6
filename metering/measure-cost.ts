import { DAY, dayOf, daysOf, monthOf, monthPeriod, type Period } from "./domain/calendar.ts";
import {
  type CostDay,
  type MeterStatus,
  type ReadProblem,
  showsCost,
  withRequests,
} from "./domain/cost.ts";
import type { PlanTerm } from "./domain/terms.ts";
import { type Deployment, type Instant, type License, withUseEnded } from "./domain/license.ts";
import {
  FINAL_WINDOW_MS,
  LAST_READING_MS,
  READING_EVERY_MS,
  READING_RETRY_MS,
  COST_PATIENCE_MS,
} from "./domain/limits.ts";
import { changeableMonths } from "./domain/open-months.ts";
import { useBegan } from "./domain/uses.ts";
import { costViews } from "./rate-license.ts";
import { unreadSince } from "./unread-months.ts";
import type { Alarms, Clock, CostReading, Costs, CostSource, Licenses } from "./ports.ts";

export interface MeasureDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly costs: Costs;
  readonly source: CostSource;
  readonly alarms: Alarms;
}

export interface Measurement {
  readonly license: License;
  /** All plans of the license: last month's cost may belong to an earlier one. */
  readonly terms: readonly PlanTerm[];
  readonly deployment: Deployment;
  /** All of the license: this one may continue the use of an earlier one. */
  readonly deployments: readonly Deployment[];
  /** Read although the day's reading was done: the role is about to go. */
  readonly force?: boolean;
  readonly timeoutMs?: number;
}

/**
 * Reads what a deployment cost, when a reading is due, and stores what came.
 *
 * Answers whether anything was stored. Once a day, because each page costs the buyer $0.01; and
 * again around the license's end, because what is read too late is forfeited.
 */
export async function measureCost(
  deps: MeasureDeps,
  { license, terms, deployment, deployments, force, timeoutMs }: Measurement,
): Promise<"read" | "unreadable" | "not-due"> {
  const views = costViews(terms);
  if (views.length === 0 || !isReadable(deployment)) return "not-due";
  const now = deps.clock.now();
  const status = await deps.costs.status(deployment.deploymentId);
  if (force !== true && now < nextReadingAt(license, status, now)) return "not-due";
  const began = useBegan(deployment, deployments);
  const days = daysToRead(terms, began, status, now);
  if (days.start >= days.end) return "not-due";

  let requests = 0;
  let lastDay = status?.lastDay;
  let seenAt = status?.seenAt;
  for (const view of views) {
    const reading = await deps.source.read({
      deployment,
      ...view,
      from: dayOf(days.start),
      to: dayOf(days.end),
      costIsOverdue: seenAt?.[view.scope] === undefined && now - began >= COST_PATIENCE_MS,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    requests += reading.requests;
    if (reading.kind === "unreadable") {
      await noteProblem(deps, { license, deployment, status, reading, requests, now });
      return "unreadable";
    }
    for (const month of new Set(daysOf(days).map((day) => day.slice(0, 7)))) {
      const ofMonth = Object.entries(reading.days).filter(([day]) => day.startsWith(month));
      const read: Record<string, CostDay> = Object.fromEntries(ofMonth);
      const { deploymentId } = deployment;
      await deps.costs.put({ deploymentId, ...view, month, observedAt: now, days: read });
    }
    if (reading.tagIsActive === true || showsCost(reading.days)) {
      seenAt = { [view.scope]: now, ...seenAt };
    }
    lastDay = Object.keys(reading.days).reduce((a, b) => (a > b ? a : b), lastDay ?? "");
  }
  const { deploymentId } = deployment;
  await deps.costs.setStatus({
    deploymentId,
    readAt: now,
    lastDay: lastDay || undefined,
    seenAt,
    ...withRequests(status, priced(deps, deployment, requests, now)),
  });
  await noteStack(deps, license, deployment, now);
  return "read";
}

function priced({ source }: MeasureDeps, deployment: Deployment, requests: number, now: Instant) {
  const { usdPerRequest, paidBy } = source.describe(deployment);
  return { month: monthOf(now), requests, usdPerRequest, paidBy };
}

function isReadable({ state, goneAt }: Deployment): boolean {
  return state !== "awaiting-confirmation" && goneAt === undefined;
}

/**
 * A day after the last reading, an hour after a failed one; at once around the end. Activating a
 * tag takes a day, so asking every hour would only cost the buyer.
 */
function nextReadingAt(license: License, status: MeterStatus | undefined, now: Instant): Instant {
  const problem = status?.problem;
  const triedAt = problem?.at ?? status?.readAt;
  if (triedAt === undefined) return now;
  const ending = license.endedAt ?? license.endingAt ?? Infinity;
  // What isn't read in the final hour is forfeited.
  if (problem !== undefined && now >= ending && now < ending + FINAL_WINDOW_MS) return now;
  const landmarks = [ending, ending + LAST_READING_MS].filter((landmark) => landmark > triedAt);
  const isSlow = problem === undefined || problem.reason === "tag-inactive";
  return Math.min(triedAt + (isSlow ? READING_EVERY_MS : READING_RETRY_MS), ...landmarks);
}

/**
 * Whole days that are over, of the months that AWS may still change, inside license and plan. The
 * months are stored as a whole, so each is read from its start.
 */
function daysToRead(
  terms: readonly PlanTerm[],
  began: Instant,
  status: MeterStatus | undefined,
  now: Instant,
): Period {
  const live = terms[0]?.period.start ?? now;
  const begin = Math.max(live, Math.floor(began / DAY) * DAY);
  const months = changeableMonths(unreadSince(status?.readAt, begin), now);
  const first = monthPeriod(months[0] ?? monthOf(now)).start;
  const start = Math.max(first, Math.floor(begin / DAY) * DAY);
  return { start, end: Math.floor(now / DAY) * DAY };
}

async function noteProblem(
  deps: MeasureDeps,
  of: {
    license: License;
    deployment: Deployment;
    status: MeterStatus | undefined;
    reading: Extract<CostReading, { kind: "unreadable" }>;
    requests: number;
    now: Instant;
  },
): Promise<void> {
  const { license, deployment, status, reading, requests, now } = of;
  const { licenseId } = license;
  const { deploymentId } = deployment;
  if (deployment.endedAt !== undefined && reading.reason === "access-denied") {
    // The stack was deleted and its role with it: this is the expected end of reading.
    await deps.licenses.updateDeployment(
      licenseId,
      deploymentId,
      (current) => current && withUseEnded(current),
    );
    if (deployment.aliveAt !== undefined) {
      const seen = new Date(deployment.aliveAt).toISOString();
      const message = `A deployment's stack was seen at ${seen}, after its Delete, and can't be seen any more: it was deleted since, or the access was withdrawn. Nothing more is metered for it.`;
      deps.alarms.raise({ kind: "cost-unreadable", licenseId, message });
    }
    return;
  }
  const { reason, message } = reading;
  const problem: ReadProblem = { reason, message, at: now };
  const spent = withRequests(status, priced(deps, deployment, requests, now));
  await deps.costs.setStatus({ deploymentId, ...status, problem, ...spent });
  if (status?.problem?.reason !== reason) {
    deps.alarms.raise({ kind: "cost-unreadable", licenseId, message });
  }
}

/** A Delete proves the account, not the deletion: whoever sent it may run the stack on. */
async function noteStack(
  deps: MeasureDeps,
  { licenseId }: License,
  deployment: Deployment,
  now: Instant,
): Promise<void> {
  if (deployment.endedAt === undefined) return;
  const stack = await deps.source.stack(deployment);
  if (stack === "unknown") return;
  await deps.licenses.updateDeployment(licenseId, deployment.deploymentId, (current) => {
    if (current?.endedAt === undefined || current.goneAt !== undefined) return current;
    return stack === "exists" ? { ...current, aliveAt: now } : withUseEnded(current);
  });
}
