import type { Balance } from "./statement.ts";
import type { ChainAccount, ItemRecord } from "./statement-chain.ts";
import { type Exact, exact, least, most, total, wholeIn } from "./verify-arithmetic.ts";

/** In the order of the equation: three on the left, the others on the right. */
export const BALANCE_TERMS = [
  "carriedInUsd",
  "ratedUsd",
  "creditUsd",
  "billedUsd",
  "freeTrialUsd",
  "pendingUsd",
  "inDoubtUsd",
  "carriedUsd",
  "forfeitedUsd",
  "writtenOffUsd",
] as const satisfies readonly (keyof Balance)[];

/** Units that AWS billed or may have billed, as known today. */
export function unitsOf({ outcome, quantity, resolved }: ItemRecord): number {
  if (outcome === "expired" || outcome === "refused") return 0;
  return resolved?.billed ?? quantity;
}

interface Part {
  readonly month: string;
  readonly units: number;
}

/**
 * Each record's units by service month, oldest owed first: a unit belongs to the first month
 * through which it was wholly owed.
 */
export function partsOf(account: ChainAccount, records: readonly ItemRecord[]): Part[][] {
  const rated = account.rated.map(({ month, usd }) => ({ month, usd: exact(usd) }));
  // Owed through a month, and still owed through each later one.
  const owed = rated.map((_, index) => {
    const sums = rated.slice(index).map((_, more) => {
      return total(rated.slice(0, index + more + 1).map(({ usd }) => usd));
    });
    return sums.reduce(least);
  });
  let committed = exact(account.committedBeforeUsd);
  return records.map((record) => {
    const price = exact(record.unitPriceUsd);
    const units = unitsOf(record);
    const through = owed.map((usd, index) => {
      if (index === owed.length - 1) return BigInt(units);
      return least(wholeIn(usd - committed, price), BigInt(units));
    });
    committed += BigInt(units) * price;
    let before = 0n;
    return through.flatMap((reached, index) => {
      const here = most(0n, reached - before);
      before = most(before, reached);
      const month = rated[index]?.month ?? "";
      return here === 0n ? [] : [{ month, units: Number(here) }];
    });
  });
}

export function balanceAt(given: {
  readonly account: ChainAccount;
  readonly records: readonly ItemRecord[];
  readonly month: string;
  readonly view: "service" | "invoice";
  readonly isClosed: boolean;
}): Record<(typeof BALANCE_TERMS)[number], Exact> {
  const { account, records, month, view, isClosed } = given;
  const last = account.rated.at(-1)?.month ?? month;
  const went = { billedUsd: 0n, freeTrialUsd: 0n, pendingUsd: 0n, inDoubtUsd: 0n };
  const nothing = { ...went, carriedInUsd: 0n, ratedUsd: 0n, creditUsd: 0n };
  const closing = { carriedUsd: 0n, forfeitedUsd: 0n, writtenOffUsd: 0n };
  if (month > last) return { ...nothing, ...closing };
  let before = exact(account.committedBeforeUsd);
  for (const [index, parts] of partsOf(account, records).entries()) {
    const record = records[index];
    if (record === undefined) continue;
    for (const part of parts) {
      const usd = BigInt(part.units) * exact(record.unitPriceUsd);
      const where = view === "service" ? part.month : record.hour.slice(0, 7);
      if (where < month) before += usd;
      if (where === month) went[termOf(record, account.phase)] += usd;
    }
  }
  const sumOf = (isWanted: (each: string) => boolean) =>
    total(account.rated.filter((each) => isWanted(each.month)).map(({ usd }) => exact(usd)));
  const carriedInUsd = sumOf((each) => each < month) - before;
  const ratedUsd = sumOf((each) => each === month);
  const left = carriedInUsd + ratedUsd - total(Object.values(went));
  const balance = { ...nothing, ...closing, ...went, carriedInUsd, ratedUsd };
  if (month !== last) return { ...balance, carriedUsd: left };
  if (isClosed && account.phase === "trial") return { ...balance, writtenOffUsd: left };
  const credit = { creditUsd: most(0n, -left) };
  const rest = most(0n, left);
  return isClosed
    ? { ...balance, ...credit, forfeitedUsd: rest }
    : { ...balance, ...credit, carriedUsd: rest };
}

function termOf({ outcome, resolved }: ItemRecord, phase: ChainAccount["phase"]) {
  if (outcome === "pending") return "pendingUsd";
  if (outcome === "in-doubt" && resolved === undefined) return "inDoubtUsd";
  return phase === "trial" ? "freeTrialUsd" : "billedUsd";
}
