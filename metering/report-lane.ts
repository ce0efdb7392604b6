import { fillsCall, halves, packed } from "./domain/batching.ts";
import { amountOf } from "./domain/chain.ts";
import { BATCHES_UNDER_WAY, ROUNDS_PER_PASS } from "./domain/limits.ts";
import { usdText } from "./domain/money.ts";
import type { MeteringBatchRecord } from "./ports.ts";
import {
  all,
  canBeSent,
  type Heard,
  type SendDeps,
  sendRecords,
  settleStoppedOne,
} from "./send-records.ts";

export interface LaneDeps extends SendDeps {
  /** Resolves when the next call of the region may start (metering/adapters/pacer.ts). */
  readonly pace: (region: string) => Promise<void>;
  /** Resolves when the round's back-off is over; the round counts from 1. */
  readonly pause: (round: number) => Promise<void>;
}

/** A record on its way. */
export interface Travelling {
  readonly record: MeteringBatchRecord;
  /** No fewer than it takes in the call. */
  readonly bytes: number;
  /** How often it was sent without an outcome. */
  readonly tries: number;
}

/** What shares calls: one product, one way to name the buyer. */
interface Group {
  fresh: Travelling[];
  again: Travelling[];
  /** AWS refuses the group's every call: why, and what is held up by it. */
  barred?: { readonly why: string; readonly records: MeteringBatchRecord[] };
  /** Licenses that AWS called not subscribed: nothing more is sent for them in this pass. */
  readonly stopped: Set<string>;
}

/** What made the whole report fail, such as a store that is away; shared by all regions. */
export interface Failure {
  cause?: { readonly error: unknown };
}

/** All calls of one region: they share AWS's quota, and its bad hours. */
export interface Lane {
  /** Takes a record; waits while enough calls are under way. */
  add(group: string, travelling: Travelling): Promise<void>;
  /**
   * Sends what is left and waits for all; answers what is still without an outcome. Only after
   * every `add` has resolved.
   */
  flush(): Promise<readonly MeteringBatchRecord[]>;
  /** Whether it is of any use to hand over more for these groups in this pass. */
  isOpen(groups: readonly string[]): boolean;
}

export function createLane(deps: LaneDeps, region: string, failure: Failure): Lane {
  const underWay = slots(BATCHES_UNDER_WAY);
  const lane: State = { deps, region, failure, groups: new Map(), left: [], silent: 0 };

  /** Resolves as soon as the batch has its turn. */
  const start = (group: Group, batch: readonly Travelling[]): Promise<void> =>
    underWay.take(async () => {
      try {
        for (let next = batch; next.length > 0; next = takeFull(group.again)) {
          await sendBisecting(lane, group, next);
        }
      } catch (error) {
        failure.cause ??= { error };
      }
    });

  /** Starts a batch of everything that waits; false when nothing does. */
  async function startRest(): Promise<boolean> {
    const batches = [...lane.groups.values()].flatMap((group) =>
      packed([...group.fresh.splice(0), ...group.again.splice(0)]).map((batch) =>
        start(group, batch),
      ),
    );
    await Promise.all(batches);
    return batches.length > 0;
  }

  return {
    async add(name, travelling) {
      const group = lane.groups.get(name) ?? { fresh: [], again: [], stopped: new Set() };
      lane.groups.set(name, group);
      group.fresh.push(travelling);
      const batch = takeFull(group.fresh);
      if (batch.length > 0) await start(group, batch);
    },
    async flush() {
      do await underWay.idle();
      while (await startRest());
      for (const { barred } of lane.groups.values()) alarmBarred(deps, barred);
      return lane.left.splice(0);
    },
    isOpen: (names) =>
      names.every((name) => {
        const group = lane.groups.get(name);
        return group === undefined || !isUseless(lane, group);
      }),
  };
}

interface State {
  readonly deps: LaneDeps;
  readonly region: string;
  readonly failure: Failure;
  readonly groups: Map<string, Group>;
  /** Without an outcome, and not to be sent again in this pass. */
  readonly left: MeteringBatchRecord[];
  /** Rounds without any answer, one after the other. */
  silent: number;
}

function isUseless({ failure, silent }: State, group: Group): boolean {
  return failure.cause !== undefined || silent >= ROUNDS_PER_PASS || group.barred !== undefined;
}

/**
 * Sends a batch; halves what AWS refuses as a whole, all halves of a level at once, until the bad
 * records stand alone: ⌈log₂ n⌉ levels, in which the good ones are settled on the way (I6).
 */
async function sendBisecting(
  lane: State,
  group: Group,
  batch: readonly Travelling[],
): Promise<void> {
  let round = Math.max(...batch.map(({ tries }) => tries));
  for (let level: (readonly Travelling[])[] = [batch]; level.length > 0; round = 0) {
    const wait = round;
    level = (await all(level.map((part) => sendPart(lane, group, part, wait)))).flat();
  }
}

/** One call; answers the halves to go on with. */
async function sendPart(
  lane: State,
  group: Group,
  part: readonly Travelling[],
  round: number,
): Promise<(readonly Travelling[])[]> {
  const { deps } = lane;
  if (!isUseless(lane, group) && part.some(({ record }) => canBeSent(deps, record))) {
    const wait = Math.max(round, lane.silent);
    if (wait > 0) await deps.pause(wait);
    await deps.pace(lane.region);
  }
  // What the others heard meanwhile counts.
  if (isUseless(lane, group)) return leave(lane, group, part);
  const going = await withoutStopped(lane, group, part);
  const before = lane.silent;
  const heard = await sendRecords(
    deps,
    going.map(({ record }) => record),
  );
  // Calls that went unanswered together are one round.
  if (heard.kind === "no-answer") lane.silent = Math.max(lane.silent, before + 1);
  else if (heard.kind !== "nothing-sent") lane.silent = 0;
  return follow(lane, group, going, heard);
}

function follow(
  lane: State,
  group: Group,
  part: readonly Travelling[],
  heard: Heard,
): (readonly Travelling[])[] {
  const those = (records: readonly MeteringBatchRecord[]) =>
    part.filter(({ record }) => records.includes(record));
  switch (heard.kind) {
    case "answered":
      for (const { key } of heard.notSubscribed) group.stopped.add(key.licenseId);
      lane.left.push(...heard.held);
      tryAgain(lane, group, those(heard.again));
      return [];
    case "refused":
      return halves(those(heard.records));
    case "no-answer":
      tryAgain(lane, group, those(heard.again));
      return [];
    case "barred":
      group.barred ??= { why: heard.why, records: [] };
      return leave(lane, group, those(heard.records));
    case "nothing-sent":
      return [];
  }
}

function tryAgain({ left }: State, group: Group, part: readonly Travelling[]): void {
  for (const each of part) {
    const tries = each.tries + 1;
    if (tries >= ROUNDS_PER_PASS) left.push(each.record);
    else group.again.push({ ...each, tries });
  }
}

function leave({ left }: State, group: Group, part: readonly Travelling[]): [] {
  const records = part.map(({ record }) => record);
  left.push(...records);
  group.barred?.records.push(...records);
  return [];
}

/** AWS has answered for the license already: its other dimensions need no call of their own. */
async function withoutStopped(
  { deps, left }: State,
  group: Group,
  part: readonly Travelling[],
): Promise<readonly Travelling[]> {
  const stopped = part.filter(({ record }) => group.stopped.has(record.key.licenseId));
  const settled = await all(stopped.map(({ record }) => settleStoppedOne(deps, record)));
  left.push(...stopped.filter((_, index) => settled[index] !== true).map(({ record }) => record));
  return part.filter((each) => !stopped.includes(each));
}

/** Takes a whole call's records out of what waits; none if there are too few for one. */
function takeFull(waiting: Travelling[]): Travelling[] {
  return fillsCall(waiting) ? waiting.splice(0, packed(waiting)[0]?.length ?? 0) : [];
}

/** Each license once, with all its money that waits behind the refusal. */
function alarmBarred(deps: LaneDeps, barred: Group["barred"]): void {
  const stake = new Map<string, bigint>();
  for (const { key, item } of barred?.records.splice(0) ?? []) {
    stake.set(key.licenseId, (stake.get(key.licenseId) ?? 0n) + amountOf(item));
  }
  for (const [licenseId, usd] of stake) {
    const message = `${barred?.why}. Nothing is lost yet.`;
    deps.alarms.raise({ kind: "barred", licenseId, usd: usdText(usd), message });
  }
}

/** A number of places; `take` resolves when the work has begun, `idle` when all of it is done. */
function slots(count: number) {
  const running = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    async take(work: () => Promise<void>): Promise<void> {
      if (free > 0) free -= 1;
      else await new Promise<void>((turn) => waiting.push(turn));
      const task = work().finally(() => {
        running.delete(task);
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      });
      running.add(task);
    },
    async idle(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
