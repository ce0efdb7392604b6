import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Order, Played } from "./play.ts";

/** How a process that played some seeds has ended. */
export type Ended =
  | { readonly kind: "held"; readonly seeds: number }
  | (Extract<Played, { kind: "broken" }> & { readonly seeds: number })
  /** It failed otherwise, or didn't end in time. */
  | { readonly kind: "stopped"; readonly seeds: number; readonly why: string };

export interface Watching {
  readonly timeLimitMs?: number;
  readonly onSeed?: (seed: number) => void;
}

/** Plays an order in a process of its own, so that every core has one. */
export async function played(program: string, order: Order, watching: Watching): Promise<Ended> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  });
  const exited = new Promise<number | null>((done) => child.once("exit", done));
  const timer = setTimeout(() => child.kill("SIGKILL"), watching.timeLimitMs ?? 2 ** 31 - 1);
  let seeds = 0;
  let broken: Extract<Played, { kind: "broken" }> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const one = JSON.parse(line) as Played;
    seeds += 1;
    if (one.kind === "broken") broken = one;
    else watching.onSeed?.(one.seed);
  }
  const code = await exited;
  clearTimeout(timer);
  if (broken !== undefined) return { ...broken, seeds };
  if (code === 0) return { kind: "held", seeds };
  return {
    kind: "stopped",
    seeds,
    why: code === null ? "it did not end" : `it ended with ${code}`,
  };
}
