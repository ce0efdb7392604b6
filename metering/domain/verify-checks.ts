import { type Exact, exact, exactText } from "./verify-arithmetic.ts";

/** A figure of a statement that its other figures contradict. */
export interface Difference {
  /** Where it stands in the file, such as `charges[0].ratedUsd`. */
  readonly where: string;
  readonly stated: string;
  readonly recomputed: string;
}

/** Compares what a file says with what was computed; remembers only what differs. */
export interface Checks {
  readonly differences: readonly Difference[];
  /** Amounts and units. */
  figure(where: string, stated: string | number, recomputed: Exact | number): void;
  text(where: string, stated: string | undefined, recomputed: string | undefined): void;
  that(where: string, stated: string, holds: boolean, rule: string): void;
  /** Runs checks that can't go on when a figure is no number. */
  within(where: string, check: () => void): void;
}

export function createChecks(): Checks {
  const differences: Difference[] = [];
  const note = (where: string, stated: string, recomputed: string) =>
    void differences.push({ where, stated, recomputed });
  return {
    differences,
    figure(where, stated, recomputed) {
      const value = typeof recomputed === "number" ? exact(recomputed) : recomputed;
      if (exact(stated) !== value) note(where, `${stated}`, exactText(value));
    },
    text(where, stated, recomputed) {
      if (stated !== recomputed) note(where, stated ?? "nothing", recomputed ?? "nothing");
    },
    that(where, stated, holds, rule) {
      if (!holds) note(where, stated, rule);
    },
    within(where, check) {
      try {
        check();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        note(where, error.message, "a figure that can be computed with");
      }
    },
  };
}
