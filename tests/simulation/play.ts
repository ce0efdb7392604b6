import { Broken } from "./broken.ts";
import { simulate } from "./simulate.ts";

/** Plays some seeds in this process and tells of each on stdout; ends at the first broken one. */
export interface Order {
  readonly from: number;
  readonly seeds: number;
  /** Several processes share the seeds: each takes every so manieth. */
  readonly every: number;
  /** What happens is told on stderr. */
  readonly trace?: boolean;
}

export type Played =
  | { readonly seed: number; readonly kind: "held" }
  | {
      readonly seed: number;
      readonly kind: "broken";
      /** Which promise; absent when the simulation itself could not go on. */
      readonly invariant?: string;
      readonly message: string;
    };

async function play({ from, seeds, every, trace }: Order): Promise<number> {
  const tell = (played: Played) => void process.stdout.write(`${JSON.stringify(played)}\n`);
  for (let seed = from; seed < from + seeds; seed += every) {
    try {
      await simulate(
        seed,
        trace === true ? (line) => process.stderr.write(`${line}\n`) : undefined,
      );
      tell({ seed, kind: "held" });
    } catch (error) {
      const { message, stack = message } = error as Error;
      if (error instanceof Broken) {
        tell({ seed, kind: "broken", invariant: error.invariant, message });
      } else tell({ seed, kind: "broken", message: stack });
      return 1;
    }
  }
  return 0;
}

process.exitCode = await play(JSON.parse(process.argv[2] ?? "") as Order);
