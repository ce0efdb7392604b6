import { dayPeriod, DAY } from "./calendar.ts";
import type { Statement, StatementRecord } from "./statement.ts";
import { exact, total } from "./verify-arithmetic.ts";
import { verifyBalances, verifyChains } from "./verify-chains.ts";
import { type Checks, createChecks, type Difference } from "./verify-checks.ts";
import { verifyCharges } from "./verify-charges.ts";
import { monthAt } from "./verify-month.ts";

/**
 * Recomputes a statement from its own figures, and answers each one that the others contradict.
 *
 * It needs nothing else, and shares no arithmetic with what builds statements. It can't know whether
 * the figures at the bottom (AWS's cost, usage, AWS's record ids) are true: compare those with AWS.
 */
export function verifyStatement(statement: Statement): readonly Difference[] {
  const checks = createChecks();
  verifyCharges(statement, checks);
  checks.within("days", () => verifyDays(statement, checks));
  checks.within("excludedCost", () => verifyCost(statement, checks));
  verifyChains(statement, checks);
  checks.within("records", () => verifyRecords(statement, checks));
  verifyBalances(statement, checks);
  checks.within("totals", () => verifySums(statement, checks));
  checks.within("terms", () => verifyTermsAndPrices(statement, checks));
  return checks.differences;
}

function verifyDays(statement: Statement, checks: Checks): void {
  const now = Date.parse(statement.generatedAt);
  for (const [index, day] of statement.days.entries()) {
    const where = `days[${index}]`;
    const { end } = dayPeriod(day.date);
    const previous = statement.days[index - 1]?.date;
    checks.that(
      `${where}.date`,
      day.date,
      day.date.startsWith(statement.month) &&
        (previous === undefined || dayPeriod(previous).end === end - DAY),
      "the day after the one before, in this month",
    );
    const rated = [...monthAt(statement, Math.min(end, now), end).values()];
    checks.figure(
      `${where}.ratedCumulativeUsd`,
      day.ratedCumulativeUsd,
      total(rated.map((line) => line.rated)),
    );
    const billed = statement.records.filter(
      ({ outcome, phase, hour }) =>
        outcome === "accepted" && phase === undefined && Date.parse(hour) < end,
    );
    checks.figure(
      `${where}.billedCumulativeUsd`,
      day.billedCumulativeUsd,
      total(billed.map(({ amountUsd }) => exact(amountUsd))),
    );
  }
}

/** Each dollar of AWS's once: counted if any charge that looks at it counts it. */
function verifyCost(statement: Statement, checks: Checks): void {
  const figures = new Map<
    string,
    { date: string; category: string; usd: string; counts: boolean }
  >();
  for (const { charge, working } of statement.charges) {
    if (charge.kind !== "percentageOfCost" || working.kind !== "percentageOfCost") continue;
    for (const { date, usd } of working.days) {
      for (const [category, text] of Object.entries(usd)) {
        const key = [date, charge.costMetric, charge.costScope, category].join(" ");
        const known = figures.get(key);
        checks.text(`cost of ${key}`, text, known?.usd ?? text);
        const counts = !charge.exclude.some((each) => each === category);
        figures.set(key, { date, category, usd: text, counts: counts || known?.counts === true });
      }
    }
  }
  const all = [...figures.values()];
  const sum = (of: typeof all) => total(of.map(({ usd }) => exact(usd)));
  for (const [index, { date, costUsd }] of statement.days.entries()) {
    const counted = all.filter((each) => each.date === date && each.counts);
    checks.figure(`days[${index}].costUsd`, costUsd, sum(counted));
  }
  const excluded = new Set(all.filter(({ counts }) => !counts).map(({ category }) => category));
  const stated = new Map(statement.excludedCost.map((line) => [line.category, line.usd]));
  for (const category of new Set([...excluded, ...stated.keys()])) {
    const figure = sum(all.filter((each) => each.category === category && !each.counts));
    checks.figure(`excludedCost ${category}`, stated.get(category) ?? "0", figure);
  }
  checks.figure(
    "totals.costUsd",
    statement.totals.costUsd,
    total(statement.days.map(({ costUsd }) => exact(costUsd))),
  );
}

/** The list of records is what the chains' items say of the month, no more and no less. */
function verifyRecords(statement: Statement, checks: Checks): void {
  const expected = statement.chains.flatMap(({ dimension, items }) =>
    items.flatMap((item) => {
      if (item.kind !== "record") return [];
      const part = item.parts.find(({ month }) => month === statement.month);
      const failed = item.parts.length === 0 && item.hour.startsWith(statement.month);
      if (part === undefined && !failed) return [];
      return [{ dimension, item, quantity: part?.quantity ?? item.quantity }];
    }),
  );
  checks.figure("records.length", statement.records.length, expected.length);
  for (const [index, { dimension, item, quantity }] of expected.entries()) {
    const record = statement.records[index];
    if (record === undefined) continue;
    const at = `records[${index}]`;
    checks.text(`${at}.hour`, record.hour, item.hour);
    checks.text(`${at}.dimension`, record.dimension, dimension);
    checks.text(`${at}.outcome`, record.outcome, item.outcome);
    checks.text(`${at}.meteringRecordId`, record.meteringRecordId, item.meteringRecordId);
    checks.text(`${at}.phase`, record.phase, item.phase);
    checks.figure(`${at}.quantity`, record.quantity, quantity);
    checks.figure(`${at}.recordQuantity`, record.recordQuantity, item.quantity);
    checks.figure(`${at}.unitPriceUsd`, record.unitPriceUsd, exact(item.unitPriceUsd));
    checks.figure(`${at}.resolved`, record.resolved?.billed ?? 0, item.resolved?.billed ?? 0);
    const amount = BigInt(record.quantity) * exact(record.unitPriceUsd);
    checks.figure(`${at}.amountUsd`, record.amountUsd, amount);
  }
}

function verifySums({ totals, records, reading, adjustments, ...rest }: Statement, checks: Checks) {
  const of = (kind: StatementRecord["outcome"]) =>
    records.filter(({ outcome }) => outcome === kind);
  const units = of("accepted").reduce((sum, { quantity }) => sum + quantity, 0);
  checks.figure("totals.acceptedUnits", totals.acceptedUnits, units);
  const counts = {
    accepted: of("accepted").length,
    duplicate: of("duplicate").length,
    expired: of("expired").length,
    refused: of("refused").length,
    inDoubt: of("in-doubt").length,
  };
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
    checks.figure(`totals.records.${name}`, totals.records[name], counts[name]);
  }
  const zeros = rest.chains
    .flatMap(({ items }) => items)
    .reduce((sum, item) => {
      const isHere = item.kind === "zeros" && item.firstHour.startsWith(rest.month);
      return isHere ? sum + item.through - item.n + 1 : sum;
    }, 0);
  checks.figure("totals.zeroRecords", totals.zeroRecords, zeros);
  const requests = reading.reduce((sum, line) => sum + line.requests, 0);
  checks.figure("totals.readingRequests", totals.readingRequests, requests);
  checks.figure(
    "totals.readingUsd",
    totals.readingUsd,
    total(reading.map(({ usd }) => exact(usd))),
  );
  const adjusted = total(adjustments.map(({ usd }) => exact(usd)));
  checks.figure("totals.adjustedUsd", totals.adjustedUsd, adjusted);
}

function verifyTermsAndPrices(statement: Statement, checks: Checks): void {
  for (const [index, { from, until, days }] of statement.terms.entries()) {
    const first = Math.ceil(Date.parse(from) / DAY);
    const last = Math.floor(Date.parse(until) / DAY);
    checks.figure(`terms[${index}].days`, days, Math.max(0, last - first));
  }
  for (const [index, { words, unitPriceUsd }] of statement.prices.entries()) {
    const begins = words.startsWith(`$${unitPriceUsd} `);
    checks.that(`prices[${index}].unitPriceUsd`, unitPriceUsd, begins, `as in: ${words}`);
  }
  for (const { dimension, items } of statement.chains) {
    const prices = statement.prices.filter((price) => price.dimension === dimension);
    for (const item of items) {
      if (item.kind !== "record" || !item.hour.startsWith(statement.month)) continue;
      const inForce = prices.findLast(({ from }) => from === undefined || from <= item.hour);
      if (inForce === undefined) continue;
      checks.figure(
        `unit price of ${dimension} at ${item.hour}`,
        item.unitPriceUsd,
        exact(inForce.unitPriceUsd),
      );
    }
  }
}
