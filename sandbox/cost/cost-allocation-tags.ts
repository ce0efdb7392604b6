/**
 * Which tags of an account Cost Explorer knows (protocol-facts E2): the payer activates a key, it
 * takes up to a day, and costs of earlier days stay without it unless they are backfilled.
 */
export interface TagStatus {
  readonly accountId: string;
  readonly key: string;
  readonly status: "Active" | "Inactive";
  /** Costs of days that begin then or later carry the key, from then on. */
  readonly activeFrom: number;
  /** `YYYY-MM-01`: costs from there on carry the key, once the backfill is done. */
  readonly backfillFrom?: string;
  readonly backfillDoneAt?: number;
}

export interface TagChange {
  readonly accountId: string;
  readonly key: string;
  readonly status: "Active" | "Inactive";
  /** Sandbox time until AWS has activated the key; a day when left out, and at most. */
  readonly afterMs?: number | undefined;
  readonly backfillFrom?: string | undefined;
}

const DAY_MS = 24 * 3_600_000;
const FIRST_OF_MONTH = /^\d{4}-(?:0[1-9]|1[0-2])-01$/;
const BACKFILL_MONTHS = 12;

/** Throws a RangeError, with a sentence, for what AWS doesn't do. */
function changedTag(change: TagChange, now: number): TagStatus {
  const { accountId, key, status, afterMs = DAY_MS, backfillFrom } = change;
  if (afterMs > DAY_MS) throw new RangeError("AWS activates a key within a day");
  const activeFrom = now + afterMs;
  if (backfillFrom === undefined) return { accountId, key, status, activeFrom };
  const today = new Date(now);
  const oldest = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - BACKFILL_MONTHS, 1);
  if (!FIRST_OF_MONTH.test(backfillFrom) || Date.parse(backfillFrom) < oldest) {
    throw new RangeError("a backfill goes back to the first of a month, at most twelve months ago");
  }
  if (status === "Inactive") throw new RangeError("only an active key can be backfilled");
  const backfillDoneAt = activeFrom + DAY_MS;
  return { accountId, key, status, activeFrom, backfillFrom, backfillDoneAt };
}

/** The tags of a cost that Cost Explorer shows. */
function visibleTags(
  tags: Readonly<Record<string, string>>,
  day: number,
  scope: {
    readonly statuses: readonly TagStatus[];
    /** What counts of a key that nobody has activated or deactivated. */
    readonly unknownIsActive: boolean;
    readonly now: number;
  },
): Readonly<Record<string, string>> {
  const { statuses, unknownIsActive, now } = scope;
  if (statuses.length === 0 && unknownIsActive) return tags;
  return Object.fromEntries(
    Object.entries(tags).filter(([key]) => {
      const status = statuses.find((one) => one.key === key);
      return status === undefined ? unknownIsActive : carries(status, day, now);
    }),
  );
}

function carries(status: TagStatus, day: number, now: number): boolean {
  const { activeFrom, backfillFrom, backfillDoneAt } = status;
  if (status.status === "Inactive") return now < activeFrom;
  const backfilled = backfillFrom !== undefined && now >= (backfillDoneAt ?? Infinity);
  return (
    now >= activeFrom && (day >= activeFrom || (backfilled && day >= Date.parse(backfillFrom)))
  );
}

export interface TagRegister {
  change(change: TagChange): TagStatus;
  list(): readonly TagStatus[];
  /** The cost with the tags that Cost Explorer shows of it. */
  shown<T extends TaggedCost>(cost: T, now: number): T;
  restore(statuses: readonly TagStatus[]): void;
}

interface TaggedCost {
  readonly accountId: string;
  readonly day: number;
  readonly tags: Readonly<Record<string, string>>;
}

export function tagRegister(deps: {
  readonly now: () => number;
  readonly changed: () => void;
  /** Whether a key that nobody has activated is unknown, as on AWS. */
  readonly needActivation: () => boolean;
}): TagRegister {
  let all: readonly TagStatus[] = [];
  return {
    change(change) {
      const status = changedTag(change, deps.now());
      const isOther = (one: TagStatus) =>
        one.accountId !== status.accountId || one.key !== status.key;
      all = [...all.filter(isOther), status];
      deps.changed();
      return status;
    },
    list: () => all,
    shown(cost, now) {
      const statuses = all.filter(({ accountId }) => accountId === cost.accountId);
      const scope = { statuses, unknownIsActive: !deps.needActivation(), now };
      return { ...cost, tags: visibleTags(cost.tags, cost.day, scope) };
    },
    restore(statuses) {
      all = statuses;
    },
  };
}
