import fc from "fast-check";
import { expect, it } from "vitest";
import type { Charge, LicenseFee, Plan } from "../../metering/domain/charges.ts";
import type { CostMonth } from "../../metering/domain/cost.ts";
import { rate } from "../../metering/domain/rating.ts";
import type { PlanTerm } from "../../metering/domain/terms.ts";
import { aDeployment, aLicense, aShare, at } from "./fixtures.ts";
import { byHand, type Case, DAY, HOUR } from "./rating-by-hand.ts";
import { aMinimum, aMinute, aSetup, costMonths, usageMonths } from "./rating-world.ts";

const FIRST_DAY = at("2026-01-20T00:00:00Z");
const MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"];

const cents = (most: number) =>
  fc
    .integer({ min: 1, max: most })
    .map((n) => `${Math.floor(n / 100)}.${`${n % 100}`.padStart(2, "0")}`);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const rising = fc
  .uniqueArray(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 3 })
  .map((steps) => steps.sort((a, b) => a - b).map(String));
const tiersOf = <Name extends string>(name: Name, rates: fc.Arbitrary<string>) =>
  maybe(
    fc
      .tuple(rising, fc.array(rates, { minLength: 3, maxLength: 3 }))
      .map(([steps, values]) =>
        steps.map((above, n) => ({ above, [name]: values[n]! }) as Record<Name | "above", string>),
      ),
  );

/** Below what a month comes to as often as above it; a cap below its minimum is refused earlier. */
const bounds = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 300 }), fc.constantFrom(0, 1, 2, 3))
  .map(([least, more, which]) => ({
    minimum: which === 0 || which === 1 ? `${least}.01` : undefined,
    cap: which === 0 || which === 2 ? `${least + more}.01` : undefined,
  }));

function chargesOf(plan: number): fc.Arbitrary<Charge> {
  const percent = fc.constantFrom("20", "3", "12.5", "0.000001", "133.333333");
  return fc.oneof(
    fc
      .record({ percent, tiers: tiersOf("percent", percent), bounds })
      .map(({ percent, tiers, bounds }) => ({
        ...{ ...aShare, id: `share-${plan}`, percent, tiers, ...bounds },
      })),
    fc.record({
      kind: fc.constant("license" as const),
      id: fc.constant(`fee-${plan}`),
      dimension: fc.constant("fee"),
      perMonth: cents(100_000),
      proration: fc.constantFrom<LicenseFee["proration"]>("none", "daily", "hourly"),
    }),
    fc
      .record({
        unitPrice: fc.constantFrom("0.15", "0.00000007", "3"),
        allowance: fc.oneof(
          fc.constant({}),
          fc.constant({ entitled: true }),
          fc.integer({ min: 1, max: 4_000 }).map((n) => ({ included: `${n}.5` })),
        ),
        tiers: tiersOf("unitPrice", fc.constantFrom("0.1", "0.00000001", "5")),
        bounds,
      })
      .map(({ allowance, bounds, ...rest }) => ({
        ...{ ...aMinute, id: `units-${plan}`, ...rest, ...allowance, ...bounds },
      })),
    fc.constant({ ...aSetup, id: `setup-${plan}` }),
    cents(60_000).map((perMonth) => ({ ...aMinimum, id: `least-${plan}`, perMonth })),
  );
}

const planOf = (plan: number): fc.Arbitrary<Plan> =>
  fc.record({
    id: fc.constant(`plan-${plan}`),
    title: fc.constant(""),
    summary: fc.constant(""),
    charges: fc.uniqueArray(chargesOf(plan), { selector: ({ id }) => id, maxLength: 5 }),
    trial: maybe(
      fc.record({ days: fc.integer({ min: 1, max: 30 }), graceDays: maybe(fc.nat({ max: 9 })) }),
    ),
  });

const minutesFrom = (most: number) => fc.integer({ min: 0, max: most }).map((n) => n * 60_000);

const cases: fc.Arbitrary<Case> = fc
  .record({
    plans: fc.tuple(planOf(0), planOf(1), planOf(2)),
    stays: fc.array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 35 })), {
      minLength: 1,
      maxLength: 5,
    }),
    activated: minutesFrom(24 * 60 - 1),
    lived: maybe(minutesFrom(70 * 24 * 60)),
    trial: maybe(fc.integer({ min: 7, max: 50 })),
    passed: minutesFrom(95 * 24 * 60),
    cost: fc.array(
      fc.tuple(fc.nat({ max: 90 }), fc.bigInt({ min: -(10n ** 16n), max: 8n * 10n ** 16n })),
      { maxLength: 40 },
    ),
    units: fc.array(fc.tuple(fc.nat({ max: 90 * 24 }), fc.bigInt({ min: 0n, max: 10n ** 9n })), {
      maxLength: 60,
    }),
    entitled: fc.bigInt({ min: 0n, max: 5_000n }),
  })
  .map(({ plans, stays, activated, lived, trial, passed, cost, units, entitled }) => {
    const activatedAt = FIRST_DAY + activated;
    return {
      ...{ plans, activatedAt, entitled, firstDay: FIRST_DAY, now: FIRST_DAY + passed },
      planOfDay: stays.flatMap(([plan, days]) => Array.from({ length: days }, () => plan)),
      endedAt: lived === undefined ? undefined : activatedAt + lived,
      freeTrialEndsAt: trial === undefined ? undefined : activatedAt + trial * DAY,
      cost: new Map(cost.map(([day, usd]) => [FIRST_DAY + day * DAY, usd])),
      units: new Map(units.map(([hour, count]) => [FIRST_DAY + hour * HOUR, count])),
    };
  });

function termsOf({ plans, planOfDay, firstDay, activatedAt }: Case): PlanTerm[] {
  const starts = planOfDay
    .map((plan, day) => ({ plan, day, start: firstDay + day * DAY }))
    .filter(({ plan, day }) => day === 0 || planOfDay[day - 1] !== plan);
  return starts.map(({ plan, start }, n) => ({
    plan: plans[plan]!,
    period: { start: Math.max(start, activatedAt), end: starts[n + 1]?.start ?? Infinity },
  }));
}

const ofDay = (instant: number) => new Date(instant).toISOString().slice(0, 10);
const ofHour = (instant: number) => new Date(instant).toISOString().slice(0, 13);

function scaled(digits: bigint, decimals: number): string {
  return `${digits}E-${decimals}`;
}

function ratedFrom(given: Case, months = MONTHS): Map<string, bigint> {
  const { activatedAt, endedAt, freeTrialEndsAt, now, cost, units, entitled } = given;
  const costs: CostMonth[] = costMonths(
    Object.fromEntries([...cost].map(([day, usd]) => [ofDay(day), scaled(usd, 14)])),
  );
  const usage = usageMonths(
    Object.fromEntries([...units].map(([hour, count]) => [ofHour(hour), scaled(count, 6)])),
  );
  const amounts = rate({
    ...{ costs, usage, freeTrialEndsAt, months, now },
    license: aLicense({ activatedAt, ...(endedAt === undefined ? {} : { endedAt }) }),
    terms: termsOf(given),
    deployments: [aDeployment({ registeredAt: FIRST_DAY })],
    entitlements: [{ dimension: "cents", units: `${entitled}`, from: 0, until: Infinity }],
  });
  return new Map(
    amounts
      .filter(({ usd }) => usd !== 0n)
      .map(({ chargeId, month, phase = "paid", usd }) => [[chargeId, month, phase].join(" "), usd]),
  );
}

const inOrder = (amounts: ReadonlyMap<string, bigint>) => [...amounts].sort();

it("rates any charges, changes, trials and figures as an account made by hand does", () => {
  fc.assert(
    fc.property(cases, (given) => {
      expect(inOrder(ratedFrom(given))).toEqual(inOrder(byHand(given, MONTHS)));
    }),
    { numRuns: 400 },
  );
});

it("rates each month alone as it does among others", () => {
  fc.assert(
    fc.property(cases, (given) => {
      const alone = MONTHS.flatMap((month) => [...ratedFrom(given, [month])]);
      expect(inOrder(new Map(alone))).toEqual(inOrder(ratedFrom(given)));
    }),
  );
});

it("never owes less at a month's end than at any moment before it, if no figure falls", () => {
  const growing = cases.map((given) => ({
    ...given,
    cost: new Map([...given.cost].filter(([, usd]) => usd >= 0n)),
  }));
  fc.assert(
    fc.property(growing, fc.nat({ max: 2_000 }), (given, hours) => {
      const later = ratedFrom({ ...given, now: given.now + hours * HOUR });
      // What tops up may shrink when figures come in late, never what it tops up to.
      const total = (of: ReadonlyMap<string, bigint>) =>
        [...of.values()].reduce((a, b) => a + b, 0n);
      expect(total(later) >= total(ratedFrom(given))).toBe(true);
    }),
  );
});
