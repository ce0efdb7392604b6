import { type ChainItem, isCommitted, isRecord, type MeteringRecord } from "./chain.ts";
import { type Month, monthOf } from "./calendar.ts";
import { floorDivide, maxUsd, minUsd, type Usd } from "./money.ts";

/** What became of a metering record, as known today, divided among service months. */
export interface Share {
  readonly item: MeteringRecord;
  /** Its units by the month that they were owed for; empty when AWS billed nothing of it. */
  readonly parts: readonly { readonly month: Month; readonly units: number }[];
  /** Units that evidence found to be billed; undefined while there is none. */
  readonly billed: number | undefined;
}

/** What each month was rated at, all charges on a dimension; never empty, without gaps. */
export type RatedMonths = ReadonlyMap<Month, Usd>;

/**
 * Divides the records of a chain among service months, oldest owed first.
 *
 * A record bills what is owed in total, whatever month it is for. A unit belongs to the first month
 * through which it was wholly owed; so months have whole units, and what is left of a unit is
 * carried into the next. Whatever was billed beyond all that was owed stands in the last month.
 */
export function divided(
  records: readonly MeteringRecord[],
  billedOf: ReadonlyMap<number, number>,
  rated: RatedMonths,
): Share[] {
  const boundaries = boundariesOf(rated);
  let committed = 0n;
  return records.map((item) => {
    const billed = billedOf.get(item.n);
    // What evidence found is what was billed, from the record's own hour on.
    const whole = isCommitted(item.outcome) ? (billed ?? item.quantity) : 0;
    const parts: { month: Month; units: number }[] = [];
    let before = 0;
    for (const [index, { month, boundary }] of boundaries.entries()) {
      const isLast = index === boundaries.length - 1;
      const through = isLast ? whole : unitsWithin(item, whole, committed, boundary);
      if (through > before) parts.push({ month, units: through - before });
      before = Math.max(before, through);
    }
    committed += BigInt(whole) * item.unitPrice;
    return { item, parts, billed };
  });
}

/** How many units of each record AWS really billed, where evidence says so. */
export function billedByEvidence(chain: readonly ChainItem[]): ReadonlyMap<number, number> {
  const billed = new Map<number, number>();
  for (const item of chain) if (!isRecord(item)) billed.set(item.about, item.billed);
  return billed;
}

/** How many of the record's units lie wholly below a cumulative amount. */
function unitsWithin(
  { unitPrice }: MeteringRecord,
  quantity: number,
  committedBefore: Usd,
  boundary: Usd,
): number {
  const units = floorDivide(boundary - committedBefore, unitPrice);
  if (units <= 0n) return 0;
  return units >= BigInt(quantity) ? quantity : Number(units);
}

/**
 * Rated through each month. A later month may have been rated negative: its fall is taken from the
 * months before it, so that boundaries never run backwards.
 */
function boundariesOf(rated: RatedMonths): { month: Month; boundary: Usd }[] {
  let sum = 0n;
  const sums = [...rated]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, usd]) => ({ month, boundary: (sum += usd) }));
  let lowest: Usd | undefined;
  return sums
    .reverse()
    .map(({ month, boundary }) => {
      lowest = lowest === undefined ? boundary : minUsd(lowest, boundary);
      return { month, boundary: lowest };
    })
    .reverse();
}

/** One side of I3: every term in whole pico-dollars. */
export interface BalanceUsd {
  readonly carriedIn: Usd;
  readonly rated: Usd;
  readonly credit: Usd;
  readonly billed: Usd;
  readonly freeTrial: Usd;
  readonly pending: Usd;
  readonly inDoubt: Usd;
  readonly carried: Usd;
  readonly forfeited: Usd;
  readonly writtenOff: Usd;
}

/** A dimension's trial or paid time: what was owed, and what was billed of it. */
export interface Account {
  readonly phase: "paid" | "trial";
  readonly rated: RatedMonths;
  readonly shares: readonly Share[];
  /** Nothing can be billed on it any more: the license is gone, or the trial is over. */
  readonly isClosed: boolean;
}

/** `service`: by the month that units were owed for; `invoice`: by the month of their stamp. */
export type View = "service" | "invoice";

export function balanceOf(account: Account, month: Month, view: View): BalanceUsd {
  const { phase, rated, isClosed } = account;
  const months = [...rated.keys()].sort();
  const last = months.at(-1) ?? month;
  if (month > last) return NOTHING;
  const buckets = { billed: 0n, freeTrial: 0n, pending: 0n, inDoubt: 0n };
  let carriedIn = 0n;
  for (const each of months) if (each < month) carriedIn += rated.get(each) ?? 0n;
  for (const share of account.shares) {
    for (const part of share.parts) {
      const where = view === "service" ? part.month : monthOf(share.item.hour);
      const usd = BigInt(part.units) * share.item.unitPrice;
      if (where < month) carriedIn -= usd;
      if (where === month) buckets[bucketOf(share, phase)] += usd;
    }
  }
  const here = rated.get(month) ?? 0n;
  const { billed, freeTrial, pending, inDoubt } = buckets;
  const left = carriedIn + here - billed - freeTrial - pending - inDoubt;
  const isLast = month === last;
  const isWrittenOff = isLast && isClosed && phase === "trial";
  const credit = isLast && !isWrittenOff ? maxUsd(0n, -left) : 0n;
  const rest = left + credit;
  const isForfeited = isLast && isClosed && phase === "paid";
  return {
    carriedIn,
    rated: here,
    credit,
    ...buckets,
    carried: isWrittenOff || isForfeited ? 0n : rest,
    forfeited: isForfeited ? rest : 0n,
    writtenOff: isWrittenOff ? rest : 0n,
  };
}

const NOTHING: BalanceUsd = {
  carriedIn: 0n,
  rated: 0n,
  credit: 0n,
  billed: 0n,
  freeTrial: 0n,
  pending: 0n,
  inDoubt: 0n,
  carried: 0n,
  forfeited: 0n,
  writtenOff: 0n,
};

export function addBalances(balances: readonly BalanceUsd[]): BalanceUsd {
  const sums = { ...NOTHING };
  const terms = Object.keys(NOTHING) as (keyof BalanceUsd)[];
  for (const balance of balances) for (const term of terms) sums[term] += balance[term];
  return sums;
}

function bucketOf(
  { item, billed }: Share,
  phase: Account["phase"],
): "billed" | "freeTrial" | "pending" | "inDoubt" {
  if (item.outcome === undefined) return "pending";
  if (item.outcome.kind === "in-doubt" && billed === undefined) return "inDoubt";
  return phase === "trial" ? "freeTrial" : "billed";
}
