import { DAY, type Month, monthOf } from "./calendar.ts";
import {
  amountOf,
  type ChainItem,
  committedThrough,
  type Evidence,
  isRecord,
  type MeteringRecord,
} from "./chain.ts";
import type { Instant, License } from "./license.ts";
import { FINAL_WINDOW_MS } from "./limits.ts";
import { usdText } from "./money.ts";
import type { RatedAmount } from "./rating.ts";
import {
  type Account,
  balanceOf,
  type BalanceUsd,
  billedByEvidence,
  divided,
  type RatedMonths,
  type Share,
} from "./service-months.ts";
import type { Balance, Resolution } from "./statement.ts";
import type {
  ChainAccount,
  ItemEvidence,
  ItemRecord,
  ItemZeros,
  StatementChain,
  StatementItem,
} from "./statement-chain.ts";

export interface LedgerInput {
  readonly license: License;
  readonly freeTrialEndsAt?: Instant | undefined;
  /** Every month of the license so far, oldest first. */
  readonly months: readonly Month[];
  readonly month: Month;
  readonly now: Instant;
}

/** Whether the license's final hour has closed: nothing can be billed any more. */
export function isGone({ license: { endedAt }, now }: LedgerInput): boolean {
  return endedAt !== undefined && now >= endedAt + FINAL_WINDOW_MS;
}

/** A dimension's chain, divided into what the free trial metered and what was paid for. */
export function accountsOf(
  chain: readonly ChainItem[],
  /** Of the dimension. */
  amounts: readonly RatedAmount[],
  input: LedgerInput,
): Account[] {
  const { freeTrialEndsAt: trialEnd, now } = input;
  const billed = billedByEvidence(chain);
  const records = chain.filter(isRecord);
  const isTrial = ({ stamp }: MeteringRecord) => trialEnd !== undefined && stamp < trialEnd;
  const paid = ratedMonths(amounts, undefined, input.months);
  const account = {
    phase: "paid" as const,
    rated: paid,
    shares: divided(
      records.filter((record) => !isTrial(record)),
      billed,
      paid,
    ),
    isClosed: isGone(input),
  };
  if (trialEnd === undefined) return [account];
  // A day that the trial only touches still belongs to it.
  const lastMonth = monthOf(Math.ceil(trialEnd / DAY) * DAY - 1);
  const trial = ratedMonths(
    amounts,
    "trial",
    input.months.filter((month) => month <= lastMonth),
  );
  const trialAccount = {
    phase: "trial" as const,
    rated: trial,
    shares: divided(records.filter(isTrial), billed, trial),
    isClosed: now >= trialEnd || isGone(input),
  };
  return [trialAccount, account];
}

function ratedMonths(
  amounts: readonly RatedAmount[],
  phase: RatedAmount["phase"],
  months: readonly Month[],
): RatedMonths {
  const rated = new Map(months.map((month) => [month, 0n]));
  for (const amount of amounts) {
    if (amount.phase !== phase) continue;
    rated.set(amount.month, (rated.get(amount.month) ?? 0n) + amount.usd);
  }
  return rated;
}

/** What the statement shows of a chain: the items that have to do with the month. */
export function statementChain(
  dimension: string,
  chain: readonly ChainItem[],
  accounts: readonly Account[],
  month: Month,
): StatementChain {
  const shares = new Map(
    accounts.flatMap(({ shares, phase }) =>
      shares.map((s) => [s.item.n, { ...s, phase }] as const),
    ),
  );
  const touched = chain.map((item) => [
    monthOf(item.hour),
    ...(shares.get(item.n)?.parts ?? []).map((part) => part.month),
  ]);
  const notBefore = touched.findIndex((months) => months.some((each) => each >= month));
  const first = notBefore === -1 ? chain.length : notBefore;
  const last = touched.findLastIndex((months) => months.some((each) => each <= month));
  const shown = chain.slice(first, last + 1);
  const before = accounts.map(({ shares }) => committedBefore(shares, first));
  const committed = committedThrough(chain[first - 1]);
  const evidence = newestEvidence(chain);
  return {
    dimension,
    opening: {
      ...(shown.length === 0 ? {} : { n: first }),
      committedUsd: usdText(committed),
      correctedLaterUsd: usdText(before.reduce((sum, usd) => sum + usd, 0n) - committed),
    },
    items: itemLines(shown, chain, shares, evidence),
    accounts: accounts.map((account, index) => accountLine(account, before[index] ?? 0n, month)),
  };
}

type Phased = Share & { readonly phase: Account["phase"] };

function committedBefore(shares: readonly Share[], first: number): bigint {
  return shares
    .filter(({ item }) => item.n < first)
    .flatMap(({ item, parts }) => parts.map(({ units }) => BigInt(units) * item.unitPrice))
    .reduce((sum, usd) => sum + usd, 0n);
}

function newestEvidence(chain: readonly ChainItem[]): ReadonlyMap<number, Evidence> {
  const newest = new Map<number, Evidence>();
  for (const item of chain) if (!isRecord(item)) newest.set(item.about, item);
  return newest;
}

function itemLines(
  shown: readonly ChainItem[],
  chain: readonly ChainItem[],
  shares: ReadonlyMap<number, Phased>,
  evidence: ReadonlyMap<number, Evidence>,
): StatementItem[] {
  const lines: StatementItem[] = [];
  for (const item of shown) {
    if (!isRecord(item)) {
      lines.push(evidenceLine(item, chain));
    } else if (item.quantity > 0) {
      lines.push(recordLine(item, shares.get(item.n), evidence.get(item.n)));
    } else {
      const line = zeroLine(item);
      const before = lines.at(-1);
      const joins =
        before?.kind === "zeros" &&
        before.outcome === line.outcome &&
        before.lastHour.slice(0, 7) === line.firstHour.slice(0, 7);
      if (joins) lines.splice(-1, 1, { ...before, through: line.through, lastHour: line.lastHour });
      else lines.push(line);
    }
  }
  return lines;
}

function recordLine(
  item: MeteringRecord,
  share: Phased | undefined,
  evidence: Evidence | undefined,
): ItemRecord {
  const { outcome } = item;
  return {
    kind: "record",
    n: item.n,
    hour: iso(item.hour),
    quantity: item.quantity,
    unitPriceUsd: usdText(item.unitPrice),
    amountUsd: usdText(amountOf(item)),
    committedBeforeUsd: usdText(item.committedBefore),
    ratedTotalUsd: usdText(item.ratedTotal),
    leftUsd: usdText(item.ratedTotal - item.committedBefore - amountOf(item)),
    outcome: outcome?.kind ?? "pending",
    ...(outcome?.kind === "accepted" ? { meteringRecordId: outcome.meteringRecordId } : {}),
    ...(outcome !== undefined && "reason" in outcome ? { reason: outcome.reason } : {}),
    identifiedBy: item.identifiedBy,
    sealedAt: iso(item.sealedAt),
    ...(share?.phase === "trial" ? { phase: "trial" as const } : {}),
    ...(evidence === undefined ? {} : { resolved: resolution(evidence) }),
    parts: (share?.parts ?? []).map(({ month, units }) => ({
      month,
      quantity: units,
      amountUsd: usdText(BigInt(units) * item.unitPrice),
    })),
  };
}

function resolution({ billed, source, sealedAt }: Evidence): Resolution {
  return { billed, source, at: iso(sealedAt) };
}

function zeroLine(item: MeteringRecord): ItemZeros {
  return {
    kind: "zeros",
    n: item.n,
    through: item.n,
    firstHour: iso(item.hour),
    lastHour: iso(item.hour),
    outcome: item.outcome?.kind ?? "pending",
  };
}

function evidenceLine(item: Evidence, chain: readonly ChainItem[]): ItemEvidence {
  const about = chain[item.about];
  const record = about?.kind === "record" ? about : undefined;
  const earlier = chain
    .slice(0, item.n)
    .findLast((each): each is Evidence => !isRecord(each) && each.about === item.about);
  return {
    kind: "evidence",
    n: item.n,
    aboutHour: iso(record?.hour ?? item.hour),
    unitPriceUsd: usdText(record?.unitPrice ?? 0n),
    billedBefore: earlier?.billed ?? record?.quantity ?? 0,
    billed: item.billed,
    correctionUsd: usdText(item.correction),
    source: item.source,
    committedBeforeUsd: usdText(item.committedBefore),
    ratedTotalUsd: usdText(item.ratedTotal),
    leftUsd: usdText(item.ratedTotal - item.committedBefore - item.correction),
    sealedAt: iso(item.sealedAt),
  };
}

function accountLine(account: Account, before: bigint, month: Month): ChainAccount {
  const rated = [...account.rated].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    phase: account.phase,
    rated: rated.map(([each, usd]) => ({ month: each, usd: usdText(usd) })),
    ratedUsd: usdText(rated.reduce((sum, [, usd]) => sum + usd, 0n)),
    committedBeforeUsd: usdText(before),
    service: balanceLine(balanceOf(account, month, "service")),
    invoice: balanceLine(balanceOf(account, month, "invoice")),
  };
}

export function balanceLine(balance: BalanceUsd): Balance {
  return {
    carriedInUsd: usdText(balance.carriedIn),
    ratedUsd: usdText(balance.rated),
    creditUsd: usdText(balance.credit),
    billedUsd: usdText(balance.billed),
    freeTrialUsd: usdText(balance.freeTrial),
    pendingUsd: usdText(balance.pending),
    inDoubtUsd: usdText(balance.inDoubt),
    carriedUsd: usdText(balance.carried),
    forfeitedUsd: usdText(balance.forfeited),
    writtenOffUsd: usdText(balance.writtenOff),
  };
}

function iso(instant: Instant): string {
  return new Date(instant).toISOString();
}
