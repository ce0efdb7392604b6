import type { ChainKey, Evidence, MeteringRecord, Outcome } from "../../metering/domain/chain.ts";

/** The simulation's own account of every chain, made from what was written and nothing else. */
export interface Entry {
  readonly key: ChainKey;
  /** As it was sealed. */
  readonly record: MeteringRecord;
  outcome?: Outcome;
  /** Some worker other than the sealer has become its owner. */
  takenOver: boolean;
  owner: string;
  /** The one who settled it was told so: then an alarm is due. */
  isHeard: boolean;
  /** Sealed so long after its pass began that another one has covered it (decision 0013). */
  isLate: boolean;
  /** Units that evidence says AWS billed; the newest finding counts. */
  billed?: number;
}

export interface Book {
  readonly entries: readonly Entry[];
  readonly count: number;
  /** Money that may be on the buyer's bill, of records stamped at or after an instant. */
  committed(since?: number): bigint;
  pending(): Entry | undefined;
  settle(entry: Entry, outcome: Outcome): void;
  /** In doubt or in conflict. */
  doubtful(): readonly Entry[];
  record(record: MeteringRecord): Entry;
  evidence(item: Evidence): void;
  at(n: number): Entry | undefined;
}

export type Books = (key: ChainKey) => Book;

export function emptyBooks(): Books {
  const books = new Map<string, Book>();
  return (key) => {
    const text = `${key.licenseId} ${key.dimension}`;
    const book = books.get(text) ?? emptyBook(key);
    books.set(text, book);
    return book;
  };
}

function emptyBook(key: ChainKey): Book {
  const byNumber = new Map<number, Entry>();
  const entries: Entry[] = [];
  /** What may still change, and the money of everything else. */
  const open = new Set<Entry>();
  let settled = 0n;
  let count = 0;
  return {
    entries,
    get count() {
      return count;
    },
    committed(since = -Infinity) {
      let sum = settled;
      for (const entry of open) sum += moneyOf(entry);
      if (since === -Infinity) return sum;
      // What lies before is left out: asked of trials alone, whose chains are short.
      return entries
        .filter(({ record }) => record.stamp >= since)
        .reduce((all, entry) => all + moneyOf(entry), 0n);
    },
    pending: () => [...open].find(({ outcome }) => outcome === undefined),
    settle(entry, outcome) {
      entry.outcome = outcome;
      if (outcome.kind === "in-doubt" || outcome.kind === "duplicate") return;
      open.delete(entry);
      settled += moneyOf(entry);
    },
    doubtful: () => [...open].filter(({ outcome }) => outcome !== undefined),
    record(record) {
      const entry: Entry = {
        ...{ key, record, owner: record.owner },
        ...{ takenOver: false, isHeard: false, isLate: false },
      };
      entries.push(entry);
      open.add(entry);
      byNumber.set(record.n, entry);
      count += 1;
      return entry;
    },
    evidence(item) {
      count += 1;
      const about = byNumber.get(item.about);
      if (about !== undefined) about.billed = item.billed;
    },
    at: (n) => byNumber.get(n),
  };
}

const moneyOf = (entry: Entry): bigint => BigInt(unitsOf(entry)) * entry.record.unitPrice;

/** What expired or was refused was never billed; everything else may have been. */
function unitsOf({ outcome, billed, record }: Entry): number {
  if (billed !== undefined) return billed;
  return outcome?.kind === "expired" || outcome?.kind === "refused" ? 0 : record.quantity;
}
