import { AwsError } from "../../aws-service.ts";
import { randomUuid } from "../resources/resource-type.ts";
import { setStackStatus, type Engine } from "../stacks/engine.ts";
import { placeOf, planOf, ssmParameter, type Operations } from "../stacks/operations.ts";
import { makePlan, readTemplate, sameTags, type Plan } from "../stacks/plan.ts";
import {
  isInProgress,
  UPDATABLE,
  type OnFailure,
  type Stack,
  type StackDefinition,
  type Tag,
} from "../stacks/stack.ts";
import { resolveParameters, type ParameterInput } from "../template/parameters.ts";
import { partitionOf, pseudoParameters, type Place } from "../template/places.ts";
import { checkRules } from "../template/rules.ts";
import { refuse } from "../template/template.ts";
import { checkCapabilities } from "./capabilities.ts";
import { findStack, type AccountInRegion } from "./find-stack.ts";
import { templateText, type TemplateSource } from "./template-source.ts";

/** What the API and the console's pages ask of the engine. All refusals are AwsErrors. */
export interface StackInputs {
  readonly source: TemplateSource;
  readonly parameters: Readonly<Record<string, ParameterInput>>;
  readonly capabilities: readonly string[];
  readonly tags: readonly Tag[];
}

export interface CreateInputs extends StackInputs {
  readonly stackName: string;
  readonly onFailure: OnFailure;
  readonly terminationProtection: boolean;
}

export interface UpdateInputs extends Omit<StackInputs, "tags"> {
  readonly usePreviousTemplate: boolean;
  /** Undefined keeps them. */
  readonly tags: readonly Tag[] | undefined;
  readonly disableRollback: boolean;
}

export interface RequestDeps {
  readonly engine: Engine;
  readonly operations: Operations;
}

const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

/** Checks everything that can be checked, then starts. Answers the new stack's id. */
export function requestCreate(
  { engine, operations }: RequestDeps,
  where: AccountInRegion,
  inputs: CreateInputs,
): Stack {
  const { stackName } = inputs;
  if (!STACK_NAME.test(stackName)) {
    refuse(
      `1 validation error detected: Value '${stackName}' at 'stackName' failed to satisfy constraint: ` +
        "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]* and have length less than or equal to 128",
    );
  }
  if (findStack(engine, where, stackName) !== undefined) {
    throw new AwsError("AlreadyExistsException", `Stack [${stackName}] already exists`);
  }
  const { partition } = partitionOf(where.region);
  const id = `arn:${partition}:cloudformation:${where.region}:${where.accountId}:stack/${stackName}/${randomUuid(engine.context)}`;
  const place = { ...where, stackName, stackId: id };
  const { definition } = check(engine, place, inputs, {});
  const now = engine.context.clock.now();
  const stack: Stack = {
    id,
    name: stackName,
    ...where,
    createdAt: now,
    status: "CREATE_IN_PROGRESS",
    definition,
    onFailure: inputs.onFailure,
    terminationProtection: inputs.terminationProtection,
    resources: {},
    outputs: [],
    events: [],
    leftovers: [],
    operation: { kind: "create", token: randomUuid(engine.context), phase: "forward" },
  };
  engine.stacks.set(id, stack);
  setStackStatus(engine, stack, "CREATE_IN_PROGRESS", "User Initiated");
  operations.start(stack);
  return stack;
}

/** Everything AWS refuses before it makes or changes anything. */
function check(
  engine: Engine,
  place: Place,
  inputs: StackInputs,
  previous: Readonly<Record<string, string>>,
): { definition: StackDefinition; plan: Plan } {
  const text = templateText(engine, inputs.source);
  const template = readTemplate(text);
  const values = resolveParameters(template, inputs.parameters, previous, (name) =>
    ssmParameter(engine, place, name),
  );
  checkRules({ template, parameters: values, pseudo: pseudoParameters(place) });
  const plan = makePlan(template, values, place);
  checkCapabilities(template, inputs.capabilities);
  if (inputs.tags.length > 50) refuse("A stack may have at most 50 tags.");
  const written = Object.entries(values).map(([name, value]) => [name, value.written] as const);
  const { url } = inputs.source;
  const { description } = template;
  return {
    plan,
    definition: {
      templateText: text,
      ...(url === undefined ? {} : { templateUrl: url }),
      ...(description === undefined ? {} : { description }),
      parameters: Object.fromEntries(written),
      capabilities: inputs.capabilities,
      tags: inputs.tags,
    },
  };
}

export function requestUpdate(
  { engine, operations }: RequestDeps,
  where: AccountInRegion,
  nameOrId: string,
  inputs: UpdateInputs,
): Stack {
  const stack = findStack(engine, where, nameOrId);
  if (stack === undefined || stack.status === "DELETE_COMPLETE") {
    return refuse(`Stack [${nameOrId}] does not exist`);
  }
  if (!UPDATABLE.includes(stack.status)) {
    refuse(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
  const { definition: before } = stack;
  const keeps = inputs.usePreviousTemplate;
  // The text is kept whole, whatever its size was when it came by URL.
  const source = keeps ? { kept: before.templateText } : inputs.source;
  const wanted = checkUpdate(engine, stack, inputs, source);
  const tags = inputs.tags ?? before.tags;
  const same =
    wanted.plan.fingerprint() === planOf(engine, stack, before).fingerprint() &&
    sameTags(tags, before.tags);
  if (same && !stack.status.endsWith("_FAILED")) refuse("No updates are to be performed.");
  stack.operation = {
    kind: "update",
    token: randomUuid(engine.context),
    phase: "forward",
    wanted: {
      ...wanted.definition,
      ...(keeps && before.templateUrl !== undefined ? { templateUrl: before.templateUrl } : {}),
    },
    disableRollback: inputs.disableRollback,
    before: structuredClone(stack.resources),
    leftoversBefore: structuredClone(stack.leftovers),
  };
  stack.updatedAt = engine.context.clock.now();
  setStackStatus(engine, stack, "UPDATE_IN_PROGRESS", "User Initiated");
  operations.start(stack);
  return stack;
}

function checkUpdate(engine: Engine, stack: Stack, inputs: UpdateInputs, source: TemplateSource) {
  const { definition: before } = stack;
  const checked = check(
    engine,
    placeOf(stack),
    { ...inputs, source, tags: inputs.tags ?? before.tags },
    before.parameters,
  );
  const retyped = checked.plan.logicalIds.filter((id) => {
    const current = stack.resources[id];
    return current !== undefined && current.type !== checked.plan.definition(id).type;
  });
  if (retyped.length > 0) {
    refuse(
      "Update of resource type is not permitted. The new template modifies resource type of the " +
        `following resources: [${retyped.join(", ")}]`,
    );
  }
  return checked;
}

/** A stack that is not there is deleted already: no error, as on AWS. */
export function requestDelete(
  { engine, operations }: RequestDeps,
  where: AccountInRegion,
  nameOrId: string,
  retain: readonly string[],
): Stack | undefined {
  const stack = findStack(engine, where, nameOrId);
  if (stack === undefined || stack.status === "DELETE_COMPLETE") return undefined;
  if (stack.status === "DELETE_IN_PROGRESS") return stack;
  if (stack.terminationProtection) {
    refuse(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (retain.length > 0 && stack.status !== "DELETE_FAILED") {
    refuse(
      "Invalid operation on stack " +
        `[${stack.id}]. RetainResources can be given only for a stack in DELETE_FAILED.`,
    );
  }
  if (isInProgress(stack) && stack.status !== "CREATE_IN_PROGRESS") {
    refuse(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`);
  }
  operations.cancel(stack);
  const token = randomUuid(engine.context);
  stack.operation = { kind: "delete", token, phase: "forward", retain };
  setStackStatus(engine, stack, "DELETE_IN_PROGRESS", "User Initiated");
  operations.start(stack);
  return stack;
}
