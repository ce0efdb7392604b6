import { overlap, type Period } from "./calendar.ts";
import type { Plan } from "./charges.ts";
import type { Instant, License } from "./license.ts";

/** A plan as it was defined from an instant on; a config change makes a new version, never a retroactive one. */
export interface PlanVersion {
  readonly plan: Plan;
  /** A UTC midnight, because a day's cost can't be split. A plan's first version counts from the beginning. */
  readonly since: Instant;
}

/** A plan in force for a license, start inclusive, end exclusive (may be Infinity). */
export interface PlanTerm {
  readonly plan: Plan;
  readonly period: Period;
}

/** Which plan a license has, from when until when. */
export interface PlanChoice {
  readonly id: string;
  readonly period: Period;
}

/**
 * What a license was, is and will be charged by, oldest first: no two terms overlap, and none is
 * missing between activation and end while every chosen plan has a version.
 *
 * Between terms lie UTC midnights; only the first start and the last end may lie anywhere.
 */
export function termsOf(license: License, versions: readonly PlanVersion[]): PlanTerm[] {
  const life = lifeOf(license);
  return planChoices(license).flatMap((choice) =>
    versionPeriods(versions, choice.id)
      .map(({ plan, period }) => ({
        plan,
        period: overlap(overlap(period, choice.period), life),
      }))
      .filter(({ period }) => period.start < period.end),
  );
}

/** The plans that were picked, oldest first; the last may begin only at the next midnight. */
export function planChoices(license: License): PlanChoice[] {
  const { plan, earlierPlans = [] } = license;
  if (plan === undefined) return [];
  const earlier = earlierPlans.map(({ id, since, until }) => ({
    id,
    period: { start: since, end: until },
  }));
  return [...earlier, { id: plan.id, period: { start: plan.since, end: Infinity } }];
}

/** The plan in force at an instant; before the first one began, the first. */
export function planChoiceAt(license: License, instant: Instant): PlanChoice | undefined {
  const choices = planChoices(license);
  return choices.findLast(({ period }) => period.start <= instant) ?? choices[0];
}

/** The plan that the license changes to, if it is to change. */
export function comingPlan(license: License, now: Instant): PlanChoice | undefined {
  const last = planChoices(license).at(-1);
  const isFirst = (license.earlierPlans ?? []).length === 0;
  return last === undefined || isFirst || last.period.start <= now ? undefined : last;
}

/** Nothing is rated before AWS activated the license, nor after it took it away (I7). */
function lifeOf({ activatedAt, endedAt }: License): Period {
  return { start: activatedAt ?? Infinity, end: endedAt ?? Infinity };
}

function versionPeriods(versions: readonly PlanVersion[], planId: string): PlanTerm[] {
  const known = versions.filter(({ plan }) => plan.id === planId).sort((a, b) => a.since - b.since);
  return known.map(({ plan, since }, index) => ({
    plan,
    period: { start: index === 0 ? -Infinity : since, end: known[index + 1]?.since ?? Infinity },
  }));
}
