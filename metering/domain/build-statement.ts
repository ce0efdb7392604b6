import { DAY, monthOf, monthPeriod, overlap, type Month, wholeUnits } from "./calendar.ts";
import type { ChainItem } from "./chain.ts";
import type { Instant } from "./license.ts";
import { decimalText, exactUsd, parseDecimal, sumDecimals, usdText } from "./money.ts";
import { type PriceList, unitPriceAt } from "./prices.ts";
import type { RatedAmount, RatingInput } from "./rating.ts";
import { ratedTerms } from "./runs.ts";
import { type Account, addBalances, balanceOf, type View } from "./service-months.ts";
import type {
  Statement,
  StatementAdjustment,
  StatementReading,
  StatementRecord,
  StatementTerm,
  StatementTotals,
} from "./statement.ts";
import type { ItemRecord, StatementChain } from "./statement-chain.ts";
import { chargeLines } from "./statement-charges.ts";
import {
  dayLines,
  type DaysInput,
  excludedCost,
  forfeitLines,
  unreportedDays,
} from "./statement-days.ts";
import { accountsOf, balanceLine, isGone, statementChain } from "./statement-ledger.ts";
import { priceLines } from "./statement-prices.ts";

export interface StatementInput extends RatingInput {
  readonly month: Month;
  readonly prices: PriceList;
  /** Of all months in which the license was metered. */
  readonly amounts: readonly RatedAmount[];
  /** One chain for each dimension that was ever rated. */
  readonly chains: ReadonlyMap<string, readonly ChainItem[]>;
  readonly reading?: readonly StatementReading[];
  readonly adjustments?: readonly StatementAdjustment[];
}

/** Explains a license's month. Pure: the same ledger gives the same statement. */
export function buildStatement(input: StatementInput): Statement {
  const { license, month, now, amounts, reading = [], adjustments = [] } = input;
  const ledgers = [...input.chains].map(([dimension, chain]) => {
    const own = amounts.filter((amount) => amount.dimension === dimension);
    const accounts = accountsOf(chain, own, input);
    return { dimension, accounts, lines: statementChain(dimension, chain, accounts, month) };
  });
  const chains = ledgers.map(({ lines }) => lines);
  const accounts = ledgers.flatMap((ledger) => ledger.accounts);
  const charges = chargeLines(input, month, (dimension) => unitPriceOf(dimension, input));
  const records = chains.flatMap((chain) => recordLines(chain, month));
  const days: DaysInput = { rating: input, month, charges, records };
  const dayRows = dayLines(days);
  const gone = isGone(input);
  return {
    licenseArn: license.licenseArn,
    buyerAccountId: license.buyerAccountId,
    plan: planOf(input),
    month,
    generatedAt: iso(now),
    life: lifeOf(input),
    terms: termLines(input),
    prices: priceLines(input, [...input.chains.keys()]),
    charges,
    days: dayRows,
    excludedCost: excludedCost(charges),
    reading,
    records,
    chains,
    forfeited: ledgers.flatMap(({ dimension, accounts: own }) =>
      forfeitLines(days, dimension, balances(own, month, "service").forfeited),
    ),
    unreportedDays: gone && month === monthOf(license.endedAt ?? now) ? unreportedDays(days) : [],
    adjustments,
    totals: {
      ...totals(chains, records, month),
      ...balanceLine(balances(accounts, month, "service")),
      costUsd: sumTexts(dayRows.map(({ costUsd }) => costUsd)),
      readingUsd: sumTexts(reading.map(({ usd }) => usd)),
      readingRequests: reading.reduce((all, { requests }) => all + requests, 0),
      adjustedUsd: sumTexts(adjustments.map(({ usd }) => usd)),
    },
    invoice: balanceLine(balances(accounts, month, "invoice")),
  };
}

function balances(accounts: readonly Account[], month: Month, view: View) {
  return addBalances(accounts.map((account) => balanceOf(account, month, view)));
}

/** The last plan that counted in the month. */
function planOf({ terms, license, month }: StatementInput): Statement["plan"] {
  const last = terms.findLast(({ period }) => monthOf(period.start) <= month);
  return last === undefined
    ? { id: license.plan?.id ?? "", title: license.plan?.id ?? "" }
    : { id: last.plan.id, title: last.plan.title };
}

function lifeOf({ license, freeTrialEndsAt }: StatementInput): Statement["life"] {
  const endsAt = license.endingAt ?? license.endedAt;
  return {
    activatedAt: iso(license.activatedAt ?? 0),
    ...(endsAt === undefined ? {} : { endsAt: iso(endsAt) }),
    ...(license.endedAt === undefined ? {} : { endedAt: iso(license.endedAt) }),
    ...(freeTrialEndsAt === undefined ? {} : { freeTrialEndsAt: iso(freeTrialEndsAt) }),
  };
}

function termLines({ terms, month }: StatementInput): StatementTerm[] {
  const rated = ratedTerms(terms);
  const inOrder = [...terms].sort((a, b) => a.period.start - b.period.start);
  return inOrder.flatMap(({ plan, period }, index) => {
    const within = overlap(period, monthPeriod(month));
    if (within.start >= within.end) return [];
    const ratedFrom = rated[index]?.period.start ?? period.start;
    return {
      planId: plan.id,
      title: plan.title,
      from: iso(within.start),
      until: iso(within.end),
      days: wholeUnits(within, DAY),
      ...(ratedFrom > within.start ? { trialUntil: iso(Math.min(ratedFrom, within.end)) } : {}),
    };
  });
}

/** The parts of a chain's records that were owed for the month, and those of its hours that failed. */
function recordLines({ dimension, items }: StatementChain, month: Month): StatementRecord[] {
  return items.flatMap((item) => {
    if (item.kind !== "record") return [];
    const part = item.parts.find((each) => each.month === month);
    const isHere = item.parts.length === 0 && item.hour.startsWith(month);
    if (part === undefined && !isHere) return [];
    return [recordLine(item, dimension, part?.quantity ?? item.quantity)];
  });
}

export function recordLine(item: ItemRecord, dimension: string, quantity: number): StatementRecord {
  const { hour, unitPriceUsd, outcome, meteringRecordId, reason, phase, resolved } = item;
  return {
    hour,
    dimension,
    quantity,
    recordQuantity: item.quantity,
    unitPriceUsd,
    amountUsd: usdText(BigInt(quantity) * exactUsd(unitPriceUsd)),
    outcome,
    ...(meteringRecordId === undefined ? {} : { meteringRecordId }),
    ...(reason === undefined ? {} : { reason }),
    ...(phase === undefined ? {} : { phase }),
    ...(resolved === undefined ? {} : { resolved }),
    sealedAt: item.sealedAt,
  };
}

function totals(
  chains: readonly StatementChain[],
  records: readonly StatementRecord[],
  month: Month,
): Pick<StatementTotals, "acceptedUnits" | "zeroRecords" | "records"> {
  const of = (kind: StatementRecord["outcome"]) =>
    records.filter(({ outcome }) => outcome === kind);
  const zeros = chains
    .flatMap(({ items }) => items)
    .filter((item) => item.kind === "zeros" && item.firstHour.startsWith(month))
    .map((item) => (item.kind === "zeros" ? item.through - item.n + 1 : 0));
  return {
    acceptedUnits: of("accepted").reduce((units, { quantity }) => units + quantity, 0),
    zeroRecords: zeros.reduce((all, count) => all + count, 0),
    records: {
      accepted: of("accepted").length,
      duplicate: of("duplicate").length,
      expired: of("expired").length,
      refused: of("refused").length,
      inDoubt: of("in-doubt").length,
    },
  };
}

function unitPriceOf(dimension: string, { prices, license, month, now }: StatementInput): string {
  const at = Math.min(now, monthPeriod(month).end - 1);
  const price = unitPriceAt(prices, license, dimension, at);
  return price === undefined ? "" : usdText(price);
}

function sumTexts(texts: readonly string[]): string {
  return decimalText(sumDecimals(texts.map(parseDecimal)));
}

function iso(instant: Instant): string {
  return new Date(instant).toISOString();
}
