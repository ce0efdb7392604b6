import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildStatement } from "../../metering/domain/build-statement.ts";
import { type Month, monthOf, monthPeriod } from "../../metering/domain/calendar.ts";
import {
  amountOf,
  isCommitted,
  type MeteringRecord,
  type Outcome,
} from "../../metering/domain/chain.ts";
import { exactUsd } from "../../metering/domain/money.ts";
import { balanceOf, billedByEvidence, divided } from "../../metering/domain/service-months.ts";
import { accepted, aLicense, anItem, aPlan, aShare, at, PRICES } from "./fixtures.ts";

const MONTHS: Month[] = ["2026-01", "2026-02", "2026-03", "2026-04"];
const HOUR = 3_600_000;

const TERMS = ["ratedUsd", "billedUsd", "pendingUsd", "inDoubtUsd", "creditUsd"] as const;

type Rough = { month: number; quantity: number; price: bigint; kind: Outcome["kind"] | "pending" };

/** A chain as the ledger could hold it: running sums true, only the newest item without outcome. */
function chainOf(rough: readonly Rough[]): MeteringRecord[] {
  let committedBefore = 0n;
  const sorted = [...rough].sort((a, b) => a.month - b.month);
  return sorted.map(({ month, quantity, price, kind }, n) => {
    const hour = monthPeriod(MONTHS[month] ?? "2026-01").start + n * HOUR;
    const pending = kind === "pending" && n === rough.length - 1;
    const outcome = {
      kind: kind === "pending" ? "accepted" : kind,
      meteringRecordId: `id-${n}`,
      reason: "r",
      at: hour,
    } as Outcome;
    const item = anItem({
      n,
      hour,
      quantity,
      unitPrice: price,
      committedBefore,
      ...(pending ? {} : { outcome }),
    });
    committedBefore += isCommitted(item.outcome) ? amountOf(item) : 0n;
    return item;
  });
}

const roughItems = fc.array(
  fc.record({
    month: fc.integer({ min: 0, max: 3 }),
    quantity: fc.integer({ min: 1, max: 1_000 }),
    price: fc.constantFrom(1n, 7n, 1_000n, 10_000_000_000n),
    kind: fc.constantFrom<Rough["kind"]>(
      "accepted",
      "accepted",
      "duplicate",
      "expired",
      "refused",
      "in-doubt",
      "pending",
    ),
  }),
  { maxLength: 12 },
);
/** Never none: a record is sealed on a rated amount, and amounts are replaced, never removed. */
const amountsOfMonths = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...MONTHS), fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n })),
  { selector: ([month]) => month, minLength: 1 },
);

describe("a record's units", () => {
  it("belong to exactly one month each, whatever was rated, billed and restated", () => {
    fc.assert(
      fc.property(roughItems, amountsOfMonths, (rough, rated) => {
        for (const { item, parts } of divided(chainOf(rough), new Map(), new Map(rated))) {
          for (const { units } of parts) expect(units).toBeGreaterThan(0);
          const months = parts.map(({ month }) => month);
          expect(months).toEqual([...new Set(months)].sort());
          const units = parts.reduce((all, part) => all + part.units, 0);
          expect(units).toBe(isCommitted(item.outcome) ? item.quantity : 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are owed for the month in which they were used, although billed in the next", () => {
    const april = at("2026-04-01T00:00:00Z");
    const chain = [
      anItem({ quantity: 90, outcome: accepted }),
      anItem({
        n: 1,
        hour: april,
        quantity: 20,
        committedBefore: exactUsd("0.9"),
        outcome: accepted,
      }),
    ];
    const amounts = new Map([
      ["2026-03", exactUsd("1.005")],
      ["2026-04", exactUsd("0.097")],
    ]);
    const shares = divided(chain, billedByEvidence(chain), amounts);
    const account = { phase: "paid", rated: amounts, shares, isClosed: false } as const;
    const [march, second] = ["2026-03", "2026-04"];

    expect(shares.map(({ parts }) => parts)).toEqual([
      [{ month: march, units: 90 }],
      [
        { month: march, units: 10 },
        { month: second, units: 10 },
      ],
    ]);
    expect(balanceOf(account, march ?? "", "service")).toMatchObject({
      carriedIn: 0n,
      billed: exactUsd("1"),
      carried: exactUsd("0.005"),
    });
    expect(balanceOf(account, second ?? "", "service")).toMatchObject({
      carriedIn: exactUsd("0.005"),
      billed: exactUsd("0.1"),
      carried: exactUsd("0.002"),
    });
    // On AWS's invoices the twenty units stand together, in the month of their stamp.
    expect(balanceOf(account, march ?? "", "invoice")).toMatchObject({
      billed: exactUsd("0.9"),
      carried: exactUsd("0.105"),
    });
    expect(balanceOf(account, second ?? "", "invoice")).toMatchObject({
      carriedIn: exactUsd("0.105"),
      billed: exactUsd("0.2"),
      carried: exactUsd("0.002"),
    });
  });

  it("that a restatement took back show as credit in the last month", () => {
    const chain = [anItem({ quantity: 100, outcome: accepted })];
    const amounts = new Map([["2026-03", exactUsd("0.4")]]);
    const shares = divided(chain, new Map(), amounts);
    const account = { phase: "paid", rated: amounts, shares, isClosed: false } as const;

    expect(balanceOf(account, "2026-03", "service")).toMatchObject({
      carriedIn: 0n,
      carried: 0n,
      credit: exactUsd("0.6"),
    });
  });
});

describe("a statement", () => {
  const usd = exactUsd;
  const statementOf = (
    month: Month,
    chains: ReadonlyMap<string, readonly MeteringRecord[]>,
    rated: readonly (readonly [string, Month, bigint])[],
    over: { endedAt?: number; now?: number } = {},
  ) => {
    const now = over.now ?? at("2026-04-20T00:00:00Z");
    return buildStatement({
      license: aLicense({
        activatedAt: at("2026-01-05T08:00:00Z"),
        plan: { id: "plan", since: at("2026-01-05T08:00:00Z") },
        ...(over.endedAt === undefined ? {} : { endedAt: over.endedAt }),
      }),
      terms: [
        { plan: aPlan(aShare), period: { start: at("2026-01-05T08:00:00Z"), end: Infinity } },
      ],
      prices: PRICES,
      deployments: [],
      costs: [],
      usage: [],
      entitlements: undefined,
      months: MONTHS.filter((each) => each <= monthOf(over.endedAt ?? now)),
      amounts: rated.map(([dimension, each, amount]) => ({
        chargeId: `on-${dimension}`,
        dimension,
        month: each,
        usd: amount,
      })),
      chains,
      month,
      now,
    });
  };

  it("balances for any chains and any figures, and months pass on what they carry", () => {
    fc.assert(
      fc.property(
        roughItems,
        roughItems,
        amountsOfMonths,
        amountsOfMonths,
        fc.boolean(),
        (roughCents, roughFees, cents, fees, gone) => {
          const chains = new Map([
            ["cents", chainOf(roughCents)],
            ["fee", chainOf(roughFees)],
          ]);
          const rated = [
            ...cents.map(([month, amount]) => ["cents", month, amount] as const),
            ...fees.map(([month, amount]) => ["fee", month, amount] as const),
          ];
          let units = 0;
          const views = {
            ratedUsd: 0n,
            billedUsd: 0n,
            pendingUsd: 0n,
            inDoubtUsd: 0n,
            creditUsd: 0n,
          };
          for (const month of MONTHS) {
            const over = gone ? { endedAt: at("2026-04-18T00:00:00Z") } : {};
            const { totals: t, records, invoice } = statementOf(month, chains, rated, over);
            expect(usd(t.carriedInUsd) + usd(t.ratedUsd) + usd(t.creditUsd)).toBe(
              usd(t.billedUsd) +
                usd(t.inDoubtUsd) +
                usd(t.pendingUsd) +
                usd(t.carriedUsd) +
                usd(t.forfeitedUsd),
            );
            expect(usd(t.creditUsd) >= 0n).toBe(true);
            const i = invoice;
            expect(usd(i.carriedInUsd) + usd(i.ratedUsd) + usd(i.creditUsd)).toBe(
              usd(i.billedUsd) +
                usd(i.inDoubtUsd) +
                usd(i.pendingUsd) +
                usd(i.carriedUsd) +
                usd(i.forfeitedUsd),
            );
            for (const term of TERMS) views[term] += usd(t[term]) - usd(i[term]);
            const forfeits = gone && month >= "2026-04";
            expect(forfeits ? t.carriedUsd : t.forfeitedUsd).toBe("0");
            const billed = records.filter(({ outcome }) =>
              ["accepted", "duplicate"].includes(outcome),
            );
            expect(usd(t.billedUsd)).toBe(
              billed.reduce((sum, { amountUsd }) => sum + usd(amountUsd), 0n),
            );
            units += t.acceptedUnits;
          }
          // Whatever the months say apart, over all of them both views come to the same.
          expect(Object.values(views)).toEqual([0n, 0n, 0n, 0n, 0n]);
          const all = [...chains.values()].flat();
          expect(units).toBe(
            all
              .filter(({ outcome }) => outcome?.kind === "accepted")
              .reduce((sum, { quantity }) => sum + quantity, 0),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("shows what was not billed as forfeited an hour after the end, and as carried before", () => {
    const chains = new Map([["cents", [anItem({ quantity: 60, outcome: accepted })]]]);
    const rated = [["cents", "2026-03", usd("1")]] as const;
    const endedAt = at("2026-03-20T10:00:00Z");
    const totals = (now: string) =>
      statementOf("2026-03", chains, rated, { endedAt, now: at(now) }).totals;

    expect(totals("2026-03-20T10:59:59Z")).toMatchObject({ carriedUsd: "0.4", forfeitedUsd: "0" });
    expect(totals("2026-03-20T11:00:00Z")).toMatchObject({ carriedUsd: "0", forfeitedUsd: "0.4" });
  });

  it("forfeits once what the months before carried into the last one", () => {
    const chains = new Map([["cents", [anItem({ quantity: 60, outcome: accepted })]]]);
    const rated = [
      ["cents", "2026-03", usd("0.6005")],
      ["cents", "2026-04", usd("0.0007")],
    ] as const;
    const over = { endedAt: at("2026-04-10T10:00:00Z") };
    const [march, april] = ["2026-03", "2026-04"].map(
      (month) => statementOf(month, chains, rated, over).totals,
    );
    expect(march).toMatchObject({ carriedUsd: "0.0005", forfeitedUsd: "0" });
    expect(april).toMatchObject({
      carriedInUsd: "0.0005",
      carriedUsd: "0",
      forfeitedUsd: "0.0012",
    });
  });

  it("names each record by what AWS said of it, with AWS's id only where there is one", () => {
    const kinds = ["accepted", "duplicate", "expired", "refused", "in-doubt", "pending"] as const;
    const chain = chainOf(kinds.map((kind) => ({ month: 2, quantity: 5, price: 1n, kind })));
    const { records, totals } = statementOf("2026-03", new Map([["cents", chain]]), [], {
      now: at("2026-03-25T00:00:00Z"),
    });

    expect(records.map(({ outcome }) => outcome)).toEqual(kinds);
    expect(records.map(({ meteringRecordId }) => meteringRecordId)).toEqual([
      "id-0",
      ...Array.from({ length: 5 }, () => undefined),
    ]);
    expect(totals.records).toEqual({
      accepted: 1,
      duplicate: 1,
      expired: 1,
      refused: 1,
      inDoubt: 1,
    });
    expect(totals).toMatchObject({ acceptedUnits: 5, pendingUsd: "0.000000000005" });
  });

  it("has a line for every day so far, from the one in which the license began", () => {
    const { days } = statementOf("2026-01", new Map(), [], { now: at("2026-01-07T12:00:00Z") });

    expect(days.map(({ date }) => date)).toEqual(["2026-01-05", "2026-01-06", "2026-01-07"]);
    expect(days.every(({ estimated }) => estimated)).toBe(true);
  });
});
