import type { SandboxContext } from "../../sandbox.ts";
import type { Buckets } from "../../services/buckets.ts";
import type { ResponseUrls } from "../custom-resources/response-urls.ts";
import type { Failures } from "../failures.ts";
import type { Functions } from "../functions/invoke.ts";
import type { Inventory } from "../inventory.ts";
import type { LogGroups } from "../log-groups.ts";
import { randomUuid, type ResourceEnvironment } from "../resources/resource-type.ts";
import { partitionOf } from "../template/places.ts";
import type { ResourceStatus, Stack, StackResource, StackStatus } from "./stack.ts";

/** What every operation on a stack works with. */
export interface Engine {
  readonly context: SandboxContext;
  readonly buckets: Buckets;
  readonly inventory: Inventory;
  readonly logGroups: LogGroups;
  readonly functions: Functions;
  readonly responseUrls: ResponseUrls;
  readonly failures: Failures;
  readonly stacks: Map<string, Stack>;
  /** Something about the stack changed: it goes to disk and to whoever watches. */
  changed(stack: Stack): void;
  /** Aborted when the sandbox stops: operations stand still and go on after a restart. */
  readonly stopping: AbortSignal;
}

/** The sandbox stops: nothing failed, and the operation goes on after a restart. */
export class Interrupted extends Error {}

export function environment(engine: Engine, stack: Stack, logicalId: string): ResourceEnvironment {
  const { context, buckets, inventory, logGroups } = engine;
  return {
    accountId: stack.accountId,
    region: stack.region,
    ...partitionOf(stack.region),
    stackName: stack.name,
    stackId: stack.id,
    logicalId,
    random: () => context.random(),
    now: () => context.clock.now(),
    iam: context.iam,
    buckets,
    inventory,
    logGroups,
  };
}

const STACK_TYPE = "AWS::CloudFormation::Stack";

export function setStackStatus(
  engine: Engine,
  stack: Stack,
  status: StackStatus,
  reason?: string,
): void {
  stack.status = status;
  if (reason === undefined) delete stack.statusReason;
  else stack.statusReason = reason;
  addEvent(engine, stack, {
    logicalId: stack.name,
    physicalId: stack.id,
    type: STACK_TYPE,
    status,
    reason,
  });
}

export function setResourceStatus(
  engine: Engine,
  stack: Stack,
  resource: StackResource,
  status: ResourceStatus,
  reason?: string,
): void {
  resource.status = status;
  resource.at = engine.context.clock.now();
  if (reason === undefined) delete resource.statusReason;
  else resource.statusReason = reason;
  addEvent(engine, stack, {
    logicalId: resource.logicalId,
    physicalId: resource.physicalId ?? "",
    type: resource.type,
    status,
    reason,
  });
}

interface NewEvent {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
}

export function addEvent(engine: Engine, stack: Stack, event: NewEvent): void {
  const { reason, ...rest } = event;
  stack.events.push({
    id: randomUuid(engine.context),
    at: engine.context.clock.now(),
    ...rest,
    ...(reason === undefined ? {} : { reason }),
  });
  engine.changed(stack);
}
