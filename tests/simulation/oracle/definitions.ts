import type { Charge, Plan } from "../../../metering/domain/charges.ts";
import type { License } from "../../../metering/domain/license.ts";
import type { PlanVersion } from "../../../metering/domain/terms.ts";
import { both, clipped, DAY, isSome, type Span } from "./spans.ts";

/** A charge as it was worded, and when it was in force for a license. */
export interface Definition {
  readonly planId: string;
  readonly charge: Charge;
  readonly spans: readonly Span[];
}

export interface Contract {
  readonly license: License;
  readonly versions: readonly PlanVersion[];
  readonly trialEndsAt: number | undefined;
}

/** Everything a license was ever charged by, days of the Marketplace free trial apart. */
export function definitions(contract: Contract, phase: "trial" | "paid"): Definition[] {
  const { trialEndsAt } = contract;
  const boundary = trialEndsAt === undefined ? -Infinity : Math.ceil(trialEndsAt / DAY) * DAY;
  const window =
    phase === "trial" ? { from: -Infinity, to: boundary } : { from: boundary, to: Infinity };
  const found = new Map<string, { planId: string; charge: Charge; spans: Span[] }>();
  for (const { plan, span } of chargedTerms(contract)) {
    const [inside] = clipped([span], window);
    if (inside === undefined) continue;
    for (const charge of plan.charges) {
      const text = JSON.stringify([plan.id, Object.entries(charge).sort()]);
      const known = found.get(text) ?? { planId: plan.id, charge, spans: [] };
      known.spans.push(inside);
      found.set(text, known);
    }
  }
  return [...found.values()];
}

interface Term {
  readonly plan: Plan;
  readonly span: Span;
}

/** The plans of a license's life, without what the seller's own trial makes free. */
function chargedTerms(contract: Contract): Term[] {
  const terms = allTerms(contract);
  const began = terms.find(({ plan }) => plan.charges.length > 0)?.span.from ?? 0;
  return terms.map(({ plan, span }) => {
    if (plan.trial === undefined) return { plan, span };
    const free = began + (plan.trial.days + (plan.trial.graceDays ?? 0)) * DAY;
    return { plan, span: both(span, { from: Math.ceil(free / DAY) * DAY, to: Infinity }) };
  });
}

function allTerms({ license, versions }: Contract): Term[] {
  const { plan, earlierPlans = [], activatedAt = Infinity, endedAt = Infinity } = license;
  const picked = earlierPlans.map(({ id, since, until }) => ({ id, from: since, to: until }));
  if (plan !== undefined) picked.push({ id: plan.id, from: plan.since, to: Infinity });
  const terms: Term[] = [];
  for (const { id, from, to } of picked) {
    const known = versions.filter((version) => version.plan.id === id);
    known.forEach((version, index) => {
      const wording = {
        from: index === 0 ? -Infinity : version.since,
        to: known[index + 1]?.since ?? Infinity,
      };
      const span = both(both(wording, { from, to }), { from: activatedAt, to: endedAt });
      if (isSome(span)) terms.push({ plan: version.plan, span });
    });
  }
  return terms.sort((a, b) => a.span.from - b.span.from);
}
