import { Broken } from "./broken.ts";
import type { Random } from "./random.ts";

/**
 * Runs several workers at once, one effect at a time, in an order that the seed decides.
 *
 * Every call that a worker makes to the outside waits here. Before and after each one, the worker
 * may die: what it asked for was done or was not, and it never hears of it. Or it may be told that
 * the call failed, whether it did or not. Or the effect may stall, while the others and the clock
 * go on.
 */
export interface Scheduler {
  /** A port whose every method waits its turn. */
  guard<Port extends object>(worker: string, port: Port): Port;
  /** Until every worker given has returned or died. */
  run(workers: readonly { readonly name: string; readonly work: Promise<void> }[]): Promise<void>;
  isDead(worker: string): boolean;
  /** Ends the run, whoever catches errors on the way. */
  watching<T>(check: () => T): T;
}

export interface Hazards {
  readonly crash: number;
  readonly stall: number;
  readonly fail: number;
  /** Called when an effect stalls: lets time pass. */
  readonly onStall: () => Promise<void>;
  readonly tell?: (line: string) => void;
}

/** What a worker hears when its call failed, or its answer was lost. */
export class StoreAway extends Error {
  override readonly name = "StoreAway";
}

type Method = (...args: unknown[]) => unknown;

interface Effect {
  readonly worker: string;
  readonly perform: () => Promise<void>;
}

/** Steps of promises between two effects: a turn of the event loop would cost ten times as much. */
const STEPS = 24;

export function scheduler(random: Random, hazards: () => Hazards): Scheduler {
  const waiting: Effect[] = [];
  const dead = new Set<string>();
  // The product catches what one license throws: a broken promise must not be among it.
  let broken: Broken | undefined;
  const die = (worker: string, how: string) => {
    hazards().tell?.(`${worker} dies ${how}`);
    dead.add(worker);
  };

  function guardCall(worker: string, call: () => unknown, name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const perform = async () => {
        const { crash, fail, tell } = hazards();
        if (random.chance(crash / 2)) return die(worker, `before ${name}`);
        // The metering gateway never throws: what it doesn't know is an answer, too.
        const isSure = name === "send" || name === "read" || name === "stack";
        if (!isSure && random.chance(fail / 2)) {
          tell?.(`${worker}: ${name} fails, and is not done`);
          return reject(new StoreAway("the store is away"));
        }
        try {
          const result = await call();
          tell?.(`${worker}: ${name} ${tellable(result)}`);
          if (random.chance(crash / 2)) return die(worker, `after ${name}`);
          if (!isSure && random.chance(fail / 2)) {
            tell?.(`${worker}: ${name} fails, and is done`);
            return reject(new StoreAway("the store is away"));
          }
          resolve(result);
        } catch (error) {
          if (error instanceof Broken) broken ??= error;
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      waiting.push({ worker, perform });
    });
  }

  return {
    isDead: (worker) => dead.has(worker),
    watching(check) {
      try {
        return check();
      } catch (error) {
        if (error instanceof Broken) broken ??= error;
        throw error;
      }
    },
    guard: (worker, port) => {
      const guarded: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(port)) {
        guarded[name] =
          typeof member === "function"
            ? (...args: unknown[]) =>
                guardCall(worker, () => (member as Method).apply(port, args), name)
            : (member as unknown);
      }
      return guarded as typeof port;
    },
    async run(workers) {
      const working = new Set(workers.map(({ name }) => name));
      const failures: unknown[] = [];
      for (const { name, work } of workers) {
        work.then(
          () => working.delete(name),
          (error: unknown) => {
            working.delete(name);
            if (!(error instanceof StoreAway)) failures.push(error);
          },
        );
      }
      for (;;) {
        // Lets the workers run on until they wait for an effect; whoever needs more steps than these
        // takes part a little later, which is an order like any other.
        for (let step = 0; step < STEPS; step++) await Promise.resolve();
        if (broken !== undefined) throw broken;
        if (failures.length > 0) throw failures[0];
        for (const name of working) if (dead.has(name)) working.delete(name);
        const ready = waiting.filter(({ worker }) => working.has(worker));
        waiting.splice(0, waiting.length, ...ready);
        if (working.size === 0) return;
        if (ready.length === 0) {
          await new Promise(setImmediate);
          continue;
        }
        if (random.chance(hazards().stall)) await hazards().onStall();
        const [effect] = waiting.splice(Math.floor(random.next() * waiting.length), 1);
        await effect?.perform();
      }
    },
  };
}

function tellable(result: unknown): string {
  const text = JSON.stringify(result, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  return text === undefined ? "" : text.slice(0, 400);
}
