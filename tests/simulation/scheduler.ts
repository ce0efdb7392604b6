import type { Random } from "./random.ts";

/**
 * Runs several workers at once, one effect at a time, in an order that the seed decides.
 *
 * Every call that a worker makes to the outside waits here. Before and after each one, the worker
 * may die: what it asked for was done or was not, and it never hears of it. Or the effect may
 * stall, while the others and the clock go on.
 */
export interface Scheduler {
  /** A port whose every method waits its turn. */
  guard<Port extends object>(worker: string, port: Port): Port;
  /** Until every worker given has returned or died. */
  run(workers: readonly { readonly name: string; readonly work: Promise<void> }[]): Promise<void>;
  isDead(worker: string): boolean;
}

export interface Hazards {
  readonly crash: number;
  readonly stall: number;
  /** Called when an effect stalls: lets time pass. */
  readonly onStall: () => Promise<void>;
}

interface Effect {
  readonly worker: string;
  readonly perform: () => Promise<void>;
}

export function scheduler(random: Random, hazards: () => Hazards): Scheduler {
  const waiting: Effect[] = [];
  const dead = new Set<string>();

  function guardCall(worker: string, call: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const perform = async () => {
        const { crash } = hazards();
        if (random.chance(crash / 2)) return void dead.add(worker);
        try {
          const result = await call();
          if (random.chance(crash / 2)) return void dead.add(worker);
          resolve(result);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      waiting.push({ worker, perform });
    });
  }

  return {
    isDead: (worker) => dead.has(worker),
    guard: (worker, port) =>
      new Proxy(port, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== "function") return member;
          return (...args: unknown[]) =>
            guardCall(worker, () => Reflect.apply(member, target, args) as unknown);
        },
      }),
    async run(workers) {
      const working = new Set(workers.map(({ name }) => name));
      const failures: unknown[] = [];
      for (const { name, work } of workers) {
        work.then(
          () => working.delete(name),
          (error: unknown) => {
            working.delete(name);
            failures.push(error);
          },
        );
      }
      for (;;) {
        // Lets every worker run on until it waits for an effect.
        await new Promise(setImmediate);
        if (failures.length > 0) throw failures[0];
        for (const name of working) if (dead.has(name)) working.delete(name);
        const ready = waiting.filter(({ worker }) => working.has(worker));
        waiting.splice(0, waiting.length, ...ready);
        if (working.size === 0) return;
        if (ready.length === 0) continue;
        if (random.chance(hazards().stall)) await hazards().onStall();
        const [effect] = waiting.splice(Math.floor(random.next() * waiting.length), 1);
        await effect?.perform();
      }
    },
  };
}
