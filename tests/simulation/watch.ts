import type { ChainItem, ChainKey, MeteringRecord, Outcome } from "../../metering/domain/chain.ts";
import type { License } from "../../metering/domain/license.ts";
import type { Costs, Ledger, Licenses, MeteringBatch } from "../../metering/ports.ts";
import { type Books, emptyBooks } from "./book.ts";
import { holds, show } from "./broken.ts";
import { closing } from "./oracle/aws-rules.ts";
import { DAY, dayAt, HOUR, monthSpan } from "./oracle/spans.ts";
import { type Known, known } from "./known.ts";
import { checkSeal } from "./seal-rules.ts";
import type { World } from "./world.ts";

/** What one worker knows, which may be less than what is so. */
export interface Worker {
  readonly name: string;
  readonly clock: { now: () => number };
  readonly ledger: Ledger;
  readonly costs: Costs;
  readonly licenses: Licenses;
  /** I6 and I2, at the moment at which it asks for a call. */
  readonly beforeSending: (batch: MeteringBatch) => void;
  /** Its pass begins. */
  readonly begin: () => void;
  /** It has heard of a settlement. */
  readonly hear: (key: ChainKey, n: number) => void;
}

/** What must hold at the moment of a seal, a settlement and a call, not only in the end. */
export function watched(world: World) {
  const books = emptyBooks();
  const facts = known(world);
  return {
    books,
    facts,
    worker: (name: string, skew: number): Worker => {
      const clock = { now: () => world.clock.now() + skew };
      const seen = new Map<string, License>();
      const heads = new Map<string, string>();
      let began = 0;
      const isLate = () => world.clock.now() > began + HOUR / 2;
      return {
        name,
        clock,
        ledger: watchedLedger(world, { books, facts, seen, heads, clock, isLate }),
        costs: watchedCosts(world, facts),
        licenses: {
          ...world.licenses,
          async *inShard(shard) {
            for await (const license of world.licenses.inShard(shard)) {
              seen.set(license.licenseId, license);
              yield license;
            }
          },
          async updateDeployment(licenseId, deploymentId, change) {
            const after = await world.licenses.updateDeployment(licenseId, deploymentId, change);
            facts.touch(licenseId);
            return after;
          },
        },
        begin: () => {
          began = world.clock.now();
        },
        hear: (key, n) => {
          const entry = books(key).at(n);
          if (entry !== undefined) entry.isHeard = true;
        },
        beforeSending: (batch) => checkCall(books, clock, batch),
      };
    },
  };
}

export type Watch = ReturnType<typeof watched>;

interface Seen {
  readonly books: Books;
  readonly facts: Known;
  /** The licenses as the worker read them. */
  readonly seen: ReadonlyMap<string, License>;
  /** The state of a license's inputs when the head of a chain was read. */
  readonly heads: Map<string, string>;
  readonly clock: { now: () => number };
  readonly isLate: () => boolean;
}

function watchedLedger(world: World, { books, facts, seen, heads, clock, isLate }: Seen): Ledger {
  const { ledger } = world;
  const textOf = ({ licenseId, dimension }: ChainKey) => `${licenseId} ${dimension}`;
  return {
    ...ledger,
    async head(key) {
      heads.set(textOf(key), facts.revision(key.licenseId));
      return ledger.head(key);
    },
    async seal(key, item) {
      const result = await ledger.seal(key, item);
      if (result === "taken") return result;
      const book = books(key);
      const detail = () => ({ key, item, count: book.count });
      holds("I1 items are numbered without gaps", item.n === book.count, detail);
      holds("I5 a chain waits for its newest record", book.pending() === undefined, detail);
      const before = book.committed();
      holds("I4 committed before", item.committedBefore === before, () => show({ item, before }));
      if (item.kind === "evidence") {
        const about = book.at(item.about);
        const open = about?.outcome?.kind === "in-doubt" || about?.outcome?.kind === "duplicate";
        holds("I5 evidence is about what is not known", open, detail);
        book.evidence(item);
        const after = book.committed() - before;
        holds("I5 evidence corrects by what it found", item.correction === after, detail);
        return result;
      }
      const license = seen.get(key.licenseId);
      if (license === undefined) throw new Error("sealed for a license that was never read");
      const isExact = facts.isSettled(key.licenseId, heads.get(textOf(key)));
      checkSeal(world, { key, item, license, book, facts, isExact, clock });
      book.record(item).isLate = isLate();
      return result;
    },
    async takeOver(key, item, owner) {
      const taken = await ledger.takeOver(key, item, owner);
      const entry = books(key).at(item.n);
      if (taken === undefined || entry === undefined) return taken;
      entry.takenOver = true;
      entry.owner = owner;
      return taken;
    },
    async settle(key, item, outcome) {
      const result = await ledger.settle(key, item, outcome);
      if (result === "settled") checkSettled(world, books, { key, item, outcome });
      await checkFrozen(ledger, books, key, item.n);
      return result;
    },
  };
}

function checkSettled(
  { refusals, aws }: World,
  books: Books,
  of: { key: ChainKey; item: MeteringRecord; outcome: Outcome },
): void {
  const { key, item, outcome } = of;
  const entry = books(key).at(item.n);
  const detail = () => show({ of, entry });
  holds("I5 one outcome", entry !== undefined && entry.outcome === undefined, detail);
  if (entry === undefined) return;
  holds("I5 only its owner settles a record", entry.owner === item.owner, detail);
  books(key).settle(entry, outcome);
  if (outcome.kind !== "refused") return;
  const license = Object.values(aws.licenses).find(({ licenseArn }) =>
    licenseArn.endsWith(key.licenseId),
  );
  const proof = refusals.some(
    ({ CustomerAWSAccountId, Dimension, Timestamp }) =>
      CustomerAWSAccountId === license?.buyerAccountId &&
      (Dimension === "*" || (Dimension === key.dimension && Date.parse(Timestamp) === item.stamp)),
  );
  holds("I6 refused means that AWS refused this very record", proof, detail);
}

/** I2: whatever happens to a record, what was sealed stays. */
async function checkFrozen(ledger: Ledger, books: Books, key: ChainKey, n: number) {
  const now = await ledger.item(key, n);
  const first = books(key).at(n)?.record;
  const frozen = (of: ChainItem | undefined) =>
    show({ ...of, owner: "", takenOver: false, outcome: undefined });
  holds("I2 a sealed record never changes", frozen(now) === frozen(first), () => ({ now, first }));
}

function checkCall(books: Books, clock: { now: () => number }, { records }: MeteringBatch): void {
  holds("I6 at most 25", records.length <= 25, () => `${records.length}`);
  for (const { key, item, license } of records) {
    const entry = books(key).at(item.n);
    const sealed = entry?.record;
    const same = sealed?.quantity === item.quantity && sealed.stamp === item.stamp;
    holds("I2 sealed before sent, and sent as sealed", same, () => ({ item, entry }));
    holds(
      "I6 no closed record enters a batch",
      clock.now() < closing(item.stamp, license.endedAt) - HOUR / 30,
      () => ({ item, now: clock.now() }),
    );
  }
}

function watchedCosts(world: World, facts: Known): Costs {
  const { costs, truth } = world;
  return {
    ...costs,
    async put(cost) {
      // Whole days that were over, as AWS showed them when the reading was made, each by itself.
      const { from, to } = monthSpan(cost.month);
      const use = truth.deployment(cost.deploymentId).registeredAt;
      const first = Math.max(from, Math.ceil(use / DAY) * DAY);
      for (
        let day = from;
        day < Math.min(to, Math.floor(cost.observedAt / DAY) * DAY);
        day += DAY
      ) {
        const read = cost.days[dayAt(day)];
        if (read === undefined && day < first) continue;
        const seen = facts.wasShown(cost, day, read);
        holds("I4 a reading is what AWS shows", seen, () => ({ cost, day: dayAt(day), read }));
      }
      const result = await costs.put(cost);
      const stored = await costs.month(cost);
      facts.noteReading(cost);
      const newest = facts.newestReading(cost)?.observedAt;
      holds("I4 a newer reading stays", stored?.observedAt === newest, () => ({ cost, stored }));
      return result;
    },
  };
}
