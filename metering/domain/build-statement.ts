import type { ChainItem } from "./chain.ts";
import type { Charge, PercentageOfCost, Plan } from "./charges.ts";
import { dayPeriod, daysOf, monthOf, monthPeriod, type Month, overlap } from "./calendar.ts";
import type { CostMonth } from "./cost.ts";
import type { Deployment, Instant, License } from "./license.ts";
import { FINAL_WINDOW_MS } from "./limits.ts";
import {
  addDecimal,
  type Decimal,
  decimalText,
  sumDecimals,
  type Usd,
  usdText,
  ZERO,
} from "./money.ts";
import { type CountedCost, countedCost } from "./counted-cost.ts";
import { type PriceList, unitPriceAt } from "./prices.ts";
import { rate, type RatedAmount } from "./rating.ts";
import { ruleText } from "./rule-text.ts";
import { ratedTerms } from "./runs.ts";
import { livePeriod } from "./uses.ts";
import { attribute, type AttributedRecord } from "./service-months.ts";
import type { Statement, StatementDay, StatementTotals } from "./statement.ts";
import type { PlanTerm } from "./terms.ts";

export interface StatementInput {
  readonly license: License;
  readonly plan: Plan;
  readonly terms: readonly PlanTerm[];
  readonly prices: PriceList;
  readonly deployments: readonly Deployment[];
  readonly costs: readonly CostMonth[];
  /** Of all months in which the license was metered. */
  readonly amounts: readonly RatedAmount[];
  /** One chain for each dimension that was ever rated. */
  readonly chains: ReadonlyMap<string, readonly ChainItem[]>;
  readonly month: Month;
  readonly now: Instant;
}

/** Explains a license's service month. Pure: the same ledger gives the same statement. */
export function buildStatement(input: StatementInput): Statement {
  const { license, plan, month, now } = input;
  const counted = new Map(percentages(plan).map((charge) => [charge.id, countOf(charge, input)]));
  const attributed = [...input.chains].map(([dimension, chain]) => ({
    dimension,
    ...attribute({ chain, amounts: amountsOf(input.amounts, dimension), month }),
  }));
  const records = attributed.flatMap(({ dimension, records }) =>
    records.map((record) => ({ dimension, ...record })),
  );
  return {
    licenseArn: license.licenseArn,
    buyerAccountId: license.buyerAccountId,
    plan: { id: plan.id, title: plan.title },
    month,
    generatedAt: now,
    charges: [
      ...plan.charges.map((charge) => chargeLine(charge, input, counted.get(charge.id))),
      ...earlierChargeLines(input),
    ],
    days: dayLines(input, counted, records),
    excludedCost: excludedCost([...counted.values()]),
    records: records.map(({ dimension, item, quantity }) => ({
      hour: new Date(item.hour).toISOString(),
      dimension,
      quantity,
      recordQuantity: item.quantity,
      unitPriceUsd: usdText(item.unitPrice),
      amountUsd: usdText(BigInt(quantity) * item.unitPrice),
      outcome: item.outcome?.kind ?? "pending",
      ...(item.outcome?.kind === "accepted"
        ? { meteringRecordId: item.outcome.meteringRecordId }
        : {}),
      sealedAt: item.sealedAt,
    })),
    totals: totals(input, counted, attributed, records),
  };
}

type Attributed = ReturnType<typeof attribute>;

function totals(
  { amounts, month, license, now }: StatementInput,
  counted: ReadonlyMap<string, CountedCost>,
  attributed: readonly Attributed[],
  records: readonly AttributedRecord[],
): StatementTotals {
  const of = (...kinds: string[]) =>
    records.filter(({ item }) => kinds.includes(item.outcome?.kind ?? "pending"));
  const money = (some: readonly AttributedRecord[]) =>
    some.reduce((sum, { quantity, item }) => sum + BigInt(quantity) * item.unitPrice, 0n);
  const sum = (pick: (of: Attributed) => Usd) => attributed.reduce((all, a) => all + pick(a), 0n);
  const rated = amounts
    .filter((amount) => amount.month === month)
    .reduce((all, { usd }) => all + usd, 0n);
  const open = sum(({ carried }) => carried);
  const { endedAt } = license;
  // An earlier month's rest was carried on; only what the last month is left with is lost.
  const gone =
    endedAt !== undefined && now >= endedAt + FINAL_WINDOW_MS && month >= monthOf(endedAt);
  return {
    costUsd: decimalText(sumDecimals([...counted.values()].map(({ total }) => total))),
    carriedInUsd: usdText(sum(({ carriedIn }) => carriedIn)),
    ratedUsd: usdText(rated),
    billedUsd: usdText(money(of("accepted", "duplicate"))),
    pendingUsd: usdText(money(of("pending"))),
    inDoubtUsd: usdText(money(of("in-doubt"))),
    carriedUsd: usdText(gone ? 0n : open),
    creditUsd: usdText(sum(({ credit }) => credit)),
    forfeitedUsd: usdText(gone ? open : 0n),
    acceptedUnits: of("accepted").reduce((units, { quantity }) => units + quantity, 0),
    records: {
      accepted: of("accepted").length,
      duplicate: of("duplicate").length,
      expired: of("expired").length,
      refused: of("refused").length,
      inDoubt: of("in-doubt").length,
    },
  };
}

function chargeLine(charge: Charge, input: StatementInput, counted: CountedCost | undefined) {
  const { amounts, month } = input;
  const rated = amounts.find((a) => a.chargeId === charge.id && a.month === month);
  return {
    chargeId: charge.id,
    dimension: charge.dimension,
    unitPriceUsd: unitPriceOf(charge.dimension, input),
    rule: ruleText(charge, input.deployments),
    ...(counted === undefined ? {} : { costUsd: decimalText(counted.total) }),
    ratedUsd: usdText(rated?.usd ?? 0n),
  };
}

/** What charges of a plan that the buyer left came to: it stays owed, so it stays on the bill. */
function earlierChargeLines(input: StatementInput) {
  const { amounts, plan, month } = input;
  return amounts
    .filter((amount) => amount.month === month)
    .filter(({ chargeId }) => !plan.charges.some(({ id }) => id === chargeId))
    .map(({ chargeId, dimension, usd }) => ({
      chargeId,
      dimension,
      unitPriceUsd: unitPriceOf(dimension, input),
      rule: "a charge of an earlier plan, rated until that plan was left",
      ratedUsd: usdText(usd),
    }));
}

function unitPriceOf(dimension: string, { prices, license, month, now }: StatementInput): string {
  const at = Math.min(now, monthPeriod(month).end - 1);
  const price = unitPriceAt(prices, license, dimension, at);
  return price === undefined ? "" : usdText(price);
}

/** Day by day, cumulative within the month, up to the newest figure. */
function dayLines(
  input: StatementInput,
  counted: ReadonlyMap<string, CountedCost>,
  records: readonly AttributedRecord[],
): StatementDay[] {
  const { license, month, now } = input;
  const period = monthPeriod(month);
  const live = overlap(livePeriod(license, now), period);
  if (live.start >= live.end) return [];
  return daysOf(live).map((date) => {
    const { end } = dayPeriod(date);
    let costUsd = ZERO;
    let estimated = false;
    for (const { days, reportedThrough } of counted.values()) {
      const day = days.find((each) => each.date === date);
      costUsd = addDecimal(costUsd, day?.usd ?? ZERO);
      // A day without a figure has not been reported yet, or does not count.
      estimated ||= day?.estimated ?? date > reportedThrough;
    }
    const rated = rate({
      ...{ ...input, terms: termsOf(input), usage: [], entitlements: [] },
      ...{ months: [month], now: Math.min(end, now) },
    }).reduce((all, { usd }) => all + usd, 0n);
    const billed = records
      .filter(({ item }) => item.outcome?.kind === "accepted" && item.hour < end)
      .reduce((all, { quantity, item }) => all + BigInt(quantity) * item.unitPrice, 0n);
    return {
      date,
      costUsd: decimalText(costUsd),
      estimated,
      ratedCumulativeUsd: usdText(rated),
      billedCumulativeUsd: usdText(billed),
    };
  });
}

function excludedCost(counted: readonly CountedCost[]) {
  const sums = new Map<string, Decimal>();
  for (const { excluded } of counted) {
    // Several percentages may look at the same cost: it was excluded once.
    for (const [category, usd] of excluded) sums.set(category, usd);
  }
  return [...sums].map(([category, usd]) => ({ category, usd: decimalText(usd) }));
}

function percentages(plan: Plan): PercentageOfCost[] {
  return plan.charges.filter((charge) => charge.kind === "percentageOfCost");
}

function countOf(charge: PercentageOfCost, input: StatementInput): CountedCost {
  const periods = ratedTerms(termsOf(input)).map(({ period }) => period);
  return countedCost(charge, input, periods, monthPeriod(input.month));
}

function termsOf({ plan, license }: StatementInput) {
  return [{ plan, period: livePeriod(license, Infinity) }];
}

function amountsOf(amounts: readonly RatedAmount[], dimension: string): ReadonlyMap<Month, Usd> {
  const months = new Map<Month, Usd>();
  for (const amount of amounts) {
    if (amount.dimension !== dimension) continue;
    months.set(amount.month, (months.get(amount.month) ?? 0n) + amount.usd);
  }
  return months;
}
