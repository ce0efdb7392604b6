import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactUsd } from "../../metering/domain/money.ts";
import type { Balance, Statement } from "../../metering/domain/statement.ts";
import { verifyStatement } from "../../metering/domain/verify-statement.ts";
import { endedTrialSale, mixedSale, troubledSale } from "./statement-cases.ts";
import { figuresOf, tampered } from "./statement-figures.ts";

const SALES = { mixed: mixedSale(), troubled: troubledSale(), trial: endedTrialSale() };
const STATEMENTS = Object.entries(SALES).flatMap(([name, { months, statement }]) =>
  months.map((month) => ({ name, month, statement: statement(month) })),
);

describe("verification", () => {
  it.each(STATEMENTS)("finds nothing in the $name statement of $month", ({ statement }) => {
    expect(verifyStatement(statement)).toEqual([]);
    // What was read back from a file is the same statement.
    expect(verifyStatement(JSON.parse(JSON.stringify(statement)) as Statement)).toEqual([]);
  });

  it("finds a figure that was changed, whichever it is", () => {
    const places = STATEMENTS.flatMap(({ name, month, statement }) =>
      figuresOf(statement).map((place) => ({ name, month, statement, place })),
    );
    expect(places.length).toBeGreaterThan(5_000);
    fc.assert(
      fc.property(
        fc.nat(places.length - 1),
        fc.oneof(fc.constant(1n), fc.bigInt({ min: 2n, max: 10n ** 9n })),
        (index, by) => {
          const { statement, place, ...where } = places[index] ?? places[0]!;
          const differences = verifyStatement(tampered(statement, place, by));
          expect(differences, JSON.stringify({ ...where, place })).not.toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("says where a figure stands, what it says and what it should be", () => {
    const statement = SALES.mixed.statement("2026-03");
    const place = ["charges", 0, "ratedUsd"];
    const stated = statement.charges[0]?.ratedUsd ?? "";

    expect(verifyStatement(tampered(statement, place))).toContainEqual({
      where: "charges[0].ratedUsd",
      stated: tampered(statement, place).charges[0]?.ratedUsd,
      recomputed: stated,
    });
  });

  it("finds a record that was left out, put in twice, or given to another hour", () => {
    const statement = SALES.troubled.statement("2026-03");
    const [chain] = statement.chains;
    if (chain === undefined) throw new Error("there is a chain");
    const index = chain.items.findIndex(({ kind }) => kind === "record");
    const withItems = (items: typeof chain.items) =>
      verifyStatement({ ...statement, chains: [{ ...chain, items }] });

    expect(withItems(chain.items.toSpliced(index, 1))).not.toEqual([]);
    expect(withItems(chain.items.toSpliced(index, 0, chain.items[index]!))).not.toEqual([]);
    expect(verifyStatement({ ...statement, records: statement.records.slice(1) })).not.toEqual([]);
  });

  it("finds text where a number belongs, without breaking off", () => {
    const statement = SALES.mixed.statement("2026-03");
    const [first, ...others] = statement.charges;
    if (first === undefined) throw new Error("there is a charge");
    const broken = { ...statement, charges: [{ ...first, ratedUsd: "much" }, ...others] };

    expect(verifyStatement(broken).some(({ stated }) => stated.includes('"much"'))).toBe(true);
  });
});

describe("statements of a license's whole life", () => {
  const sums = (all: readonly Balance[], term: keyof Balance) =>
    all.reduce((sum, balance) => sum + exactUsd(balance[term]), 0n);

  it.each(Object.entries(SALES))(
    "come to the same by service and by invoice month (%s)",
    (_, { months, statement }) => {
      const all = months.map(statement);
      const service = all.map(({ totals }) => totals);
      const invoice = all.map((each) => each.invoice);
      const terms = [
        ...["ratedUsd", "creditUsd", "billedUsd", "freeTrialUsd", "pendingUsd"],
        ...["inDoubtUsd", "forfeitedUsd", "writtenOffUsd"],
      ] as (keyof Balance)[];
      for (const term of terms)
        expect([term, sums(service, term)]).toEqual([term, sums(invoice, term)]);
      for (const views of [service, invoice]) {
        for (const [index, balance] of views.entries()) {
          const before = views[index - 1]?.carriedUsd ?? "0";
          expect(balance.carriedInUsd).toBe(before);
        }
      }
    },
  );

  it("bill a month's late cost on the next invoice, labelled with its month", () => {
    const march = SALES.trial.statement("2026-03");
    const late = march.chains
      .flatMap(({ items }) => items)
      .filter((item) => item.kind === "record" && item.hour.startsWith("2026-03"))
      .flatMap((item) => (item.kind === "record" ? item.parts : []))
      .filter(({ month }) => month === "2026-02");
    const sum = late.reduce((all, { amountUsd }) => all + exactUsd(amountUsd), 0n);

    // 26 to 28 February became known in March, three days late.
    expect(sum).toBeGreaterThan(exactUsd("4"));
    expect(exactUsd(march.invoice.billedUsd)).toBe(exactUsd(march.totals.billedUsd) + sum);
  });

  it("write off what a free trial metered too late, and charge nothing for what it metered", () => {
    const february = SALES.trial.statement("2026-02");

    expect(exactUsd(february.totals.writtenOffUsd)).toBeGreaterThan(0n);
    expect(exactUsd(february.totals.freeTrialUsd)).toBeGreaterThan(0n);
    expect(february.charges.map(({ phase }) => phase)).toEqual(["trial", "trial", "paid", "paid"]);
    const [first] = february.days;
    expect(first?.billedCumulativeUsd).toBe("0");
  });

  it("name the days whose cost came too late when the license ended", () => {
    const march = SALES.trial.statement("2026-03");

    const days = march.forfeited.filter(({ dimension }) => dimension === "cents");
    expect(days.map(({ date }) => date)).toEqual(["2026-03-15", "2026-03-16", "2026-03-17"]);
    const sum = march.forfeited.reduce((all, { usd }) => all + exactUsd(usd), 0n);
    expect(sum).toBe(exactUsd(march.totals.forfeitedUsd));
  });

  it("count a resolved record by what evidence found, and say where it was seen", () => {
    const records = SALES.troubled.months.flatMap(
      (month) => SALES.troubled.statement(month).records,
    );
    const resolved = records.filter((record) => record.resolved !== undefined);

    expect(resolved.map((record) => record.resolved?.billed)).toContain(0);
    expect(resolved.every((record) => record.resolved?.source.includes("CloudTrail"))).toBe(true);
  });

  it("sum up records of no units instead of listing them", () => {
    const march = SALES.troubled.statement("2026-03");

    expect(march.totals.zeroRecords).toBeGreaterThan(0);
    expect(march.records.every(({ recordQuantity }) => recordQuantity > 0)).toBe(true);
  });
});
