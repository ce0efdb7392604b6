import { AwsError, type AwsRequest, type AwsService } from "../../aws-service.ts";
import { readTemplate } from "../stacks/plan.ts";
import type { Stack } from "../stacks/stack.ts";
import { partitionOf } from "../template/places.ts";
import { refuse } from "../template/template.ts";
import {
  eventAnswer,
  resourceAnswer,
  stackAnswer,
  summaryAnswer,
  validationAnswer,
} from "./answers.ts";
import { findStack, stacksIn, type AccountInRegion } from "./find-stack.ts";
import {
  flag,
  onFailure,
  optionalText,
  parameterInputs,
  requiredText,
  tags,
  texts,
} from "./inputs.ts";
import { requestCreate, requestDelete, requestUpdate, type RequestDeps } from "./stack-requests.ts";
import { templateText } from "./template-source.ts";

/** CloudFormation as the SDKs call it. */
export function cloudFormationService(deps: RequestDeps): AwsService {
  return {
    signingNames: ["cloudformation"],
    xmlNamespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    handle: async (request) => {
      const action = actions[request.action];
      if (action === undefined) {
        throw new AwsError(
          "InvalidAction",
          `Could not find operation ${request.action} for version 2010-05-15`,
        );
      }
      return action(deps, request);
    },
  };
}

type Action = (deps: RequestDeps, request: AwsRequest) => unknown;

const actions: Readonly<Record<string, Action>> = {
  CreateStack: createStack,
  UpdateStack: updateStack,
  DeleteStack: deleteStack,
  DescribeStacks: describeStacks,
  DescribeStackEvents: describeStackEvents,
  DescribeStackResources: describeStackResources,
  ListStacks: listStacks,
  ValidateTemplate: validateTemplate,
  GetTemplate: getTemplate,
};

function where({ caller, region }: AwsRequest): AccountInRegion {
  return { accountId: caller.accountId, region };
}

/** Sessions of roles may do only what their policies say. */
function allow({ engine }: RequestDeps, request: AwsRequest, nameOrId: string | undefined): void {
  const stack = nameOrId === undefined ? undefined : findStack(engine, where(request), nameOrId);
  const { partition } = partitionOf(request.region);
  const anyStack = `arn:${partition}:cloudformation:${request.region}:${request.caller.accountId}:stack/${nameOrId ?? ""}/*`;
  const asked = nameOrId?.startsWith("arn:") === true ? nameOrId : (stack?.id ?? anyStack);
  const resource = nameOrId === undefined ? "*" : asked;
  const action = `cloudformation:${request.action}`;
  if (!engine.context.iam.isAllowed(request.caller, action, resource)) {
    throw new AwsError(
      "AccessDenied",
      `User: ${request.caller.arn} is not authorized to perform: ${action} on resource: ${resource}`,
      { status: 403 },
    );
  }
}

function source({ input }: AwsRequest) {
  return { body: optionalText(input, "TemplateBody"), url: optionalText(input, "TemplateURL") };
}

function createStack(deps: RequestDeps, request: AwsRequest) {
  const { input } = request;
  const stackName = requiredText(input, "StackName");
  allow(deps, request, stackName);
  const stack = requestCreate(deps, where(request), {
    stackName,
    source: source(request),
    parameters: parameterInputs(input),
    capabilities: texts(input, "Capabilities"),
    tags: tags(input),
    onFailure: onFailure(input),
    terminationProtection: flag(input, "EnableTerminationProtection"),
  });
  return { StackId: stack.id };
}

function updateStack(deps: RequestDeps, request: AwsRequest) {
  const { input } = request;
  const stackName = requiredText(input, "StackName");
  allow(deps, request, stackName);
  const stack = requestUpdate(deps, where(request), stackName, {
    source: source(request),
    usePreviousTemplate: flag(input, "UsePreviousTemplate"),
    parameters: parameterInputs(input),
    capabilities: texts(input, "Capabilities"),
    tags: input.Tags === undefined ? undefined : tags(input),
    disableRollback: flag(input, "DisableRollback"),
  });
  return { StackId: stack.id };
}

function deleteStack(deps: RequestDeps, request: AwsRequest) {
  const stackName = requiredText(request.input, "StackName");
  allow(deps, request, stackName);
  requestDelete(deps, where(request), stackName, texts(request.input, "RetainResources"));
  return {};
}

function existing(deps: RequestDeps, request: AwsRequest, nameOrId: string, words: string): Stack {
  allow(deps, request, nameOrId);
  return findStack(deps.engine, where(request), nameOrId) ?? refuse(words);
}

function describeStacks(deps: RequestDeps, request: AwsRequest) {
  const name = optionalText(request.input, "StackName");
  if (name !== undefined) {
    const stack = existing(deps, request, name, `Stack with id ${name} does not exist`);
    return { Stacks: [stackAnswer(stack)] };
  }
  allow(deps, request, undefined);
  const alive = stacksIn(deps.engine, where(request)).filter(
    ({ status }) => status !== "DELETE_COMPLETE",
  );
  return { Stacks: alive.map(stackAnswer) };
}

function describeStackEvents(deps: RequestDeps, request: AwsRequest) {
  const name = requiredText(request.input, "StackName");
  const stack = existing(deps, request, name, `Stack [${name}] does not exist`);
  return { StackEvents: [...stack.events].reverse().map((event) => eventAnswer(stack, event)) };
}

function describeStackResources(deps: RequestDeps, request: AwsRequest) {
  const name = optionalText(request.input, "StackName");
  const physicalId = optionalText(request.input, "PhysicalResourceId");
  if ((name === undefined) === (physicalId === undefined)) {
    refuse("Give either StackName or PhysicalResourceId.");
  }
  const stack =
    name === undefined
      ? stackHolding(deps, request, physicalId!)
      : existing(deps, request, name, `Stack with id ${name} does not exist`);
  const logicalId = optionalText(request.input, "LogicalResourceId");
  const resources = Object.values(stack.resources).filter(
    (resource) => logicalId === undefined || resource.logicalId === logicalId,
  );
  return { StackResources: resources.map((resource) => resourceAnswer(stack, resource)) };
}

function stackHolding(deps: RequestDeps, request: AwsRequest, physicalId: string): Stack {
  const stack = stacksIn(deps.engine, where(request)).find(({ resources }) =>
    Object.values(resources).some((resource) => resource.physicalId === physicalId),
  );
  if (stack === undefined) return refuse(`Stack for ${physicalId} does not exist`);
  allow(deps, request, stack.id);
  return stack;
}

function listStacks(deps: RequestDeps, request: AwsRequest) {
  allow(deps, request, undefined);
  const wanted = texts(request.input, "StackStatusFilter");
  const stacks = stacksIn(deps.engine, where(request)).filter(
    ({ status }) => wanted.length === 0 || wanted.includes(status),
  );
  return { StackSummaries: stacks.map(summaryAnswer) };
}

function validateTemplate(deps: RequestDeps, request: AwsRequest) {
  allow(deps, request, undefined);
  return validationAnswer(readTemplate(templateText(deps.engine, source(request))));
}

function getTemplate(deps: RequestDeps, request: AwsRequest) {
  const name = requiredText(request.input, "StackName");
  const stack = existing(deps, request, name, `Stack with id ${name} does not exist`);
  return {
    TemplateBody: stack.definition.templateText,
    StagesAvailable: ["Original", "Processed"],
  };
}
