import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY } from "../../metering/domain/calendar.ts";
import {
  comingPlan,
  planChoiceAt,
  type PlanVersion,
  termsOf,
} from "../../metering/domain/terms.ts";
import { aFee, aLicense, aPlan, aShare, at } from "./fixtures.ts";

const version = (id: string, since: number, percent = "20"): PlanVersion => ({
  plan: { ...aPlan({ ...aShare, percent }), id },
  since,
});

describe("The terms of a license", () => {
  it("begin with its activation or its plan, whichever is later, and end with its end", () => {
    const early = aLicense({ plan: { id: "plan", since: at("2026-01-01T00:00:00Z") } });
    const late = aLicense({
      plan: { id: "plan", since: at("2026-02-12T10:00:00Z") },
      endedAt: at("2026-03-05T17:20:00Z"),
    });
    const versions = [version("plan", 0)];

    expect(termsOf(early, versions).map(({ period }) => period)).toEqual([
      { start: at("2026-02-10T08:30:00Z"), end: Infinity },
    ]);
    expect(termsOf(late, versions).map(({ period }) => period)).toEqual([
      { start: at("2026-02-12T10:00:00Z"), end: at("2026-03-05T17:20:00Z") },
    ]);
  });

  it("are none before AWS activated the license, and none without a plan", () => {
    const versions = [version("plan", 0)];

    expect(termsOf(aLicense({ activatedAt: undefined }), versions)).toEqual([]);
    expect(termsOf(aLicense({ plan: undefined }), versions)).toEqual([]);
  });

  it("keep a plan as it was until the midnight from which its next version counts", () => {
    const midnight = at("2026-03-11T00:00:00Z");
    const versions = [version("plan", midnight, "15"), version("plan", 0, "20")];

    const terms = termsOf(aLicense(), versions);

    expect(terms.map(({ plan }) => plan.charges[0])).toMatchObject([
      { percent: "20" },
      { percent: "15" },
    ]);
    expect(terms.map(({ period }) => period)).toEqual([
      { start: at("2026-02-10T08:30:00Z"), end: midnight },
      { start: midnight, end: Infinity },
    ]);
  });

  it("count a plan's first version from the beginning, whenever it was first seen", () => {
    const versions = [version("plan", at("2026-05-01T00:00:00Z"))];

    expect(termsOf(aLicense(), versions)[0]?.period.start).toBe(at("2026-02-10T08:30:00Z"));
  });

  it("follow the plans that the buyer changed to, back to an earlier one too", () => {
    const [first, second] = [at("2026-03-01T00:00:00Z"), at("2026-03-20T00:00:00Z")];
    const begun = at("2026-02-10T08:30:00Z");
    const license = aLicense({
      plan: { id: "a", since: second },
      earlierPlans: [
        { id: "a", since: begun, until: first },
        { id: "b", since: first, until: second },
      ],
    });

    const terms = termsOf(license, [version("a", 0), version("b", 0)]);

    expect(terms.map(({ plan, period }) => [plan.id, period.start, period.end])).toEqual([
      ["a", begun, first],
      ["b", first, second],
      ["a", second, Infinity],
    ]);
  });

  it("leave out a plan that nobody ever described", () => {
    expect(termsOf(aLicense(), [version("other", 0)])).toEqual([]);
  });

  it("never overlap and leave no gap, whatever was chosen and redefined", () => {
    const instants = fc.nat({ max: 400 * DAY });
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        instants,
        instants,
        fc.option(instants, { nil: undefined }),
        days,
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 400 }))),
        (activatedAt, chosenAt, endedAt, changeDays, redefined) => {
          const changes = changeDays.map((day) => day * DAY).filter((each) => each > chosenAt);
          const starts = [chosenAt, ...changes.sort((x, y) => x - y)];
          const ids = ["a", "b", "c"];
          const chosen = starts.map((since, index) => ({ id: ids[index % 3]!, since }));
          const license = aLicense({
            activatedAt,
            endedAt,
            plan: chosen.at(-1)!,
            earlierPlans: chosen.slice(0, -1).map((each, index) => ({
              ...each,
              until: starts[index + 1]!,
            })),
          });
          const versions = [
            ...ids.map((id) => version(id, 0)),
            ...redefined.map(([id, day]) => version(id, day * DAY, `${day + 1}`)),
          ];

          const terms = termsOf(license, versions);

          const start = Math.max(activatedAt, chosenAt);
          const end = endedAt ?? Infinity;
          if (start >= end) {
            expect(terms).toEqual([]);
            return;
          }
          expect(terms[0]?.period.start).toBe(start);
          expect(terms.at(-1)?.period.end).toBe(end);
          for (const [index, { period, plan }] of terms.entries()) {
            expect(period.start).toBeLessThan(period.end);
            expect(planChoiceAt(license, period.start)?.id).toBe(plan.id);
            const next = terms[index + 1];
            if (next === undefined) continue;
            expect(next.period.start).toBe(period.end);
            expect(period.end % DAY).toBe(0);
          }
        },
      ),
    );
  });
});

describe("The coming plan", () => {
  it("is one that was changed to and doesn't count yet", () => {
    const midnight = at("2026-03-01T00:00:00Z");
    const since = at("2026-02-10T08:30:00Z");
    const license = aLicense({
      plan: { id: "b", since: midnight },
      earlierPlans: [{ id: "a", since, until: midnight }],
    });

    expect(comingPlan(license, midnight - 1)?.id).toBe("b");
    expect(planChoiceAt(license, midnight - 1)?.id).toBe("a");
    expect(comingPlan(license, midnight)).toBeUndefined();
    expect(planChoiceAt(license, midnight)?.id).toBe("b");
    expect(comingPlan(aLicense(), 0)).toBeUndefined();
  });
});

describe("A charge", () => {
  it("that left a plan is still in the terms of before", () => {
    const midnight = at("2026-03-11T00:00:00Z");
    const versions: PlanVersion[] = [
      { plan: aPlan(aShare, aFee), since: 0 },
      { plan: aPlan(aShare), since: midnight },
    ];

    const charges = termsOf(aLicense(), versions).map(({ plan }) => plan.charges.length);

    expect(charges).toEqual([2, 1]);
  });
});
