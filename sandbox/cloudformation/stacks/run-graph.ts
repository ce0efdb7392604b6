import type { Dependencies } from "../template/check-template.ts";

export type NodeResult = "done" | "failed";

export interface GraphOptions {
  /** As deleting does: a failure stops only the nodes that wait for the failed one. */
  readonly goOn: boolean;
  /** Somebody wants the whole run to end early. */
  readonly cancel?: AbortSignal;
}

/**
 * Works through a graph: a node starts when all it waits for is done, independent ones run at the
 * same time. After a failure nothing new starts, and `signal` tells what still runs that nobody
 * waits for it any more.
 */
export async function runGraph(
  graph: Dependencies,
  work: (id: string, signal: AbortSignal) => Promise<NodeResult>,
  { goOn, cancel }: GraphOptions,
): Promise<void> {
  const waiting = new Map([...graph].map(([id, needs]) => [id, new Set(needs)]));
  const running = new Map<string, Promise<{ id: string; result: NodeResult }>>();
  const stop = new AbortController();
  const halt = () => {
    waiting.clear();
    stop.abort();
  };
  if (cancel?.aborted === true) return;
  cancel?.addEventListener("abort", halt);
  try {
    for (;;) {
      for (const [id, needs] of waiting) {
        if (needs.size > 0) continue;
        waiting.delete(id);
        running.set(
          id,
          work(id, stop.signal).then((result) => ({ id, result })),
        );
      }
      if (running.size === 0) return;
      const { id, result } = await Promise.race(running.values());
      running.delete(id);
      if (result === "done") for (const needs of waiting.values()) needs.delete(id);
      else if (!goOn) halt();
    }
  } finally {
    cancel?.removeEventListener("abort", halt);
  }
}

/** Who waits for whom when deleting: a resource goes after everything that needed it. */
export function reversed(graph: Dependencies): Dependencies {
  return new Map(
    [...graph.keys()].map((id) => [
      id,
      new Set([...graph].filter(([, needs]) => needs.has(id)).map(([dependent]) => dependent)),
    ]),
  );
}
