import { DAY, HOUR, monthPeriod } from "./calendar.ts";
import type {
  CostWorking,
  Statement,
  StatementCharge,
  UnitsWorking,
  WorkingBounds,
  WorkingStep,
} from "./statement.ts";
import {
  type Exact,
  exact,
  exactText,
  floored,
  flooredShare,
  times,
  total,
} from "./verify-arithmetic.ts";
import type { Checks } from "./verify-checks.ts";
import { daysRan, hoursRan, monthAt } from "./verify-month.ts";

/** Each charge's working by its own definition, and all of them together as of now. */
export function verifyCharges(statement: Statement, checks: Checks): void {
  const now = Date.parse(statement.generatedAt);
  const month = monthAt(statement, now, Infinity);
  for (const [index, line] of statement.charges.entries()) {
    const where = `charges[${index}]`;
    checks.within(where, () => {
      verifyWorking(line, statement, where, checks);
      verifyWords(line, statement, where, checks);
      const amounts = month.get(line);
      checks.figure(`${where}.ownUsd`, line.ownUsd, amounts?.own ?? 0n);
      checks.figure(`${where}.ratedUsd`, line.ratedUsd, amounts?.rated ?? 0n);
      if (line.working.kind === "minimumSpend") {
        checks.figure(`${where}.working.spentUsd`, line.working.spentUsd, amounts?.spent ?? 0n);
      }
    });
  }
}

function verifyWorking(
  line: StatementCharge,
  statement: Statement,
  where: string,
  checks: Checks,
): void {
  const { charge, working } = line;
  checks.text(`${where}.working.kind`, working.kind, charge.kind);
  const at = `${where}.working`;
  const now = Date.parse(statement.generatedAt);
  if (charge.kind === "percentageOfCost" && working.kind === "percentageOfCost") {
    verifyCost(line, working, charge.exclude, at, checks);
    const tiers = (charge.tiers ?? []).map(({ above, percent }) => ({ above, rate: percent }));
    const cost = total(working.days.map(({ countedUsd }) => exact(countedUsd)));
    verifySteps(
      working,
      [{ above: "0", rate: charge.percent }, ...tiers],
      cost,
      "0.01",
      at,
      checks,
    );
    checks.figure(`${where}.costUsd`, line.costUsd ?? "0", cost);
    verifyBounds(working.bounds, charge, line, statement, at, checks);
  } else if (charge.kind === "perUnit" && working.kind === "perUnit") {
    verifyUnits(working, charge, at, checks);
    verifyBounds(working.bounds, charge, line, statement, at, checks);
  } else if (charge.kind === "license" && working.kind === "license") {
    const { start, end } = monthPeriod(statement.month);
    const hours = hoursRan(line, now);
    const figures = {
      none: { unit: "month", counted: hours > 0 ? 1 : 0, of: 1 },
      daily: { unit: "day", counted: daysRan(line, now), of: Math.floor((end - start) / DAY) },
      hourly: { unit: "hour", counted: hours, of: Math.floor((end - start) / HOUR) },
    }[charge.proration];
    checks.text(`${at}.unit`, working.unit, figures.unit);
    checks.figure(`${at}.counted`, working.counted, figures.counted);
    checks.figure(`${at}.of`, working.of, figures.of);
  } else if (charge.kind === "oneTime" && working.kind === "oneTime") {
    const { firstRan } = working;
    const began = line.periods.some(({ from }) => from === firstRan);
    checks.that(
      `${at}.firstRan`,
      firstRan ?? "",
      firstRan === undefined || began,
      "the beginning of one of its periods",
    );
  } else if (charge.kind === "minimumSpend" && working.kind === "minimumSpend") {
    verifyBounds(working.bounds, { minimum: charge.perMonth }, line, statement, at, checks);
  }
}

function verifyCost(
  { periods }: StatementCharge,
  { days }: CostWorking,
  exclude: readonly string[],
  at: string,
  checks: Checks,
): void {
  for (const [index, { date, usd, countedUsd }] of days.entries()) {
    const where = `${at}.days[${index}]`;
    const counted = Object.entries(usd).filter(([category]) => !exclude.includes(category));
    checks.figure(`${where}.countedUsd`, countedUsd, total(counted.map(([, text]) => exact(text))));
    const begins = Date.parse(`${date}T00:00:00Z`);
    const isInside = periods.some(
      ({ from, until }) => Date.parse(from) <= begins && begins + DAY <= Date.parse(until),
    );
    checks.that(where, date, isInside, "a whole day on which the charge ran");
    checks.that(
      where,
      date,
      index === 0 || date > (days[index - 1]?.date ?? ""),
      "a day after the one before",
    );
  }
}

function verifyUnits(
  working: UnitsWorking,
  charge: Extract<StatementCharge["charge"], { kind: "perUnit" }>,
  at: string,
  checks: Checks,
): void {
  const units = total(working.days.map((day) => exact(day.units)));
  checks.figure(`${at}.units`, working.units, units);
  const { includedBy, includedUnits } = working;
  checks.that(
    `${at}.includedBy`,
    includedBy,
    (includedBy === "plan") === (charge.entitled !== true),
    "as the charge says",
  );
  if (includedBy === "plan") {
    checks.figure(`${at}.includedUnits`, includedUnits ?? "0", exact(charge.included ?? "0"));
  }
  if (includedBy === "contract-without-number" || includedBy === "contract-unknown") {
    // Nothing is known to go beyond the contract.
    checks.figure(`${at}.steps.length`, working.steps.length, 0);
    checks.figure(`${at}.shareUsd`, working.shareUsd, 0);
    return;
  }
  const included = exact(includedUnits ?? "0");
  const priced = [
    { above: "0", rate: charge.unitPrice },
    ...(charge.tiers ?? []).map(({ above, unitPrice }) => ({ above, rate: unitPrice })),
  ];
  const rateAtIncluded = priced.filter(({ above }) => exact(above) <= included).at(-1);
  const steps =
    included <= 0n
      ? priced
      : [
          { above: "0", rate: "0" },
          { above: exactText(included), rate: rateAtIncluded?.rate ?? charge.unitPrice },
          ...priced.filter(({ above }) => exact(above) > included),
        ];
  verifySteps(working, steps, units, "1", at, checks);
}

/** Every step's part of the whole, at its own rate; then the floor of their sum. */
function verifySteps(
  working: { readonly steps: readonly WorkingStep[]; readonly shareUsd: string },
  expected: readonly { readonly above: string; readonly rate: string }[],
  whole: Exact,
  unit: string,
  at: string,
  checks: Checks,
): void {
  checks.figure(`${at}.steps.length`, working.steps.length, expected.length);
  let sum = 0n;
  for (const [index, { above, rate }] of expected.entries()) {
    const stated = working.steps[index];
    const next = expected[index + 1];
    const top = next === undefined || whole < exact(next.above) ? whole : exact(next.above);
    const inside = top - exact(above);
    const of = index > 0 && inside < 0n ? 0n : inside;
    const comesTo = times(times(of, exact(rate)), exact(unit));
    sum += comesTo;
    if (stated === undefined) continue;
    const where = `${at}.steps[${index}]`;
    checks.figure(`${where}.above`, stated.above, exact(above));
    checks.figure(`${where}.rate`, stated.rate, exact(rate));
    checks.figure(`${where}.of`, stated.of, of);
    checks.figure(`${where}.comesToUsd`, stated.comesToUsd, comesTo);
  }
  checks.figure(`${at}.shareUsd`, working.shareUsd, floored(sum));
}

function verifyBounds(
  bounds: WorkingBounds,
  { minimum, cap }: { readonly minimum?: string | undefined; readonly cap?: string | undefined },
  line: StatementCharge,
  statement: Statement,
  at: string,
  checks: Checks,
): void {
  const { start, end } = monthPeriod(statement.month);
  const days = daysRan(line, Date.parse(statement.generatedAt));
  const ofDays = Math.floor((end - start) / DAY);
  checks.figure(`${at}.bounds.days`, bounds.days, days);
  checks.figure(`${at}.bounds.ofDays`, bounds.ofDays, ofDays);
  const share = minimum === undefined ? 0n : flooredShare(exact(minimum), days, ofDays);
  checks.figure(`${at}.bounds.minimumUsd`, bounds.minimumUsd ?? "0", share);
  checks.figure(`${at}.bounds.capUsd`, bounds.capUsd ?? "0", exact(cap ?? "0"));
}

/** What a person reads must name the figures that a program computes with. */
function verifyWords(
  { charge, rule, dimension, unitPriceUsd }: StatementCharge,
  { prices }: Statement,
  where: string,
  checks: Checks,
): void {
  const figures = Object.entries(charge).flatMap(([name, value]) =>
    ["id", "dimension", "kind", "meter", "entitledBy"].includes(name) ? [] : figuresIn(value),
  );
  const said: readonly string[] = rule.match(/\d+(?:\.\d+)?/g) ?? [];
  for (const figure of figures) {
    checks.that(`${where}.rule`, rule, said.includes(figure), `a sentence that names ${figure}`);
  }
  const price = prices.findLast((each) => each.dimension === dimension)?.unitPriceUsd ?? "";
  checks.text(`${where}.unitPriceUsd`, unitPriceUsd, price);
}

function figuresIn(value: unknown): string[] {
  if (typeof value === "string") return /^\d+(?:\.\d+)?$/.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(figuresIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(figuresIn);
  return [];
}
