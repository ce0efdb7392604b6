import type {
  Charge,
  MinimumSpend,
  OneTime,
  PerUnit,
  Plan,
} from "../../metering/domain/charges.ts";
import type { CostDay, CostMonth } from "../../metering/domain/cost.ts";
import { usdText } from "../../metering/domain/money.ts";
import { rate, type RatingInput } from "../../metering/domain/rating.ts";
import type { PlanTerm } from "../../metering/domain/terms.ts";
import type { UsageMonth } from "../../metering/domain/usage.ts";
import { aDeployment, aLicense, aPlan, aShare, at, LICENSE_ID } from "./fixtures.ts";

/** Activated and registered with the year, so that months are whole unless a test says otherwise. */
export const NEW_YEAR = at("2026-01-01T00:00:00Z");

export const aMinute: PerUnit = {
  kind: "perUnit",
  id: "minutes",
  dimension: "cents",
  meter: "video_minutes",
  unitPrice: "0.15",
};

export const aSetup: OneTime = { kind: "oneTime", id: "setup", dimension: "cents", amount: "499" };

export const aMinimum: MinimumSpend = {
  kind: "minimumSpend",
  id: "least",
  dimension: "cents",
  perMonth: "310",
};

export const wholeYear = () =>
  aLicense({ activatedAt: NEW_YEAR, plan: { id: "plan", since: NEW_YEAR } });

/** A plan in force from one UTC day until another, or for ever. */
export function aTerm(plan: Plan, from: string, until?: string): PlanTerm {
  const instant = (text: string) => at(text.length === 10 ? `${text}T00:00:00Z` : text);
  return { plan, period: { start: instant(from), end: until ? instant(until) : Infinity } };
}

export const planOf = (id: string, ...charges: readonly Charge[]): Plan => ({
  ...aPlan(...charges),
  id,
});

export interface Given extends Partial<RatingInput> {
  readonly plan?: Plan;
  readonly charges?: readonly Charge[];
  /** Of each day, by day: the account's. */
  readonly cost?: Readonly<Record<string, string>>;
  /** Of each hour, by hour, of the meter `video_minutes`. */
  readonly minutes?: Readonly<Record<string, string>>;
}

/** What each charge comes to, `id month` or `id month trial`, without those that come to nothing. */
export function ratedBy(given: Given): Record<string, string> {
  const { plan, charges = [aShare], cost = {}, minutes = {}, ...over } = given;
  const amounts = rate({
    license: wholeYear(),
    terms: [aTerm(plan ?? aPlan(...charges), "2026-01-01")],
    deployments: [aDeployment({ registeredAt: NEW_YEAR })],
    costs: costMonths(cost),
    usage: usageMonths(minutes),
    entitlements: [],
    months: ["2026-03"],
    now: at("2026-04-01T00:00:00Z"),
    ...over,
  });
  return Object.fromEntries(
    amounts
      .filter(({ usd }) => usd !== 0n)
      .map(({ chargeId, month, usd, phase }) => [
        [chargeId, month, ...(phase === undefined ? [] : [phase])].join(" "),
        usdText(usd),
      ]),
  );
}

export function costMonths(days: Given["cost"] = {}): CostMonth[] {
  const months = [...new Set(Object.keys(days).map((day) => day.slice(0, 7)))];
  return months.map((month) => ({
    deploymentId: "d-1",
    metric: "BilledCost",
    scope: "account",
    month,
    observedAt: 1,
    days: Object.fromEntries(
      Object.entries(days)
        .filter(([day]) => day.startsWith(month))
        .map(([day, usd]): [string, CostDay] => [day, { estimated: false, usd: { Usage: usd } }]),
    ),
  }));
}

export function usageMonths(hours: Given["minutes"] = {}, meter = "video_minutes"): UsageMonth[] {
  const months = [...new Set(Object.keys(hours).map((hour) => hour.slice(0, 7)))];
  return months.map((month) => ({
    licenseId: LICENSE_ID,
    meter,
    month,
    revision: 1,
    hours: Object.fromEntries(Object.entries(hours).filter(([hour]) => hour.startsWith(month))),
  }));
}
