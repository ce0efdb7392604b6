import { AwsError } from "../../aws-service.ts";
import { isCustomResource } from "../resources/registry.ts";
import { ResourceFailure } from "../resources/resource-type.ts";
import type { ResourceDefinition } from "../template/template.ts";
import { Interrupted, setResourceStatus, type Engine } from "./engine.ts";
import type { Plan } from "./plan.ts";
import { createResource, deleteResource, updateResource } from "./provision.ts";
import { reversed, runGraph, type NodeResult } from "./run-graph.ts";
import type { Leftover, ResourceStatus, Stack, StackResource } from "./stack.ts";

/** The steps that create, update, rollback and delete are made of: one resource, told as events. */
export interface Work {
  readonly engine: Engine;
  readonly stack: Stack;
  /** Operation and phase. */
  readonly attempt: string;
  /** The operation that owns what is made now. */
  readonly token: string;
}

/** Makes the resource unless it is there already: a restart comes here again. */
export async function createStep(
  work: Work,
  plan: Plan,
  logicalId: string,
  abandon: AbortSignal,
): Promise<NodeResult> {
  const { engine, stack } = work;
  const existing = stack.resources[logicalId];
  if (existing?.createdBy === work.token) {
    if (existing.status === "CREATE_COMPLETE") return "done";
    if (existing.status === "CREATE_FAILED") return "failed";
  }
  const definition = plan.definition(logicalId);
  const resource = newResource(work, plan, logicalId, definition);
  stack.resources[logicalId] = resource;
  setResourceStatus(engine, stack, resource, "CREATE_IN_PROGRESS");
  try {
    const properties = plan.properties(logicalId, stack.resources);
    resource.properties = properties;
    const deps = { engine, stack, attempt: work.attempt, abandon };
    const made = await createResource(deps, logicalId, definition.type, properties);
    resource.physicalId = made.physicalId;
    resource.attributes = made.attributes;
    setResourceStatus(engine, stack, resource, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    setResourceStatus(engine, stack, resource, "CREATE_COMPLETE");
    return "done";
  } catch (error) {
    return failStep(work, resource, "CREATE_FAILED", error);
  }
}

function newResource(
  work: Work,
  plan: Plan,
  logicalId: string,
  definition: ResourceDefinition,
): StackResource {
  return {
    logicalId,
    type: definition.type,
    status: "CREATE_IN_PROGRESS",
    at: work.engine.context.clock.now(),
    properties: {},
    attributes: {},
    dependsOn: [...(plan.graph.get(logicalId) ?? [])],
    deletionPolicy: definition.deletionPolicy,
    updateReplacePolicy: definition.updateReplacePolicy,
    createdBy: work.token,
  };
}

/** Changes the resource to `properties`; what it was replaced by shows in its physical id. */
export async function updateStep(
  work: Work,
  resource: StackResource,
  to: StackResource["properties"],
  abandon: AbortSignal,
): Promise<NodeResult> {
  const { engine, stack } = work;
  const from = resource.attempted ?? resource.properties;
  const previousId = resource.physicalId;
  resource.attempted = to;
  setResourceStatus(engine, stack, resource, "UPDATE_IN_PROGRESS");
  try {
    const deps = { engine, stack, attempt: work.attempt, abandon };
    const made = await updateResource(deps, resource, from, to);
    if (made.physicalId !== previousId) {
      stack.leftovers.push(replacedBy(resource));
      setResourceStatus(
        ...([engine, stack, resource, "UPDATE_IN_PROGRESS"] as const),
        "Requested update requires the creation of a new physical resource; hence creating one.",
      );
    }
    resource.physicalId = made.physicalId;
    resource.attributes = made.attributes;
    resource.properties = to;
    delete resource.attempted;
    setResourceStatus(engine, stack, resource, "UPDATE_COMPLETE");
    return "done";
  } catch (error) {
    return failStep(work, resource, "UPDATE_FAILED", error);
  }
}

/** The old physical resource goes at the end of the update: until then it may be needed again. */
function replacedBy(resource: StackResource): Leftover {
  return { resource: { ...resource }, policy: resource.updateReplacePolicy };
}

function failStep(
  { engine, stack }: Work,
  resource: StackResource,
  status: ResourceStatus,
  error: unknown,
): NodeResult {
  if (error instanceof Interrupted) throw error;
  if (error instanceof ResourceFailure && error.physicalId !== undefined) {
    const replaced = status === "UPDATE_FAILED" && error.physicalId !== resource.physicalId;
    if (replaced) stack.leftovers.push(replacedBy(resource));
    resource.physicalId = error.physicalId;
  }
  setResourceStatus(engine, stack, resource, status, reasonOf(error));
  return "failed";
}

export function reasonOf(error: unknown): string {
  if (error instanceof ResourceFailure || error instanceof AwsError) return error.message;
  // A bug of ours: the stack must not hang, and whoever develops the sandbox must see it.
  console.error("The sandbox failed at a resource.", error);
  return `Internal Failure in the sandbox: ${error instanceof Error ? error.message : String(error)}`;
}

/** Deletes one physical resource of the stack. */
export async function deleteStep(
  work: Work,
  resource: StackResource,
  abandon: AbortSignal,
): Promise<NodeResult> {
  const { engine, stack } = work;
  setResourceStatus(engine, stack, resource, "DELETE_IN_PROGRESS");
  try {
    await deleteResource({ engine, stack, attempt: work.attempt, abandon }, resource);
    setResourceStatus(engine, stack, resource, "DELETE_COMPLETE");
    return "done";
  } catch (error) {
    return failStep(work, resource, "DELETE_FAILED", error);
  }
}

/**
 * Deletes what `fate` says, each after everything that needed it. Answers the logical ids that
 * could not be deleted.
 */
export async function deleteSteps(
  work: Work,
  resources: readonly StackResource[],
  fate: (resource: StackResource) => "delete" | "skip",
): Promise<string[]> {
  const { engine, stack } = work;
  const present = resources.filter((one) => !isGone(one));
  const byId = new Map(present.map((resource) => [resource.logicalId, resource]));
  const graph = new Map(
    present.map(({ logicalId, dependsOn }) => [
      logicalId,
      new Set(dependsOn.filter((name) => byId.has(name) && name !== logicalId)),
    ]),
  );
  const failed: string[] = [];
  const remove = async (logicalId: string, abandon: AbortSignal): Promise<NodeResult> => {
    const resource = byId.get(logicalId)!;
    if (neverMade(resource)) {
      setResourceStatus(engine, stack, resource, "DELETE_COMPLETE");
      return "done";
    }
    if (fate(resource) === "skip") {
      setResourceStatus(engine, stack, resource, "DELETE_SKIPPED");
      return "done";
    }
    const result = await deleteStep(work, resource, abandon);
    if (result === "failed") failed.push(logicalId);
    return result;
  };
  await runGraph(reversed(graph), remove, { goOn: true });
  return failed;
}

export function isGone({ status }: StackResource): boolean {
  return status === "DELETE_COMPLETE" || status === "DELETE_SKIPPED";
}

/** Failed before anything existed. A custom resource that was asked has a physical id. */
function neverMade(resource: StackResource): boolean {
  return resource.physicalId === undefined && !isAsked(resource);
}

/** A kill may have come between the request and its answer. */
function isAsked({ type, status }: StackResource): boolean {
  return isCustomResource(type) && status === "CREATE_IN_PROGRESS";
}
