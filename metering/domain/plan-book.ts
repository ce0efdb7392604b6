import { DAY } from "./calendar.ts";
import type { Plan } from "./charges.ts";
import type { Instant } from "./license.ts";
import type { PriceList } from "./prices.ts";
import type { PlanVersion } from "./terms.ts";

/**
 * What the product's plans and prices were and will be. It is only ever added to ahead of the
 * clock: a change of the config counts from the next midnight (a plan) or hour (a price), so that
 * no day that was charged is charged anew (decision 0018).
 */
export interface PlanBook {
  readonly versions: readonly PlanVersion[];
  readonly prices: PriceList;
}

/** The book with the product's plans as they are now; the same object if they say nothing new. */
export function withPlans(
  versions: readonly PlanVersion[],
  plans: readonly Plan[],
  now: Instant,
): readonly PlanVersion[] {
  const ids = new Set([...versions.map(({ plan }) => plan.id), ...plans.map(({ id }) => id)]);
  const after = [...ids].flatMap((id) => {
    const known = versions.filter(({ plan }) => plan.id === id).sort((a, b) => a.since - b.since);
    const plan = plans.find((each) => each.id === id);
    return plan === undefined ? known : versionsWith(known, plan, now);
  });
  return sameContent(after, versions) ? versions : after;
}

/** A version that doesn't count yet is replaced, so what was undone before midnight leaves no trace. */
function versionsWith(
  known: readonly PlanVersion[],
  plan: Plan,
  now: Instant,
): readonly PlanVersion[] {
  const counting = known.filter(({ since }, index) => index === 0 || since <= now);
  const current = counting.at(-1);
  if (current === undefined) return [{ plan, since: 0 }];
  // Words may be corrected at any time; a version of its own would split the month for nothing.
  if (sameTerms(current.plan, plan)) return [...counting.slice(0, -1), { ...current, plan }];
  const coming = known.slice(counting.length).at(-1);
  const since =
    coming !== undefined && sameTerms(coming.plan, plan) ? coming.since : nextMidnight(now);
  return [...counting, { plan, since }];
}

export function nextMidnight(now: Instant): Instant {
  return (Math.floor(now / DAY) + 1) * DAY;
}

/** Whether two descriptions of a plan charge alike; its title and summary charge nothing. */
function sameTerms(a: Plan, b: Plan): boolean {
  return sameContent(termsAlone(a), termsAlone(b));
}

function termsAlone(plan: Plan): unknown {
  return { ...plan, title: "", summary: "", charges: byId(plan.charges) };
}

/** The order in which charges are listed charges nothing either. */
function byId(charges: Plan["charges"]): Plan["charges"] {
  return [...charges].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function sameContent(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Keys in order and without absent values, which a store doesn't keep. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
}

/** Plans that licenses may still have although the product does not describe them any more. */
export function vanishedPlans(
  versions: readonly PlanVersion[],
  plans: readonly Plan[],
): readonly string[] {
  const known = new Set(plans.map(({ id }) => id));
  return [...new Set(versions.map(({ plan }) => plan.id))].filter((id) => !known.has(id));
}

/** Charges whose id once named another one: what was billed under an id would change its meaning. */
export function reusedChargeIds(versions: readonly PlanVersion[]): readonly string[] {
  const first = new Map<string, { kind: string; dimension: string }>();
  const problems = new Set<string>();
  for (const { plan } of [...versions].sort((a, b) => a.since - b.since)) {
    for (const { id, kind, dimension } of plan.charges) {
      const known = first.get(id);
      if (known === undefined) first.set(id, { kind, dimension });
      else if (known.kind !== kind || known.dimension !== dimension) {
        problems.add(
          `The charge ${JSON.stringify(id)} was ${known.kind} on ${JSON.stringify(known.dimension)} and is now ${kind} on ${JSON.stringify(dimension)}: what was billed under an id stays with it. Give the new charge an id of its own.`,
        );
      }
    }
  }
  return [...problems];
}
