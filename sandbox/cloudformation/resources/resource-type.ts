import type { Iam } from "../../aws-service.ts";
import type { Buckets } from "../../services/buckets.ts";
import type { Inventory, LiveResource } from "../inventory.ts";
import type { LogGroups } from "../log-groups.ts";
import { isObject, type Json, type JsonObject } from "../template/template.ts";

/**
 * What the sandbox knows of one resource type: enough to refuse what AWS refuses, to answer Ref
 * and GetAtt in AWS's shapes, and to make the effects that other parts can see.
 */
export interface ResourceType {
  readonly type: string;
  /** Every property of the type; others are refused. */
  readonly properties: readonly string[];
  readonly required: readonly string[];
  /** Properties whose change makes a new resource instead of changing this one. */
  readonly createOnly: readonly string[];
  /** Properties that can neither be changed nor replaced by an update. */
  readonly fixed?: readonly string[];
  /** GetAtt names; may be dotted. */
  readonly attributes: readonly string[];
  /** Attributes that were drawn when the resource was made, and stay through updates. */
  readonly randomAttributes?: readonly string[];
  /** The property that names the resource, if a template may. */
  readonly nameProperty?: string;
  /** IAM types demand a capability, and a stronger one when the template names them. */
  readonly iam?: boolean;
  /** Where a physical id may exist only once. */
  readonly uniqueIn?: "region" | "account";
  physicalId(properties: JsonObject, env: ResourceEnvironment): string;
  attributesOf(
    properties: JsonObject,
    physicalId: string,
    env: ResourceEnvironment,
  ): Record<string, Json>;
  /** Throws a ResourceFailure when the service behind it would refuse these properties. */
  check?(properties: JsonObject, env: ResourceEnvironment): void;
  created?(resource: LiveResource, env: ResourceEnvironment): void;
  updated?(resource: LiveResource, old: LiveResource, env: ResourceEnvironment): void;
  /** Throws a ResourceFailure when it cannot be deleted as it is. */
  deleting?(resource: LiveResource, env: ResourceEnvironment): void;
}

export interface ResourceEnvironment {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** Seeded: a run can be repeated. */
  random(): number;
  now(): number;
  readonly iam: Iam;
  readonly buckets: Buckets;
  readonly inventory: Inventory;
  readonly logGroups: LogGroups;
}

/** The reason a resource gives for failing; it becomes the event's status reason. */
export class ResourceFailure extends Error {
  /** Set when something was made before it failed, so that rollback can delete it. */
  readonly physicalId: string | undefined;
  constructor(reason: string, physicalId?: string) {
    super(reason);
    this.name = "ResourceFailure";
    this.physicalId = physicalId;
  }
}

export function fail(reason: string): never {
  throw new ResourceFailure(reason);
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LOWER = UPPER.toLowerCase();
export const MIXED = `${UPPER}abcdefghijklmnopqrstuvwxyz`;

export function randomText(env: { random(): number }, length: number, letters = UPPER): string {
  const pick = () => letters.charAt(Math.floor(env.random() * letters.length));
  return Array.from({ length }, pick).join("");
}

export function randomUuid(env: { random(): number }): string {
  const hex = randomText(env, 32, "0123456789abcdef");
  const variant = "89ab".charAt(Math.floor(env.random() * 4));
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ].join("-");
}

/** `stack-logical-RANDOM`, cut to what the service allows. */
export function generatedName(
  env: ResourceEnvironment,
  maxLength: number,
  letters = UPPER,
): string {
  const suffix = randomText(env, 12, letters);
  const room = maxLength - suffix.length - 2;
  const logical = env.logicalId.slice(0, Math.max(room - env.stackName.length, 24));
  return `${env.stackName.slice(0, room - logical.length)}-${logical}-${suffix}`;
}

export function generatedLowerName(env: ResourceEnvironment, maxLength: number): string {
  return generatedName(env, maxLength, LOWER).toLowerCase();
}

export function text(properties: JsonObject, name: string): string | undefined {
  const value = properties[name];
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

export function object(properties: JsonObject, name: string): JsonObject {
  const value = properties[name];
  return isObject(value) ? value : {};
}

export function array(properties: JsonObject, name: string): readonly Json[] {
  const value = properties[name];
  return Array.isArray(value) ? (value as Json[]) : [];
}

export function arn(env: ResourceEnvironment, service: string, resource: string): string {
  return `arn:${env.partition}:${service}:${env.region}:${env.accountId}:${resource}`;
}

/** CloudFormation's own check of a resource's properties, before its service is asked. */
export function checkProperties(
  type: ResourceType,
  properties: JsonObject,
  logicalId: string,
): void {
  const problems = [
    ...Object.keys(properties)
      .filter((name) => !type.properties.includes(name))
      .map((name) => `#: extraneous key [${name}] is not permitted`),
    ...type.required
      .filter((name) => properties[name] === undefined)
      .map((name) => `#: required key [${name}] not found`),
  ];
  if (problems.length > 0) {
    fail(
      `Properties validation failed for resource ${logicalId} with message: ${problems.join("; ")}`,
    );
  }
}

/** A service's refusal as CloudFormation passes it on. */
export function serviceRefusal(service: string, message: string, code = "InvalidRequest"): string {
  return `Resource handler returned message: "${message} (Service: ${service}, Status Code: 400)" (HandlerErrorCode: ${code})`;
}
