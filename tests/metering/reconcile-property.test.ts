import fc from "fast-check";
import { expect, it } from "vitest";
import type { ChainItem } from "../../metering/domain/chain.ts";
import { coverageOf, type Observation, type Trail } from "../../metering/domain/observation.ts";
import { compareLicense } from "../../metering/domain/reconciliation.ts";
import { anItem, at, LICENSE_ID } from "./fixtures.ts";

const HOUR = 3_600_000;
const FIRST = at("2026-03-02T00:00:00Z");
const PERIOD = { start: at("2026-03-01T00:00:00Z"), end: at("2026-04-01T00:00:00Z") };
const WHOLE = {
  region: "us-east-1",
  from: at("2026-02-01T00:00:00Z"),
  through: at("2026-05-01T00:00:00Z"),
  readAt: at("2026-05-01T02:00:00Z"),
  isComplete: true,
  source: "the event history",
};

interface Told {
  readonly quantity: number;
  readonly outcome: "accepted" | "expired" | "refused";
  readonly resends: number;
}

const told: fc.Arbitrary<Told[]> = fc.array(
  fc.record({
    quantity: fc.integer({ min: 1, max: 2_147_483_647 }),
    outcome: fc.constantFrom("accepted", "accepted", "expired", "refused"),
    resends: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 1, maxLength: 12 },
);

function chainOf(records: readonly Told[]): ChainItem[] {
  return records.map(({ quantity, outcome }, n) =>
    anItem({
      n,
      quantity,
      hour: FIRST + n * 2 * HOUR,
      outcome:
        outcome === "accepted"
          ? { kind: outcome, meteringRecordId: `id-${n}`, at: 0 }
          : outcome === "refused"
            ? { kind: outcome, reason: "CustomerNotSubscribed", at: 0 }
            : { kind: outcome, at: 0 },
    }),
  );
}

/** Calls as they would be seen: lost ones refused, accepted ones once or more. */
function seen(records: readonly Told[]): Observation[] {
  return records.flatMap(({ quantity, outcome, resends }, n) =>
    Array.from({ length: resends + 1 }, (_, index) => ({
      region: "us-east-1",
      at: FIRST + n * 2 * HOUR + HOUR + index,
      eventId: `event-${n}-${index}`,
      caller: "arn:aws:sts::999988887777:assumed-role/meter/worker",
      licenseId: LICENSE_ID,
      buyer: "111122223333",
      dimension: "cents",
      stamp: FIRST + n * 2 * HOUR,
      quantity,
      answer:
        outcome === "accepted"
          ? ({ kind: "success", meteringRecordId: `id-${n}` } as const)
          : ({ kind: "not-billed", word: "CustomerNotSubscribed" } as const),
    })),
  );
}

const compare = (chain: readonly ChainItem[], observations: readonly Observation[]) =>
  compareLicense({
    license: { licenseId: LICENSE_ID, meteringRegion: "us-east-1" },
    chains: new Map([["cents", chain]]),
    trail: { observations, omitted: [], coverage: [WHOLE] },
    priceAt: () => 1n,
    period: PERIOD,
  });

const MUTATIONS: Readonly<Record<string, (one: Observation) => Observation>> = {
  quantity: (one) => ({ ...one, quantity: one.quantity === 1 ? 2 : one.quantity - 1 }),
  hour: (one) => ({ ...one, stamp: one.stamp + HOUR }),
  dimension: (one) => ({ ...one, dimension: "Cents" }),
  region: (one) => ({ ...one, region: "eu-west-1" }),
  identification: ({ licenseId: _licenseId, ...one }) => ({ ...one, productCode: "code" }),
  id: (one) => ({ ...one, answer: { kind: "success", meteringRecordId: "another" } }),
};

it("finds no difference where every call is what the ledger says", () => {
  fc.assert(
    fc.property(told, (records) => {
      const { differences, agreed, notCovered } = compare(chainOf(records), seen(records));
      expect(differences).toEqual([]);
      expect([agreed, notCovered]).toEqual([records.length, 0]);
    }),
  );
});

it.each(Object.entries(MUTATIONS))(
  "finds a difference when a successful call's %s is another",
  (_, mutate) => {
    fc.assert(
      fc.property(told, fc.nat(), (records, pick) => {
        const observations = seen(records);
        const successes = observations.filter(({ answer }) => answer.kind === "success");
        fc.pre(successes.length > 0);
        const changed = successes[pick % successes.length];
        const mutated = observations.map((one) => (one === changed ? mutate(one) : one));
        expect(compare(chainOf(records), mutated).differences.length).toBeGreaterThan(0);
      }),
    );
  },
);

it("finds a difference when a lost record was billed, and when all of a record's calls failed", () => {
  fc.assert(
    fc.property(told, fc.nat(), (records, pick) => {
      const n = pick % records.length;
      const other = records.map((one, index): Told => {
        if (index !== n) return one;
        const outcome: Told["outcome"] = one.outcome === "accepted" ? "expired" : "accepted";
        return { ...one, outcome };
      });
      const { differences } = compare(chainOf(records), seen(other));
      const wanted = records[n]?.outcome === "accepted" ? "not-at-aws" : "billed-after-all";
      expect(differences.map(({ kind }) => kind)).toEqual([wanted]);
    }),
  );
});

it("finds a difference for any call that the ledger doesn't know", () => {
  fc.assert(
    fc.property(told, fc.integer({ min: 0, max: 20 }), (records, hour) => {
      const observations = seen(records);
      const [first] = observations;
      if (first === undefined) return;
      const strange: Observation = {
        ...first,
        stamp: FIRST + (2 * hour + 1) * HOUR,
        eventId: "strange",
        answer: { kind: "success", meteringRecordId: "strange" },
      };
      const { differences } = compare(chainOf(records), [...observations, strange]);
      expect(differences).toMatchObject([
        { kind: "unknown-to-ledger", billedTwice: BigInt(first.quantity) },
      ]);
    }),
  );
});

it.each<[string, Partial<Trail>, string]>([
  ["holds the whole window", {}, "complete"],
  ["begins a second late", { coverage: [{ ...WHOLE, from: FIRST + 1000 }] }, "none"],
  ["ends a second early", { coverage: [{ ...WHOLE, through: FIRST + 24 * HOUR - 1000 }] }, "none"],
  ["was read too early", { coverage: [{ ...WHOLE, readAt: FIRST + 25 * HOUR - 1 }] }, "partial"],
  ["comes from files", { coverage: [{ ...WHOLE, isComplete: false }] }, "partial"],
  ["is of another region", { coverage: [{ ...WHOLE, region: "eu-west-1" }] }, "none"],
  [
    "leaves a call out",
    { omitted: [{ region: "us-east-1", at: FIRST + HOUR, eventId: "big" }] },
    "none",
  ],
  [
    "leaves a call out that came too late for it",
    { omitted: [{ region: "us-east-1", at: FIRST + 24 * HOUR, eventId: "big" }] },
    "complete",
  ],
])("a log that %s covers a record: %3$s", (_, over, kind) => {
  const trail = { coverage: [WHOLE], omitted: [], ...over };

  expect(coverageOf(trail, { region: "us-east-1", stamp: FIRST }).kind).toBe(kind);
});

it.each([
  ["the whole event history", WHOLE, { about: 0, billed: 0 }],
  ["exported files", { ...WHOLE, isComplete: false }, undefined],
])("takes absence from %s for what it proves of a record in doubt", (_, span, finding) => {
  const outcome = { kind: "in-doubt", reason: "", at: 0 } as const;
  const { differences } = compareLicense({
    license: { licenseId: LICENSE_ID, meteringRegion: "us-east-1" },
    chains: new Map([["cents", [anItem({ hour: FIRST, outcome })]]]),
    trail: { observations: [], omitted: [], coverage: [span] },
    priceAt: () => 1n,
    period: PERIOD,
  });

  expect(differences).toHaveLength(1);
  expect(differences[0]?.finding).toEqual(finding && expect.objectContaining(finding));
});
