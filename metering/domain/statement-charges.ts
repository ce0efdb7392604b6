import { DAY, HOUR, hourOf, type Month, type Period, wholeUnits } from "./calendar.ts";
import type { PercentageOfCost, PerUnit } from "./charges.ts";
import { priceOf, unitsIncluded, unitsUsed } from "./charges/per-unit.ts";
import { percentageOf } from "./charges/percentage-of-cost.ts";
import { daysShare, type MonthSoFar, periodsRun, type Run, unitsRun } from "./charges/run.ts";
import { countedCost } from "./counted-cost.ts";
import { entitledUnits } from "./entitlement.ts";
import { decimalText, exactUsd, parseDecimal, sumDecimals, type Usd, usdText } from "./money.ts";
import {
  firstRan,
  type RatedRun,
  ratedRuns,
  rateRun,
  type RatingInput,
  soFarOf,
} from "./rating.ts";
import { ruleText } from "./rule-text.ts";
import { type Phase, runsOf } from "./runs.ts";
import type {
  CostWorking,
  OnceWorking,
  StatementCharge,
  TopUpWorking,
  UnitsWorking,
  Working,
  WorkingBounds,
} from "./statement.ts";
import { costSteps, unitSteps } from "./statement-steps.ts";
import { usageByDay, usageHourStart } from "./usage.ts";

/** A line for each definition of each charge of the month, with what a calculator needs. */
export function chargeLines(
  input: RatingInput,
  month: Month,
  unitPriceOf: (dimension: string) => string,
): StatementCharge[] {
  return (["trial", "paid"] as const).flatMap((phase) => {
    const runs = runsOf(input, phase);
    const rated = ratedRuns(input, runs, month, phase);
    const soFar = soFarOf(input, month, phase);
    const context = { input, phase, runs, rated, soFar };
    return rated.map((each) => chargeLine(each, context, unitPriceOf));
  });
}

interface Context {
  readonly input: RatingInput;
  readonly phase: Phase;
  /** Of the license's whole life. */
  readonly runs: readonly Run[];
  readonly rated: readonly RatedRun[];
  readonly soFar: MonthSoFar;
}

function chargeLine(
  { run, usd }: RatedRun,
  context: Context,
  unitPriceOf: (dimension: string) => string,
): StatementCharge {
  const { input, phase, runs, soFar } = context;
  const { charge, planId } = run;
  const working = workingOf(run, context);
  const own = charge.kind === "minimumSpend" ? usd : rateRun(input, run, runs, soFar);
  return {
    chargeId: charge.id,
    dimension: charge.dimension,
    planId,
    phase,
    charge,
    rule: ruleText(charge, input.deployments),
    unitPriceUsd: unitPriceOf(charge.dimension),
    periods: ran(run, soFar).map(({ start, end }) => ({ from: iso(start), until: iso(end) })),
    working,
    ...(working.kind === "percentageOfCost"
      ? { costUsd: sumTexts(working.days.map(({ countedUsd }) => countedUsd)) }
      : {}),
    ownUsd: usdText(own),
    ratedUsd: usdText(usd),
  };
}

function workingOf(run: Run, context: Context): Working {
  const { charge } = run;
  const { input, soFar } = context;
  switch (charge.kind) {
    case "percentageOfCost":
      return costWorking({ ...run, charge }, context);
    case "perUnit":
      return unitsWorking({ ...run, charge }, context);
    case "license": {
      const unit = { none: "month", daily: "day", hourly: "hour" } as const;
      const hours = unitsRun(run, soFar, HOUR);
      const figures = {
        none: { counted: hours > 0 ? 1 : 0, of: 1 },
        daily: { counted: unitsRun(run, soFar, DAY), of: wholeUnits(soFar.period, DAY) },
        hourly: { counted: hours, of: wholeUnits(soFar.period, HOUR) },
      }[charge.proration];
      return { kind: "license", unit: unit[charge.proration], ...figures };
    }
    case "oneTime":
      return onceWorking(run, firstRan(charge, context.runs), { ...input, soFar });
    case "minimumSpend":
      return topUpWorking(run, charge.perMonth, context);
  }
}

function costWorking(run: Run<PercentageOfCost>, { input, soFar }: Context): CostWorking {
  const { charge } = run;
  const { days, total } = countedCost(charge, input, periodsRun(run, soFar), soFar.period);
  return {
    kind: "percentageOfCost",
    days: days.map(({ date, usd, estimated, byCategory }) => ({
      date,
      usd: Object.fromEntries(
        [...byCategory].map(([category, amount]) => [category, decimalText(amount)]),
      ),
      countedUsd: decimalText(usd),
      estimated,
    })),
    steps: costSteps(charge, total),
    shareUsd: usdText(percentageOf(charge, total)),
    bounds: boundsOf(run, charge, soFar),
  };
}

function unitsWorking(run: Run<PerUnit>, { input, soFar }: Context): UnitsWorking {
  const { charge } = run;
  const units = unitsUsed(run, input.usage, soFar);
  const included = unitsIncluded(charge, input.entitlements, soFar);
  return {
    kind: "perUnit",
    days: unitDays(run, input, soFar),
    units: decimalText(units),
    ...(included === undefined ? {} : { includedUnits: decimalText(included) }),
    includedBy: includedBy(charge, input, soFar),
    steps: included === undefined ? [] : unitSteps(charge, units, included),
    shareUsd: usdText(included === undefined ? 0n : priceOf(charge, units, included)),
    bounds: boundsOf(run, charge, soFar),
  };
}

function includedBy(
  charge: PerUnit,
  { entitlements }: RatingInput,
  { period }: MonthSoFar,
): UnitsWorking["includedBy"] {
  if (charge.entitled !== true) return "plan";
  const entitled = entitledUnits(entitlements, charge.entitledBy ?? charge.dimension, period);
  const words = {
    units: "contract",
    unlimited: "contract-without-number",
    unknown: "contract-unknown",
  } as const;
  return words[entitled.kind];
}

/** The counted units by day, of the hours that begin while the charge runs. */
function unitDays(run: Run<PerUnit>, { usage }: RatingInput, soFar: MonthSoFar) {
  const periods = periodsRun(run, soFar).map(({ start, end }) => ({ start: hourOf(start), end }));
  const isCounted = (hour: string) =>
    periods.some(({ start, end }) => {
      const begins = usageHourStart(hour);
      return begins >= start && begins < end;
    });
  const hours = usage
    .filter(({ meter, month }) => meter === run.charge.meter && month === soFar.month)
    .flatMap((each) => Object.entries(each.hours))
    .filter(([hour]) => isCounted(hour));
  const byDay = usageByDay({ hours: Object.fromEntries(hours) });
  return Object.entries(byDay).map(([date, units]) => ({ date, units }));
}

function onceWorking(
  { periods }: Run,
  first: number,
  { soFar }: { readonly soFar: MonthSoFar },
): OnceWorking {
  const { period, now } = soFar;
  const isHere = first >= period.start && first < period.end && first <= now;
  const isOfThisRun = periods.some(({ start }) => start === first);
  return { kind: "oneTime", ...(isHere && isOfThisRun ? { firstRan: iso(first) } : {}) };
}

/** What earlier minimums of the plan have taken up counts for this one no more. */
function topUpWorking(run: Run, perMonth: string, context: Context): TopUpWorking {
  const { rated, soFar } = context;
  let spent = 0n;
  for (const other of rated) {
    if (other.run === run) break;
    if (other.run.planId !== run.planId) continue;
    const { charge } = other.run;
    if (charge.kind === "minimumSpend") {
      const owed = soFar.isOver ? daysShare(charge.perMonth, other.run, soFar) : 0n;
      spent = atLeastNothing(atLeastNothing(spent) - owed);
    } else {
      spent += other.usd;
    }
  }
  const { minimumUsd, ...days } = boundsOf(run, { minimum: perMonth }, soFar);
  return {
    kind: "minimumSpend",
    spentUsd: usdText(atLeastNothing(spent)),
    bounds: { ...days, ...(minimumUsd === undefined ? {} : { minimumUsd }) },
  };
}

function boundsOf(
  run: Run,
  { minimum, cap }: { minimum?: string | undefined; cap?: string | undefined },
  soFar: MonthSoFar,
): WorkingBounds {
  return {
    days: unitsRun(run, soFar, DAY),
    ofDays: wholeUnits(soFar.period, DAY),
    ...(minimum === undefined ? {} : { minimumUsd: usdText(daysShare(minimum, run, soFar)) }),
    ...(cap === undefined ? {} : { capUsd: usdText(exactUsd(cap)) }),
  };
}

function ran(run: Run, soFar: MonthSoFar): Period[] {
  return periodsRun(run, soFar).filter(({ start, end }) => start < end);
}

const atLeastNothing = (usd: Usd): Usd => (usd < 0n ? 0n : usd);

function sumTexts(texts: readonly string[]): string {
  return decimalText(sumDecimals(texts.map(parseDecimal)));
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
