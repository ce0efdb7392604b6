import type { InjectedFailure } from "./failures.ts";
import type { LiveResource } from "./inventory.ts";
import type { LogGroups } from "./log-groups.ts";
import type { Engine } from "./stacks/engine.ts";
import type { Stack } from "./stacks/stack.ts";

/** All of CloudFormation's state as plain JSON. */
interface SavedState {
  readonly version: 1;
  readonly stacks: readonly Stack[];
  readonly inventory: readonly LiveResource[];
  readonly logGroups: ReturnType<LogGroups["snapshot"]>;
  readonly failures: readonly InjectedFailure[];
}

/** A copy: what happens next must not change what is about to be written. */
export function saveState(engine: Engine): SavedState {
  return structuredClone({
    version: 1,
    stacks: [...engine.stacks.values()],
    inventory: engine.inventory.snapshot(),
    logGroups: engine.logGroups.snapshot(),
    failures: engine.failures.list(),
  });
}

export function restoreState(engine: Engine, saved: unknown): void {
  // The data folder holds exactly what saveState gave.
  const state = structuredClone(saved) as SavedState;
  engine.stacks.clear();
  for (const stack of state.stacks) engine.stacks.set(stack.id, stack);
  engine.inventory.restore(state.inventory);
  engine.logGroups.restore(state.logGroups);
  engine.failures.restore(state.failures);
}
