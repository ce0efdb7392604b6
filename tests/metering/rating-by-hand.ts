import type { Charge, Plan } from "../../metering/domain/charges.ts";

/**
 * What the charges of a license come to, reckoned hour by hour and in fractions of big integers.
 * Shares no code with the product: it knows no periods, only which plan an hour has.
 */
export interface Case {
  readonly plans: readonly Plan[];
  /** The plan of each UTC day from the first, by its place in `plans`; the last goes on for ever. */
  readonly planOfDay: readonly number[];
  readonly firstDay: number;
  readonly activatedAt: number;
  readonly endedAt: number | undefined;
  readonly freeTrialEndsAt: number | undefined;
  readonly now: number;
  /** 10⁻¹⁴ USD of each day, 10⁻⁶ units of each hour, by their start. */
  readonly cost: ReadonlyMap<number, bigint>;
  readonly units: ReadonlyMap<number, bigint>;
  /** Whole units, all the time. */
  readonly entitled: bigint;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

interface Share {
  hours: bigint;
  days: bigint;
  cost: Fraction;
  units: Fraction;
}

/** `id month phase` → whole pico-dollars. */
export function byHand(given: Case, months: readonly string[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const month of months) {
    for (const phase of ["trial", "paid"]) {
      for (const plan of new Set(given.planOfDay)) {
        ratePlan(given, given.plans[plan]!, month, phase, sums);
      }
    }
  }
  return new Map([...sums].filter(([, usd]) => usd !== 0n));
}

function ratePlan(
  given: Case,
  plan: Plan,
  month: string,
  phase: string,
  sums: Map<string, bigint>,
): void {
  const share = shareOf(given, plan, month, phase);
  const start = Date.parse(`${month}-01T00:00:00Z`);
  const end = nextMonth(start);
  const daysInMonth = BigInt((end - start) / DAY);
  const over = phase === "paid" && given.now >= Math.min(end, given.endedAt ?? Infinity);
  const byDays = (usd: string) => floored(times(decimal(usd), { n: share.days, d: daysInMonth }));
  let spent = 0n;
  const note = (charge: Charge, usd: bigint) => {
    sums.set([charge.id, month, phase].join(" "), usd);
    spent += usd;
  };
  for (const charge of plan.charges) {
    if (charge.kind === "minimumSpend") continue;
    if (charge.kind === "license") {
      const fee = decimal(charge.perMonth);
      const part = {
        none: { n: share.hours > 0n ? 1n : 0n, d: 1n },
        daily: { n: share.days, d: daysInMonth },
        hourly: { n: share.hours, d: daysInMonth * 24n },
      }[charge.proration];
      note(charge, floored(times(fee, part)));
    } else if (charge.kind === "oneTime") {
      const first = firstRated(given, plan);
      const due = first !== undefined && first >= start && first < end && first <= given.now;
      note(charge, due && phase === "paid" ? floored(decimal(charge.amount)) : 0n);
    } else {
      let usd: bigint;
      if (charge.kind === "percentageOfCost") {
        const steps = (charge.tiers ?? []).map(({ above, percent }) => [above, percent] as const);
        const amount = stepped(share.cost, "0", charge.percent, steps);
        usd = floored(times(amount, { n: 1n, d: 100n }));
      } else {
        const free = charge.entitled ? `${given.entitled}` : (charge.included ?? "0");
        const steps = (charge.tiers ?? []).map(
          ({ above, unitPrice }) => [above, unitPrice] as const,
        );
        usd = floored(stepped(share.units, free, charge.unitPrice, steps));
      }
      const cap = charge.cap === undefined ? undefined : floored(decimal(charge.cap));
      if (cap !== undefined && usd > cap) usd = cap;
      const least = charge.minimum === undefined || !over ? undefined : byDays(charge.minimum);
      note(charge, least !== undefined && usd < least ? least : usd);
    }
  }
  for (const charge of plan.charges) {
    if (charge.kind !== "minimumSpend" || !over) continue;
    const missing = byDays(charge.perMonth) - (spent > 0n ? spent : 0n);
    sums.set([charge.id, month, phase].join(" "), missing > 0n ? missing : 0n);
  }
}

/** Every whole hour and day of the month that the plan has, and what lies in them. */
function shareOf(given: Case, plan: Plan, month: string, phase: string): Share {
  const share: Share = { hours: 0n, days: 0n, cost: ZERO, units: ZERO };
  const start = Date.parse(`${month}-01T00:00:00Z`);
  const counts = (from: number, to: number) =>
    planAt(given, from) === plan &&
    from >= given.activatedAt &&
    to <= Math.min(given.endedAt ?? Infinity, given.now) &&
    from >= trialEnd(given, plan) &&
    phaseAt(given, from) === phase;
  for (let day = start; day < nextMonth(start); day += DAY) {
    if (counts(day, day + DAY)) {
      share.days += 1n;
      share.cost = plus(share.cost, { n: given.cost.get(day) ?? 0n, d: 10n ** 14n });
    }
    for (let hour = day; hour < day + DAY; hour += HOUR) {
      if (counts(hour, hour + HOUR)) share.hours += 1n;
      const first = Math.floor(given.activatedAt / HOUR) * HOUR;
      const used =
        hour >= first &&
        hour < Math.min(given.endedAt ?? Infinity, given.now) &&
        planAt(given, hour) === plan &&
        Math.max(hour, given.activatedAt) >= trialEnd(given, plan) &&
        phaseAt(given, hour) === phase;
      if (used) share.units = plus(share.units, { n: given.units.get(hour) ?? 0n, d: 1_000_000n });
    }
  }
  return share;
}

function planAt({ plans, planOfDay, firstDay }: Case, instant: number): Plan | undefined {
  const day = Math.floor((instant - firstDay) / DAY);
  const place = planOfDay[Math.min(day, planOfDay.length - 1)];
  return place === undefined ? undefined : plans[place];
}

function phaseAt({ freeTrialEndsAt }: Case, instant: number): string {
  if (freeTrialEndsAt === undefined) return "paid";
  return instant < Math.ceil(freeTrialEndsAt / DAY) * DAY ? "trial" : "paid";
}

function trialEnd(given: Case, plan: Plan): number {
  if (plan.trial === undefined) return -Infinity;
  const charging = given.planOfDay.findIndex((place) => given.plans[place]!.charges.length > 0);
  const began = Math.max(given.activatedAt, given.firstDay + charging * DAY);
  const days = plan.trial.days + (plan.trial.graceDays ?? 0);
  return Math.ceil((began + days * DAY) / DAY) * DAY;
}

/** The first moment that is rated and paid in the plan, looked for at the start of each day. */
function firstRated(given: Case, plan: Plan): number | undefined {
  const last = given.firstDay + (given.planOfDay.length + 800) * DAY;
  for (let day = given.firstDay; day < last; day += DAY) {
    const moment = Math.max(day, given.activatedAt);
    const rated =
      planAt(given, moment) === plan &&
      moment < (given.endedAt ?? Infinity) &&
      moment >= trialEnd(given, plan) &&
      phaseAt(given, moment) === "paid";
    if (rated) return moment;
  }
  return undefined;
}

/** Each segment between two steps by its own length: another way to the same sum. */
function stepped(
  total: Fraction,
  free: string,
  first: string,
  steps: readonly (readonly [string, string])[],
): Fraction {
  const begins = [{ n: 0n, d: 1n }, ...steps.map(([above]) => decimal(above))];
  const rates = [first, ...steps.map(([, rate]) => rate)].map(decimal);
  if (total.n < 0n) return decimal(free).n > 0n ? ZERO : times(total, rates[0]!);
  let sum = ZERO;
  for (const [place, rate] of rates.entries()) {
    const from = largest(begins[place]!, decimal(free));
    const to = begins[place + 1] === undefined ? total : smallest(total, begins[place + 1]!);
    if (isLess(from, to)) sum = plus(sum, times(plus(to, { n: -from.n, d: from.d }), rate));
  }
  return sum;
}

const ZERO: Fraction = { n: 0n, d: 1n };

function decimal(text: string): Fraction {
  const [whole = "", fraction = ""] = text.split(".");
  return { n: BigInt(whole + fraction), d: 10n ** BigInt(fraction.length) };
}

const plus = (a: Fraction, b: Fraction) => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
const times = (a: Fraction, b: Fraction) => ({ n: a.n * b.n, d: a.d * b.d });
const isLess = (a: Fraction, b: Fraction) => a.n * b.d < b.n * a.d;
const largest = (a: Fraction, b: Fraction) => (isLess(a, b) ? b : a);
const smallest = (a: Fraction, b: Fraction) => (isLess(a, b) ? a : b);

function floored({ n, d }: Fraction): bigint {
  const pico = n * 10n ** 12n;
  return pico >= 0n ? pico / d : -((-pico + d - 1n) / d);
}

function nextMonth(start: number): number {
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
