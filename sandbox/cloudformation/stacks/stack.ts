import type { DeletionPolicy, Json, JsonObject } from "../template/template.ts";

/** All that is known of a stack, as plain JSON: what a restart needs to go on. */
export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: number;
  updatedAt?: number;
  deletedAt?: number;
  status: StackStatus;
  statusReason?: string;
  /** What the last successful operation made true; an update replaces it when it succeeds. */
  definition: StackDefinition;
  onFailure: OnFailure;
  terminationProtection: boolean;
  resources: Record<string, StackResource>;
  outputs: StackOutput[];
  events: StackEvent[];
  leftovers: Leftover[];
  /** What is under way; kept on disk, so that a restart goes on where a kill stopped it. */
  operation?: Operation;
}

/** Template and inputs: what the stack should look like. */
export interface StackDefinition {
  readonly templateText: string;
  readonly templateUrl?: string;
  readonly description?: string;
  /** As written, NoEcho ones too. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly tags: readonly Tag[];
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export type OnFailure = "ROLLBACK" | "DO_NOTHING" | "DELETE";

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  physicalId?: string;
  status: ResourceStatus;
  statusReason?: string;
  at: number;
  /** As the service got them, every function called. */
  properties: JsonObject;
  /** What an update that has not succeeded asked for. */
  attempted?: JsonObject;
  attributes: Readonly<Record<string, Json>>;
  dependsOn: readonly string[];
  deletionPolicy: DeletionPolicy;
  updateReplacePolicy: DeletionPolicy;
  /** The operation that first made it: RetainExceptOnCreate asks. */
  createdBy: string;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface StackEvent {
  readonly id: string;
  readonly at: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** Something an update replaced or dropped, to be deleted once nothing can need it any more. */
export interface Leftover {
  readonly resource: StackResource;
  /** Replaced resources follow UpdateReplacePolicy, removed ones DeletionPolicy. */
  readonly policy: DeletionPolicy;
}

export type Operation =
  | { readonly kind: "create"; readonly token: string; phase: "forward" | "rollback" | "delete" }
  | {
      readonly kind: "update";
      readonly token: string;
      phase: "forward" | "cleanup" | "rollback" | "rollback-cleanup";
      readonly wanted: StackDefinition;
      readonly disableRollback: boolean;
      /** The resources as they were before. */
      readonly before: Readonly<Record<string, StackResource>>;
      readonly leftoversBefore: readonly Leftover[];
    }
  | {
      readonly kind: "delete";
      readonly token: string;
      phase: "forward";
      readonly retain: readonly string[];
    };

export type StackStatus =
  | "CREATE_IN_PROGRESS"
  | "CREATE_COMPLETE"
  | "CREATE_FAILED"
  | "ROLLBACK_IN_PROGRESS"
  | "ROLLBACK_COMPLETE"
  | "ROLLBACK_FAILED"
  | "UPDATE_IN_PROGRESS"
  | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
  | "UPDATE_COMPLETE"
  | "UPDATE_FAILED"
  | "UPDATE_ROLLBACK_IN_PROGRESS"
  | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
  | "UPDATE_ROLLBACK_COMPLETE"
  | "UPDATE_ROLLBACK_FAILED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_COMPLETE"
  | "DELETE_FAILED";

export type ResourceStatus =
  | "CREATE_IN_PROGRESS"
  | "CREATE_COMPLETE"
  | "CREATE_FAILED"
  | "UPDATE_IN_PROGRESS"
  | "UPDATE_COMPLETE"
  | "UPDATE_FAILED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_COMPLETE"
  | "DELETE_FAILED"
  | "DELETE_SKIPPED";

export function isInProgress(stack: Stack): boolean {
  return stack.status.endsWith("_IN_PROGRESS");
}

/** States from which an update may start. */
export const UPDATABLE: readonly StackStatus[] = [
  "CREATE_COMPLETE",
  "UPDATE_COMPLETE",
  "UPDATE_ROLLBACK_COMPLETE",
  "CREATE_FAILED",
  "UPDATE_FAILED",
];
