import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, HOUR } from "../../metering/domain/calendar.ts";
import type { License } from "../../metering/domain/license.ts";
import { withPlan } from "../../metering/domain/plan-change.ts";
import { planChoiceAt, type PlanVersion, termsOf } from "../../metering/domain/terms.ts";
import { aLicense, aPlan, at } from "./fixtures.ts";

const CHOSEN = at("2026-02-10T08:30:00Z");
const NOON = at("2026-03-10T12:00:00Z");
const MIDNIGHT = at("2026-03-11T00:00:00Z");

const onPlan = (over: Partial<License> = {}) =>
  aLicense({ plan: { id: "a", since: CHOSEN, fixed: true }, ...over });

describe("A change of plan", () => {
  it("counts from the next UTC midnight and keeps what was before", () => {
    const license = withPlan(onPlan(), "b", NOON);

    expect(license.plan).toEqual({ id: "b", since: MIDNIGHT, fixed: true });
    expect(license.earlierPlans).toEqual([{ id: "a", since: CHOSEN, until: MIDNIGHT }]);
  });

  it("made at midnight itself counts from the next one", () => {
    expect(withPlan(onPlan(), "b", MIDNIGHT).plan?.since).toBe(MIDNIGHT + DAY);
  });

  it("that is undone before midnight leaves no trace", () => {
    const before = onPlan();
    const undone = withPlan(withPlan(before, "b", NOON), "a", MIDNIGHT - 1);

    expect(undone).toEqual(before);
    expect(Object.keys(undone).sort()).toEqual(Object.keys(before).sort());
  });

  it("that is changed again before midnight leaves the last one only", () => {
    const license = withPlan(withPlan(onPlan(), "b", NOON), "c", NOON + HOUR);

    expect(license.plan).toEqual({ id: "c", since: MIDNIGHT, fixed: true });
    expect(license.earlierPlans).toEqual([{ id: "a", since: CHOSEN, until: MIDNIGHT }]);
  });

  it("back to the first plan after a day is another change", () => {
    const license = withPlan(withPlan(onPlan(), "b", NOON), "a", NOON + DAY);

    expect(license.earlierPlans?.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(license.plan).toEqual({ id: "a", since: MIDNIGHT + DAY, fixed: true });
  });

  it("to the plan that is there, or is coming, changes nothing", () => {
    const changed = withPlan(onPlan(), "b", NOON);

    expect(withPlan(changed, "b", NOON + HOUR)).toBe(changed);
  });

  it("of a plan picked today counts at once while no stack is registered", () => {
    const picked = aLicense({ plan: { id: "a", since: NOON } });

    expect(withPlan(picked, "b", NOON + HOUR)).toEqual({
      ...picked,
      plan: { id: "b", since: NOON + HOUR },
    });
    expect(withPlan(picked, "b", NOON + DAY).earlierPlans).toHaveLength(1);
  });

  it("of a subscription that AWS has not activated counts at once, however old the choice is", () => {
    const waiting = aLicense({ activatedAt: undefined, plan: { id: "a", since: CHOSEN } });

    expect(withPlan(waiting, "b", NOON).earlierPlans).toBeUndefined();
  });

  it("never leaves a gap or an overlap, and never touches a day that has begun", () => {
    const versions: PlanVersion[] = ["a", "b", "c"].map((id) => ({
      plan: { ...aPlan(), id },
      since: 0,
    }));
    const step = fc.tuple(
      fc.constantFrom("a", "b", "c"),
      fc.integer({ min: 0, max: 3 * DAY }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let license = aLicense({ plan: undefined });
        let now = CHOSEN;
        for (const [id, pause, registers] of steps) {
          const before = license;
          now += pause;
          license = withPlan(license, id, now);
          const today = Math.floor(now / DAY) * DAY;
          for (const { period } of termsOf(before, versions)) {
            if (period.start >= today) continue;
            const instant = Math.max(period.start, activatedAt(before));
            expect(planChoiceAt(license, instant)?.id).toBe(planChoiceAt(before, instant)?.id);
          }
          if (registers && license.plan !== undefined) {
            license = { ...license, plan: { ...license.plan, fixed: true } };
          }
        }
        const terms = termsOf(license, versions);
        for (const [index, { period }] of terms.entries()) {
          expect(period.start).toBeLessThan(period.end);
          const next = terms[index + 1];
          expect(period.end).toBe(next?.period.start ?? Infinity);
          if (next !== undefined) expect(period.end % DAY).toBe(0);
        }
        expect(terms.at(-1)?.plan.id).toBe(steps.at(-1)?.[0]);
      }),
    );
  });
});

const activatedAt = (license: License) => license.activatedAt ?? 0;
