import type { Stack, StackEvent, StackResource } from "../stacks/stack.ts";
import { parseTemplate } from "../template/parse-template.ts";
import type { Template } from "../template/template.ts";
import { neededCapability } from "./capabilities.ts";

/** A stack's parameters as they may be shown: NoEcho ones are four asterisks. */
export function shownParameters(stack: Stack): { ParameterKey: string; ParameterValue: string }[] {
  const { parameters } = parseTemplate(stack.definition.templateText);
  return Object.entries(stack.definition.parameters).map(([name, value]) => ({
    ParameterKey: name,
    ParameterValue: parameters[name]?.noEcho === true ? "****" : value,
  }));
}

export function stackAnswer(stack: Stack) {
  const { definition } = stack;
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: definition.description,
    Parameters: shownParameters(stack),
    CreationTime: time(stack.createdAt),
    LastUpdatedTime: stack.updatedAt === undefined ? undefined : time(stack.updatedAt),
    DeletionTime: stack.deletedAt === undefined ? undefined : time(stack.deletedAt),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.onFailure === "DO_NOTHING",
    NotificationARNs: [],
    Capabilities: definition.capabilities,
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    Tags: definition.tags,
    EnableTerminationProtection: stack.terminationProtection,
  };
}

export function summaryAnswer(stack: Stack) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.definition.description,
    CreationTime: time(stack.createdAt),
    LastUpdatedTime: stack.updatedAt === undefined ? undefined : time(stack.updatedAt),
    DeletionTime: stack.deletedAt === undefined ? undefined : time(stack.deletedAt),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
  };
}

export function eventAnswer(stack: Stack, event: StackEvent) {
  return {
    StackId: stack.id,
    EventId: event.id,
    StackName: stack.name,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: time(event.at),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
  };
}

export function resourceAnswer(stack: Stack, resource: StackResource) {
  return {
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    Timestamp: time(resource.at),
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
  };
}

export function validationAnswer(template: Template) {
  const needed = neededCapability(template);
  return {
    Description: template.description,
    Parameters: Object.entries(template.parameters).map(([name, definition]) => ({
      ParameterKey: name,
      DefaultValue: definition.default,
      NoEcho: definition.noEcho,
      Description: definition.description,
    })),
    Capabilities: needed === undefined ? [] : [needed.capability],
    CapabilitiesReason: needed?.reason,
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
