import type { DeletionPolicy } from "../template/template.ts";
import { failedToText } from "./create-stack.ts";
import { deleteLeftovers } from "./delete-stack.ts";
import { setResourceStatus, setStackStatus, type Engine } from "./engine.ts";
import { sameData, type Plan } from "./plan.ts";
import { runGraph, type NodeResult } from "./run-graph.ts";
import type { Operation, Stack, StackResource } from "./stack.ts";
import { createStep, isGone, reasonOf, updateStep, type Work } from "./work.ts";

type Update = Extract<Operation, { kind: "update" }>;

/** Updates a stack, or goes on where a kill stopped it. Ends in a state that rests. */
export async function runUpdate(
  engine: Engine,
  stack: Stack,
  operation: Update,
  plan: Plan,
): Promise<void> {
  const { token } = operation;
  const work: Work = { engine, stack, token, attempt: token };
  if (operation.phase === "forward") {
    const problem = await updateAll(work, plan);
    if (problem === undefined) beginCleanup(work, operation, plan);
    else if (operation.disableRollback) {
      return setStackStatus(engine, stack, "UPDATE_FAILED", problem);
    } else {
      operation.phase = "rollback";
      // What was replaced stands again after the rollback.
      stack.leftovers = [...operation.leftoversBefore];
      setStackStatus(engine, stack, "UPDATE_ROLLBACK_IN_PROGRESS", problem);
    }
  }
  if (operation.phase === "rollback") {
    const undo: Work = { ...work, attempt: `${token}-rollback` };
    const failed = await rollBack(undo, operation);
    if (failed.length > 0) {
      const reason = failedToText("update", failed);
      return setStackStatus(engine, stack, "UPDATE_ROLLBACK_FAILED", reason);
    }
    operation.phase = "rollback-cleanup";
    setStackStatus(engine, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
  }
  const failed = await deleteLeftovers({ ...work, attempt: `${token}-cleanup` });
  // What could not be deleted is told, but the update stands.
  const done = operation.phase === "cleanup" ? "UPDATE_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
  const reason = `${failed.length} resource(s) could not be deleted during cleanup: [${failed.join(", ")}].`;
  setStackStatus(engine, stack, done, failed.length > 0 ? reason : undefined);
}

/** Why it failed; undefined when everything is as wanted. */
async function updateAll(work: Work, plan: Plan): Promise<string | undefined> {
  const { stack } = work;
  await runGraph(plan.graph, (id, abandon) => bringAbout(work, plan, id, abandon), { goOn: false });
  const failed = Object.values(stack.resources).filter(
    ({ status, logicalId }) =>
      plan.logicalIds.includes(logicalId) &&
      (status === "UPDATE_FAILED" || status === "CREATE_FAILED"),
  );
  if (failed.length > 0) return failedToText("update", failed);
  try {
    stack.outputs = plan.outputs(stack.resources);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Creates, changes or leaves alone: what is already so gets no call and no event. */
async function bringAbout(
  work: Work,
  plan: Plan,
  logicalId: string,
  abandon: AbortSignal,
): Promise<NodeResult> {
  const { stack } = work;
  const resource = stack.resources[logicalId];
  if (
    resource === undefined ||
    isGone(resource) ||
    resource.physicalId === undefined ||
    resource.status === "CREATE_FAILED"
  ) {
    // What an earlier create left half-made goes at the end.
    if (resource?.status === "CREATE_FAILED" && resource.physicalId !== undefined) {
      stack.leftovers.push({ resource: { ...resource }, policy: "Delete" });
    }
    return createStep(work, plan, logicalId, abandon);
  }
  const definition = plan.definition(logicalId);
  const follow = (): NodeResult => {
    resource.deletionPolicy = definition.deletionPolicy;
    resource.updateReplacePolicy = definition.updateReplacePolicy;
    stack.resources[logicalId] = { ...resource, dependsOn: [...(plan.graph.get(logicalId) ?? [])] };
    return "done";
  };
  let properties: StackResource["properties"];
  try {
    properties = plan.properties(logicalId, stack.resources);
  } catch (error) {
    setResourceStatus(work.engine, stack, resource, "UPDATE_FAILED", reasonOf(error));
    return "failed";
  }
  if (resource.attempted === undefined && sameData(resource.properties, properties))
    return follow();
  const result = await updateStep(work, resource, properties, abandon);
  return result === "done" ? follow() : result;
}

/** From here on the new definition is the stack's; what it no longer names goes. */
function beginCleanup(work: Work, operation: Update, plan: Plan): void {
  const { engine, stack } = work;
  const dropped = Object.values(stack.resources).filter(
    ({ logicalId }) => !plan.logicalIds.includes(logicalId),
  );
  for (const resource of dropped) {
    stack.leftovers.push({ resource, policy: resource.deletionPolicy });
    delete stack.resources[resource.logicalId];
  }
  stack.definition = operation.wanted;
  operation.phase = "cleanup";
  setStackStatus(engine, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
}

/** Makes everything as it was before; what was made meanwhile is left for the cleanup. */
async function rollBack(work: Work, operation: Update): Promise<StackResource[]> {
  const { stack } = work;
  const { before } = operation;
  const made = Object.values(stack.resources).filter(({ logicalId }) => !(logicalId in before));
  const graph = new Map(
    Object.values(before).map(({ logicalId, dependsOn }) => [
      logicalId,
      new Set(dependsOn.filter((name) => name in before)),
    ]),
  );
  await runGraph(graph, (id, abandon) => restore(work, before[id]!, abandon), { goOn: true });
  const failed = Object.values(stack.resources).filter(({ status }) => status === "UPDATE_FAILED");
  if (failed.length > 0) return failed;
  for (const resource of made) {
    stack.leftovers.push({ resource, policy: policyOnFailedCreate(resource.deletionPolicy) });
    delete stack.resources[resource.logicalId];
  }
  return [];
}

function policyOnFailedCreate(policy: DeletionPolicy): DeletionPolicy {
  return policy === "RetainExceptOnCreate" ? "Delete" : policy;
}

/** One resource back to what it was. */
async function restore(
  work: Work,
  before: StackResource,
  abandon: AbortSignal,
): Promise<NodeResult> {
  const { engine, stack } = work;
  const current = stack.resources[before.logicalId];
  if (current === undefined || isGone(before)) return "done";
  if (current.physicalId !== before.physicalId) {
    // It was replaced: the old one still stands, so the new one is all that has to go.
    stack.leftovers.push({ resource: { ...current }, policy: "Delete" });
    stack.resources[before.logicalId] = { ...before };
    const restored = stack.resources[before.logicalId]!;
    setResourceStatus(engine, stack, restored, "UPDATE_COMPLETE");
    return "done";
  }
  const touched =
    current.attempted !== undefined || !sameData(current.properties, before.properties);
  const result = touched ? await updateStep(work, current, before.properties, abandon) : "done";
  if (result === "done") {
    const { dependsOn, deletionPolicy, updateReplacePolicy } = before;
    Object.assign(current, { dependsOn, deletionPolicy, updateReplacePolicy });
  }
  return result;
}
