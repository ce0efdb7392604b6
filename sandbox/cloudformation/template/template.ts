import { AwsError } from "../../aws-service.ts";

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A template after its format was checked: sections present, names and shapes right. */
export interface Template {
  /** The bytes as they came, for GetTemplate. */
  readonly text: string;
  readonly description: string | undefined;
  readonly metadata: JsonObject;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly rules: Readonly<Record<string, RuleDefinition>>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  readonly outputs: Readonly<Record<string, OutputDefinition>>;
}

export interface ParameterDefinition {
  readonly type: string;
  readonly default: string | undefined;
  readonly description: string | undefined;
  readonly allowedValues: readonly string[] | undefined;
  readonly allowedPattern: string | undefined;
  readonly constraintDescription: string | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minValue: number | undefined;
  readonly maxValue: number | undefined;
  readonly noEcho: boolean;
}

export interface RuleDefinition {
  readonly condition: Json | undefined;
  readonly assertions: readonly { readonly assert: Json; readonly description: string }[];
}

export const deletionPolicies = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"] as const;
export type DeletionPolicy = (typeof deletionPolicies)[number];

export interface ResourceDefinition {
  readonly type: string;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  readonly properties: JsonObject;
}

export interface OutputDefinition {
  readonly description: string | undefined;
  readonly condition: string | undefined;
  readonly value: Json;
  readonly exportName: Json | undefined;
}

/** Everything wrong with a request or its template is a ValidationError, told in words. */
export function refuse(message: string): never {
  throw new AwsError("ValidationError", message);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As AWS writes a value where text is wanted. */
export function asText(value: Json | undefined): string {
  return isScalar(value) ? String(value) : JSON.stringify(value ?? null);
}

export function isScalar(value: Json | undefined): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
