import type { SandboxClock } from "./sandbox.ts";

/** The sandbox's own time: real time shifted by what it was advanced, never backwards. */
export interface MovableClock extends SandboxClock {
  /** Called after every jump, so that waiting calls look again. Answers how to stop listening. */
  onAdvanced(listener: () => void): () => void;
  snapshot(): ClockSnapshot;
  restore(snapshot: ClockSnapshot): void;
}

export interface ClockSnapshot {
  readonly now: number;
  /** Sandbox time minus the machine's time. */
  readonly offset: number;
}

export function movableClock(startAt: number = Date.now()): MovableClock {
  // The machine's clock may be set back while the sandbox runs; this one only counts up.
  let base = startAt;
  let baseTick = performance.now();
  const listeners = new Set<() => void>();

  const now = (): number => Math.floor(base + performance.now() - baseTick);
  const set = (instant: number): void => {
    base = instant;
    baseTick = performance.now();
  };

  return {
    now,
    advanceTo(instant) {
      if (!Number.isSafeInteger(instant)) {
        throw new RangeError(`not an instant in epoch milliseconds: ${String(instant)}`);
      }
      const current = now();
      if (instant < current) {
        throw new RangeError(
          `The sandbox clock only moves forward: it is ${iso(current)}, asked for ${iso(instant)}.`,
        );
      }
      set(instant);
      for (const listener of [...listeners]) listener();
    },
    onAdvanced(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => ({ now: now(), offset: now() - Date.now() }),
    // Time went on while the sandbox was stopped, as it does at AWS.
    restore: (snapshot) => set(Math.max(snapshot.now, Date.now() + snapshot.offset)),
  };
}

function iso(instant: number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant) : date.toISOString();
}
