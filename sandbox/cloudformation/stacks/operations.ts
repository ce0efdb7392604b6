import { resolveParameters } from "../template/parameters.ts";
import type { Place } from "../template/places.ts";
import { text } from "../resources/resource-type.ts";
import { runCreate } from "./create-stack.ts";
import { runDelete } from "./delete-stack.ts";
import { Interrupted, type Engine } from "./engine.ts";
import { makePlan, readTemplate, type Plan } from "./plan.ts";
import { isInProgress, type Stack, type StackDefinition } from "./stack.ts";
import { runUpdate } from "./update-stack.ts";

/** Runs what `stack.operation` says, in the background, one operation per stack at a time. */
export interface Operations {
  start(stack: Stack): void;
  /** Ends a create early, so that a delete can follow. */
  cancel(stack: Stack): void;
  /** Takes up every operation that a kill interrupted. */
  resume(): void;
  /** Resolves when nothing is under way any more, for this stack or for all. */
  settled(stackId?: string): Promise<void>;
}

export function createOperations(engine: Engine): Operations {
  const running = new Map<string, { done: Promise<void>; cancel: AbortController }>();

  async function run(stack: Stack, cancel: AbortSignal): Promise<void> {
    // The request that asked for it is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    const { operation } = stack;
    if (operation === undefined || engine.stopping.aborted) return;
    switch (operation.kind) {
      case "create": {
        await runCreate(engine, stack, operation, planOf(engine, stack, stack.definition), cancel);
        break;
      }
      case "update":
        await runUpdate(engine, stack, operation, planOf(engine, stack, operation.wanted));
        break;
      case "delete":
        await runDelete(engine, stack, operation);
    }
    // A delete may have taken the place of the create that it cancelled.
    if (stack.operation === operation) delete stack.operation;
    engine.changed(stack);
  }

  function start(stack: Stack): void {
    const before = running.get(stack.id)?.done ?? Promise.resolve();
    const cancel = new AbortController();
    const done = before
      .then(() => run(stack, cancel.signal))
      .catch((error: unknown) => {
        if (!(error instanceof Interrupted)) console.error(`Stack ${stack.name} got stuck.`, error);
      })
      .finally(() => {
        if (running.get(stack.id)?.done === done) running.delete(stack.id);
      });
    running.set(stack.id, { done, cancel });
  }

  return {
    start,
    cancel: (stack) => running.get(stack.id)?.cancel.abort(),
    resume() {
      for (const stack of engine.stacks.values()) {
        if (isInProgress(stack) && stack.operation !== undefined) start(stack);
      }
    },
    async settled(stackId) {
      for (;;) {
        const wanted = [...running].filter(([id]) => stackId === undefined || id === stackId);
        if (wanted.length === 0) return;
        await Promise.all(wanted.map(([, { done }]) => done));
      }
    },
  };
}

export function placeOf(stack: Stack): Place {
  const { accountId, region, name, id } = stack;
  return { accountId, region, stackName: name, stackId: id };
}

/** The plan again, from what was checked when the operation was asked for. */
export function planOf(engine: Engine, stack: Stack, definition: StackDefinition): Plan {
  const template = readTemplate(definition.templateText);
  const inputs = Object.entries(definition.parameters).map(
    ([name, value]) => [name, { value, usePrevious: false }] as const,
  );
  const place = placeOf(stack);
  const values = resolveParameters(template, Object.fromEntries(inputs), {}, (name) =>
    ssmParameter(engine, place, name),
  );
  return makePlan(template, values, place);
}

export function ssmParameter(
  engine: Engine,
  { accountId, region }: Pick<Place, "accountId" | "region">,
  name: string,
): string | undefined {
  const found = engine.inventory.get("AWS::SSM::Parameter", accountId, region, name);
  return found && text(found.properties, "Value");
}
