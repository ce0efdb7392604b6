import { setStackStatus, type Engine } from "./engine.ts";
import type { Plan } from "./plan.ts";
import { runGraph } from "./run-graph.ts";
import type { Operation, Stack, StackResource } from "./stack.ts";
import { createStep, deleteSteps, reasonOf, type Work } from "./work.ts";

type Create = Extract<Operation, { kind: "create" }>;

/** Creates a stack, or goes on where a kill stopped it. Ends in a state that rests. */
export async function runCreate(
  engine: Engine,
  stack: Stack,
  operation: Create,
  plan: Plan,
  cancel: AbortSignal,
): Promise<void> {
  const work: Work = { engine, stack, token: operation.token, attempt: operation.token };
  if (operation.phase === "forward") {
    const problem = await createAll(work, plan, cancel);
    // Deleted meanwhile: that operation goes on from here.
    if (cancel.aborted) return;
    if (problem === undefined) return setStackStatus(engine, stack, "CREATE_COMPLETE");
    beginRollback(engine, stack, operation, problem);
  }
  const undo: Work = { ...work, attempt: `${operation.token}-rollback` };
  if (operation.phase === "rollback") await rollback(undo);
  if (operation.phase === "delete") await deleteFailed(undo);
}

/** Why it failed; undefined when everything stands. */
async function createAll(work: Work, plan: Plan, cancel: AbortSignal): Promise<string | undefined> {
  const { stack } = work;
  await runGraph(plan.graph, (id, abandon) => createStep(work, plan, id, abandon), {
    goOn: false,
    cancel,
  });
  const failed = Object.values(stack.resources).filter((one) => one.status === "CREATE_FAILED");
  if (failed.length > 0) return failedToText("create", failed);
  if (cancel.aborted) return undefined;
  try {
    stack.outputs = plan.outputs(stack.resources);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

export function failedToText(verb: string, failed: readonly StackResource[]): string {
  const names = failed.map(({ logicalId }) => logicalId).join(", ");
  return `The following resource(s) failed to ${verb}: [${names}]. `;
}

function beginRollback(engine: Engine, stack: Stack, operation: Create, problem: string): void {
  switch (stack.onFailure) {
    case "DO_NOTHING":
      return setStackStatus(engine, stack, "CREATE_FAILED", problem);
    case "ROLLBACK":
      operation.phase = "rollback";
      return setStackStatus(
        ...([engine, stack, "ROLLBACK_IN_PROGRESS"] as const),
        `${problem}Rollback requested by user.`,
      );
    case "DELETE":
      operation.phase = "delete";
      return setStackStatus(
        ...([engine, stack, "DELETE_IN_PROGRESS"] as const),
        `${problem}Delete requested by user.`,
      );
  }
}

/** RetainExceptOnCreate is deleted here and only here (protocol-facts B6). */
function fateAfterFailedCreate({ deletionPolicy }: StackResource): "delete" | "skip" {
  return deletionPolicy === "Retain" ? "skip" : "delete";
}

async function rollback(work: Work): Promise<void> {
  const { engine, stack } = work;
  const failed = await deleteSteps(work, Object.values(stack.resources), fateAfterFailedCreate);
  if (failed.length === 0) setStackStatus(engine, stack, "ROLLBACK_COMPLETE");
  else {
    setStackStatus(
      ...([engine, stack, "ROLLBACK_FAILED"] as const),
      `The following resource(s) failed to delete: [${failed.join(", ")}]. `,
    );
  }
}

async function deleteFailed(work: Work): Promise<void> {
  const { engine, stack } = work;
  const failed = await deleteSteps(work, Object.values(stack.resources), fateAfterFailedCreate);
  if (failed.length === 0) {
    stack.deletedAt = engine.context.clock.now();
    setStackStatus(engine, stack, "DELETE_COMPLETE");
  } else {
    setStackStatus(
      ...([engine, stack, "DELETE_FAILED"] as const),
      `The following resource(s) failed to delete: [${failed.join(", ")}]. `,
    );
  }
}
