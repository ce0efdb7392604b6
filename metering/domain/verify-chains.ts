import { HOUR } from "./calendar.ts";
import { FINAL_WINDOW_MS } from "./limits.ts";
import type { Balance, Statement } from "./statement.ts";
import type {
  ChainAccount,
  ItemEvidence,
  ItemRecord,
  ItemZeros,
  StatementChain,
  StatementItem,
} from "./statement-chain.ts";
import { exact, total } from "./verify-arithmetic.ts";
import { BALANCE_TERMS, balanceAt, partsOf } from "./verify-accounts.ts";
import type { Checks } from "./verify-checks.ts";

/** Each chain by its own numbers: no gap, never more committed than rated, every unit once. */
export function verifyChains(statement: Statement, checks: Checks): void {
  for (const [index, chain] of statement.chains.entries()) {
    const where = `chains[${index}]`;
    checks.within(where, () => {
      verifyItems(chain, where, checks);
      verifyOpening(chain, where, checks);
      for (const [number, account] of chain.accounts.entries()) {
        const at = `${where}.accounts[${number}]`;
        verifyAccount(statement, chain, account, at, checks);
      }
    });
  }
}

function verifyItems({ opening, items }: StatementChain, where: string, checks: Checks): void {
  let committed = exact(opening.committedUsd);
  let n = opening.n ?? 0;
  let hour = "";
  for (const [index, item] of items.entries()) {
    const at = `${where}.items[${index}]`;
    checks.figure(`${at}.n`, item.n, n);
    n = item.kind === "zeros" ? item.through + 1 : item.n + 1;
    if (item.kind === "zeros") {
      verifyZeros(item, hour, at, checks);
      hour = item.lastHour;
      continue;
    }
    checks.figure(`${at}.committedBeforeUsd`, item.committedBeforeUsd, committed);
    if (item.kind === "record") {
      checks.that(`${at}.hour`, item.hour, item.hour > hour, "an hour after the item before");
      hour = item.hour;
      committed += verifyRecord(item, items, at, checks);
    } else {
      committed += verifyEvidence(item, items.slice(0, index), at, checks);
    }
  }
}

function verifyZeros(item: ItemZeros, before: string, at: string, checks: Checks): void {
  const hours = Math.floor((Date.parse(item.lastHour) - Date.parse(item.firstHour)) / HOUR);
  const count = item.through - item.n;
  const fits = item.firstHour > before && count >= 0 && count <= hours;
  checks.that(`${at}.through`, `${item.through}`, fits, "an hour for each record of no units");
}

/** Answers what it adds to the committed money. */
function verifyRecord(
  item: ItemRecord,
  items: readonly StatementItem[],
  at: string,
  checks: Checks,
): bigint {
  const amount = BigInt(item.quantity) * exact(item.unitPriceUsd);
  checks.figure(`${at}.amountUsd`, item.amountUsd, amount);
  const left = exact(item.ratedTotalUsd) - exact(item.committedBeforeUsd) - amount;
  checks.figure(`${at}.leftUsd`, item.leftUsd, left);
  checks.that(`${at}.leftUsd`, item.leftUsd, left >= 0n, "never more than what was rated (I4)");
  for (const part of item.parts) {
    const usd = BigInt(part.quantity) * exact(item.unitPriceUsd);
    checks.figure(`${at}.parts ${part.month} amountUsd`, part.amountUsd, usd);
  }
  const found = items.findLast(
    (each): each is ItemEvidence => each.kind === "evidence" && each.aboutHour === item.hour,
  );
  if (found !== undefined) {
    checks.figure(`${at}.resolved.billed`, item.resolved?.billed ?? -1, found.billed);
  }
  return item.outcome === "expired" || item.outcome === "refused" ? 0n : amount;
}

function verifyEvidence(
  item: ItemEvidence,
  before: readonly StatementItem[],
  at: string,
  checks: Checks,
): bigint {
  const correction = (BigInt(item.billed) - BigInt(item.billedBefore)) * exact(item.unitPriceUsd);
  checks.figure(`${at}.correctionUsd`, item.correctionUsd, correction);
  const left = exact(item.ratedTotalUsd) - exact(item.committedBeforeUsd) - correction;
  checks.figure(`${at}.leftUsd`, item.leftUsd, left);
  const previous = before.findLast((each) => each.kind !== "zeros");
  if (previous !== undefined) {
    checks.figure(`${at}.ratedTotalUsd`, item.ratedTotalUsd, exact(previous.ratedTotalUsd));
  }
  const about = before.find(
    (each): each is ItemRecord => each.kind === "record" && each.hour === item.aboutHour,
  );
  if (about !== undefined) {
    const earlier = before.findLast(
      (each): each is ItemEvidence => each.kind === "evidence" && each.aboutHour === item.aboutHour,
    );
    checks.figure(`${at}.unitPriceUsd`, item.unitPriceUsd, exact(about.unitPriceUsd));
    checks.figure(`${at}.billedBefore`, item.billedBefore, earlier?.billed ?? about.quantity);
  }
  return correction;
}

function verifyOpening({ opening, accounts }: StatementChain, where: string, checks: Checks): void {
  const known = total(accounts.map(({ committedBeforeUsd }) => exact(committedBeforeUsd)));
  const sum = exact(opening.committedUsd) + exact(opening.correctedLaterUsd);
  checks.figure(`${where}.opening`, opening.committedUsd, known - exact(opening.correctedLaterUsd));
  checks.that(
    `${where}.opening.committedUsd`,
    opening.committedUsd,
    opening.n !== 0 || sum === 0n,
    "nothing before the first item",
  );
}

function verifyAccount(
  statement: Statement,
  chain: StatementChain,
  account: ChainAccount,
  at: string,
  checks: Checks,
): void {
  const { month, charges } = statement;
  const rated = total(account.rated.map(({ usd }) => exact(usd)));
  checks.figure(`${at}.ratedUsd`, account.ratedUsd, rated);
  const lines = charges.filter(
    (line) => line.dimension === chain.dimension && line.phase === account.phase,
  );
  const ofMonth = account.rated.find((each) => each.month === month)?.usd ?? "0";
  checks.figure(
    `${at}.rated ${month}`,
    ofMonth,
    total(lines.map(({ ratedUsd }) => exact(ratedUsd))),
  );
  const records = chain.items.filter(
    (item): item is ItemRecord =>
      item.kind === "record" && (item.phase ?? "paid") === account.phase,
  );
  verifyParts(account, records, at, checks);
  const isClosed = isOver(statement, account.phase);
  for (const view of ["service", "invoice"] as const) {
    const expected = balanceAt({ account, records, month, view, isClosed });
    for (const term of BALANCE_TERMS) {
      checks.figure(`${at}.${view}.${term}`, account[view][term], expected[term]);
    }
  }
}

function verifyParts(
  account: ChainAccount,
  records: readonly ItemRecord[],
  at: string,
  checks: Checks,
): void {
  const expected = partsOf(account, records);
  for (const [index, record] of records.entries()) {
    const stated = record.parts.map(({ month, quantity }) => `${quantity} for ${month}`).join(", ");
    const recomputed = (expected[index] ?? [])
      .map(({ month, units }) => `${units} for ${month}`)
      .join(", ");
    checks.text(`${at} units of ${record.hour}`, stated, recomputed);
  }
}

/** Whether nothing can be billed on the account any more. */
function isOver({ life, generatedAt }: Statement, phase: ChainAccount["phase"]): boolean {
  const now = Date.parse(generatedAt);
  const isGone = life.endedAt !== undefined && now >= Date.parse(life.endedAt) + FINAL_WINDOW_MS;
  const trialEnd = life.freeTrialEndsAt;
  return isGone || (phase === "trial" && trialEnd !== undefined && now >= Date.parse(trialEnd));
}

/** The statement's own totals: the sums of its chains, and both sides of each balance. */
export function verifyBalances(statement: Statement, checks: Checks): void {
  const accounts = statement.chains.flatMap((chain) => chain.accounts);
  const views: readonly (readonly [string, Balance, "service" | "invoice"])[] = [
    ["totals", statement.totals, "service"],
    ["invoice", statement.invoice, "invoice"],
  ];
  for (const [where, stated, view] of views) {
    checks.within(where, () => {
      for (const term of BALANCE_TERMS) {
        const sum = total(accounts.map((account) => exact(account[view][term])));
        checks.figure(`${where}.${term}`, stated[term], sum);
      }
      const [carriedIn, rated, credit, ...went] = BALANCE_TERMS.map((term) => exact(stated[term]));
      const owed = total([carriedIn ?? 0n, rated ?? 0n, credit ?? 0n]);
      checks.that(
        where,
        "carried in + rated + credit",
        owed === total(went),
        "the same as all that it went into (I3)",
      );
    });
  }
  for (const dimension of new Set(statement.chains.map((chain) => chain.dimension))) {
    const lines = statement.forfeited.filter((line) => line.dimension === dimension);
    const own = statement.chains.filter((chain) => chain.dimension === dimension);
    const sum = own.flatMap((chain) => chain.accounts).map(({ service }) => service.forfeitedUsd);
    checks.within(`forfeited of ${dimension}`, () => {
      checks.that(
        `forfeited of ${dimension}`,
        lines.map(({ usd }) => usd).join(" + "),
        total(lines.map(({ usd }) => exact(usd))) === total(sum.map(exact)),
        `${sum.join(" + ")}, as in its account`,
      );
    });
  }
}
