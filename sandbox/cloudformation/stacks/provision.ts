import { fallbackPhysicalId, sendRequest } from "../custom-resources/send-request.ts";
import type { LiveResource } from "../inventory.ts";
import { isCustomResource, resourceType } from "../resources/registry.ts";
import {
  checkProperties,
  fail,
  ResourceFailure,
  text,
  type ResourceType,
} from "../resources/resource-type.ts";
import type { Json, JsonObject } from "../template/template.ts";
import { environment, type Engine } from "./engine.ts";
import { sameData } from "./plan.ts";
import type { Stack, StackResource } from "./stack.ts";

/** Makes, changes and deletes single resources. All throw a ResourceFailure when it goes wrong. */
export interface Provisioned {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

export interface ProvisionDeps {
  readonly engine: Engine;
  readonly stack: Stack;
  /** Operation and phase: names the attempt. */
  readonly attempt: string;
  readonly abandon: AbortSignal;
}

export async function createResource(
  deps: ProvisionDeps,
  logicalId: string,
  typeName: string,
  properties: JsonObject,
): Promise<Provisioned> {
  injected(deps, logicalId, "create", "before");
  const made = isCustomResource(typeName)
    ? await createCustom(deps, logicalId, typeName, properties)
    : createKnown(deps, logicalId, known(typeName), properties);
  injected(deps, logicalId, "create", "after", made.physicalId);
  return made;
}

/** The result's physical id differs from the resource's when it was replaced. */
export async function updateResource(
  deps: ProvisionDeps,
  resource: StackResource,
  from: JsonObject,
  to: JsonObject,
): Promise<Provisioned> {
  injected(deps, resource.logicalId, "update", "before");
  const made = isCustomResource(resource.type)
    ? await updateCustom(deps, resource, from, to)
    : updateKnown(deps, resource, known(resource.type), to);
  injected(deps, resource.logicalId, "update", "after", made.physicalId);
  return made;
}

export async function deleteResource(deps: ProvisionDeps, resource: StackResource): Promise<void> {
  injected(deps, resource.logicalId, "delete", "before");
  if (isCustomResource(resource.type)) await deleteCustom(deps, resource);
  else deleteKnown(deps, resource, known(resource.type));
  injected(deps, resource.logicalId, "delete", "after");
}

function injected(
  { engine, stack }: ProvisionDeps,
  logicalId: string,
  operation: "create" | "update" | "delete",
  when: "before" | "after",
  physicalId?: string,
): void {
  const reason = engine.failures.take(stack.name, logicalId, operation, when);
  if (reason === undefined) return;
  throw new ResourceFailure(
    `Resource handler returned message: "${reason}" (HandlerErrorCode: GeneralServiceException)`,
    physicalId,
  );
}

function known(typeName: string): ResourceType {
  const type = resourceType(typeName);
  if (type === undefined) throw new RangeError(`unknown resource type ${typeName}`);
  return type;
}

// --- Types of the registry. Each change happens without a pause, so a kill never halves it.

function createKnown(
  { engine, stack }: ProvisionDeps,
  logicalId: string,
  type: ResourceType,
  properties: JsonObject,
): Provisioned {
  const env = environment(engine, stack, logicalId);
  checkProperties(type, properties, logicalId);
  type.check?.(properties, env);
  const physicalId = type.physicalId(properties, env);
  const region = regionOf(type, stack);
  if (engine.inventory.get(type.type, stack.accountId, region, physicalId) !== undefined) {
    fail(`Resource of type '${type.type}' with identifier '${physicalId}' already exists.`);
  }
  const live: LiveResource = {
    type: type.type,
    accountId: stack.accountId,
    region,
    physicalId,
    properties,
    attributes: type.attributesOf(properties, physicalId, env),
    stackId: stack.id,
    logicalId,
  };
  type.created?.(live, env);
  engine.inventory.put(live);
  return { physicalId, attributes: live.attributes };
}

function updateKnown(
  deps: ProvisionDeps,
  resource: StackResource,
  type: ResourceType,
  properties: JsonObject,
): Provisioned {
  const { engine, stack } = deps;
  const old = liveOf(deps, resource, type);
  if (old === undefined) fail(`Resource ${resource.physicalId} is not there any more.`);
  const changed = (name: string) =>
    !sameData(old.properties[name] ?? null, properties[name] ?? null);
  const refused = type.fixed?.find(changed);
  if (refused !== undefined) fail(`Updates are not allowed for property - ${refused}.`);
  if (type.createOnly.some(changed)) return replaceKnown(deps, resource, type, properties);
  const env = environment(engine, stack, resource.logicalId);
  checkProperties(type, properties, resource.logicalId);
  type.check?.(properties, env);
  const attributes = { ...type.attributesOf(properties, old.physicalId, env) };
  // What was drawn at random stays; what follows from properties is new.
  for (const name of type.randomAttributes ?? []) {
    const drawn = old.attributes[name];
    if (drawn !== undefined) attributes[name] = drawn;
  }
  const live = { ...old, properties, attributes };
  type.updated?.(live, old, env);
  engine.inventory.put(live);
  return { physicalId: live.physicalId, attributes };
}

function replaceKnown(
  deps: ProvisionDeps,
  resource: StackResource,
  type: ResourceType,
  properties: JsonObject,
): Provisioned {
  const name = type.nameProperty && text(properties, type.nameProperty);
  if (name !== undefined && name === resource.physicalId) {
    fail(
      "CloudFormation cannot update a stack when a custom-named resource requires replacing. " +
        `Rename ${name} and update the stack again.`,
    );
  }
  return createKnown(deps, resource.logicalId, type, properties);
}

function deleteKnown(deps: ProvisionDeps, resource: StackResource, type: ResourceType): void {
  const live = liveOf(deps, resource, type);
  // Deleted by somebody else: what was wanted is so.
  if (live === undefined) return;
  type.deleting?.(live, environment(deps.engine, deps.stack, resource.logicalId));
  deps.engine.inventory.remove(live);
}

function liveOf(
  { engine, stack }: ProvisionDeps,
  resource: StackResource,
  type: ResourceType,
): LiveResource | undefined {
  const region = regionOf(type, stack);
  return engine.inventory.get(type.type, stack.accountId, region, resource.physicalId ?? "");
}

function regionOf(type: ResourceType, stack: Stack): string {
  return type.uniqueIn === "account" ? "" : stack.region;
}

// --- Custom resources: their function does the work (protocol-facts B5).

async function createCustom(
  deps: ProvisionDeps,
  logicalId: string,
  resourceTypeName: string,
  properties: JsonObject,
): Promise<Provisioned> {
  const { engine, stack, attempt, abandon } = deps;
  const request = { requestType: "Create", logicalId, resourceType: resourceTypeName } as const;
  const answer = await sendRequest(engine, stack, { ...request, properties, attempt }, abandon);
  if (answer.kind === "success") return { physicalId: answer.physicalId, attributes: answer.data };
  // It was asked, so it may have made something: rollback sends a Delete.
  const physicalId = answer.physicalId ?? fallbackPhysicalId(engine, stack, logicalId);
  throw new ResourceFailure(answer.reason, physicalId);
}

async function updateCustom(
  deps: ProvisionDeps,
  resource: StackResource,
  from: JsonObject,
  to: JsonObject,
): Promise<Provisioned> {
  if (!sameData(from.ServiceToken ?? null, to.ServiceToken ?? null)) {
    fail("Modifying service token is not allowed.");
  }
  const { engine, stack, attempt, abandon } = deps;
  const answer = await sendRequest(
    engine,
    stack,
    {
      requestType: "Update",
      logicalId: resource.logicalId,
      resourceType: resource.type,
      physicalId: resource.physicalId ?? "",
      properties: to,
      oldProperties: from,
      attempt,
    },
    abandon,
  );
  if (answer.kind === "success") return { physicalId: answer.physicalId, attributes: answer.data };
  throw new ResourceFailure(answer.reason, answer.physicalId ?? resource.physicalId);
}

async function deleteCustom(deps: ProvisionDeps, resource: StackResource): Promise<void> {
  const { engine, stack, attempt, abandon } = deps;
  const answer = await sendRequest(
    engine,
    stack,
    {
      requestType: "Delete",
      logicalId: resource.logicalId,
      resourceType: resource.type,
      physicalId: resource.physicalId ?? "",
      properties: resource.properties,
      attempt,
    },
    abandon,
  );
  if (answer.kind === "failed") fail(answer.reason);
}
