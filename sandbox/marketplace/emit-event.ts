import type { Faults } from "../faults.ts";
import type { Queue } from "../sqs/queue.ts";
import type { LifecycleEvent } from "./lifecycle-events.ts";

export interface EmitDeps {
  readonly queue: Queue;
  readonly faults: Faults;
  /** Everything that was ever emitted, in order. */
  readonly record: (event: LifecycleEvent) => void;
}

/** Delivery is at least once and unordered (protocol-facts A6): the faults make it so. */
export function emit(deps: EmitDeps, event: LifecycleEvent, at: number): void {
  const { faults, queue } = deps;
  const type = event["detail-type"];
  const late = faults.fires("events", type, "delay")?.delayMs ?? 0;
  const overtakes = faults.fires("events", type, "reorder") !== undefined;
  const copies = faults.fires("events", type, "duplicate") === undefined ? 1 : 2;
  for (let copy = 0; copy < copies; copy += 1) {
    queue.send(JSON.stringify(event), { availableAt: at + late, overtakes });
  }
  deps.record(event);
}
