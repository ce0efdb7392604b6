import { backOffMs, nextCallAt } from "../domain/pace.ts";

/** Keeps a process below AWS's call rate. Make one, and give it to everything that meters. */
export interface Pacer {
  /** Resolves when the next call of the region may start. */
  readonly pace: (region: string) => Promise<void>;
  /** Resolves after the back-off of a round; rounds count from 1. */
  readonly pause: (round: number) => Promise<void>;
}

export function createPacer(deps: {
  /** Milliseconds that never jump: AWS counts real seconds, whatever a clock is set to. */
  readonly monotonicNow: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** From 0 to 1. */
  readonly random: () => number;
}): Pacer {
  const lastCall = new Map<string, number>();
  const wait = async (ms: number) => {
    if (ms > 0) await deps.sleep(ms);
  };
  return {
    pace(region) {
      const now = deps.monotonicNow();
      const at = nextCallAt(lastCall.get(region), now);
      lastCall.set(region, at);
      return wait(at - now);
    },
    pause: (round) => wait(backOffMs(round, deps.random())),
  };
}
