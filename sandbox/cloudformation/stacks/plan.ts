import {
  checkTemplate,
  dependencies,
  refuseCircles,
  type Dependencies,
} from "../template/check-template.ts";
import { evaluateConditions } from "../template/conditions.ts";
import { evaluate, type Scope } from "../template/intrinsics.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { pseudoParameters, type Place } from "../template/places.ts";
import type { ParameterValue } from "../template/parameters.ts";
import { chooseBranches, referencesIn } from "../template/references.ts";
import { checkRuleFunctions } from "../template/rules.ts";
import {
  asText,
  isObject,
  isScalar,
  refuse,
  type Json,
  type JsonObject,
  type ResourceDefinition,
  type Template,
} from "../template/template.ts";
import { knownType } from "../resources/registry.ts";
import type { StackOutput, Tag } from "./stack.ts";

/** A template with its values: what an operation works from. */
export interface Plan {
  readonly template: Template;
  /** Resources whose condition holds. */
  readonly logicalIds: readonly string[];
  readonly graph: Dependencies;
  definition(logicalId: string): ResourceDefinition;
  /** Properties with every function called; `made` holds what they may refer to. */
  properties(logicalId: string, made: Made): JsonObject;
  outputs(made: Made): StackOutput[];
  /** Everything that decides whether there is something to update. */
  fingerprint(): string;
}

/** Resources that exist by now: what Ref and GetAtt answer from. */
export type Made = Readonly<
  Record<
    string,
    { readonly physicalId?: string; readonly attributes: Readonly<Record<string, Json>> }
  >
>;

export function readTemplate(text: string): Template {
  const template = parseTemplate(text);
  checkTemplate(template, knownType);
  checkRuleFunctions(template);
  return template;
}

export function makePlan(
  template: Template,
  parameters: Readonly<Record<string, ParameterValue>>,
  place: Place,
): Plan {
  const pseudo = pseudoParameters(place);
  const named = (name: string): Json | undefined => parameters[name]?.value ?? pseudo[name];
  const conditions = evaluateConditions(template, place.region, named);
  const holds = (name: string): boolean => conditions[name] ?? refuse(`No condition ${name}`);
  const included = (condition: string | undefined) => condition === undefined || holds(condition);
  const logicalIds = Object.keys(template.resources).filter((id) =>
    included(template.resources[id]!.condition),
  );
  const choose = (value: Json) => chooseBranches(value, holds);
  refuseMissing(template, logicalIds, choose);
  const graph = dependencies(template, logicalIds, choose);
  refuseCircles(graph);

  const scope = (made: Made): Scope => ({
    region: place.region,
    ref: (name) => named(name) ?? made[name]?.physicalId,
    attribute: (id, attribute) =>
      attributeOf(made[id]?.attributes ?? {}, attribute) ??
      refuse(
        `CustomResource attribute error: Vendor response doesn't contain ${attribute} key in object ${id}`,
      ),
    condition: holds,
    mappings: template.mappings,
  });
  const outputsPresent = Object.entries(template.outputs).filter(([, { condition }]) =>
    included(condition),
  );
  return {
    template,
    logicalIds,
    graph,
    definition: (id) => template.resources[id]!,
    properties: (id, made) =>
      evaluate(template.resources[id]!.properties, scope(made)) as JsonObject,
    outputs: (made) =>
      outputsPresent.map(([key, output]) => ({
        key,
        value: outputText(key, evaluate(output.value, scope(made))),
        ...(output.description === undefined ? {} : { description: output.description }),
        ...(output.exportName === undefined
          ? {}
          : { exportName: asText(evaluate(output.exportName, scope(made))) }),
      })),
    fingerprint: () =>
      fingerprint(
        template,
        logicalIds,
        outputsPresent,
        { ...scope({}), ...symbolic(named) },
        Object.entries(parameters).map(([name, { written }]) => [name, written]),
      ),
  };
}

/** A custom resource may answer `a.b` as a key, or as an object in `a`. */
function attributeOf(attributes: Readonly<Record<string, Json>>, path: string): Json | undefined {
  const direct = attributes[path];
  if (direct !== undefined) return direct;
  return path
    .split(".")
    .reduce<Json | undefined>(
      (value, key) => (isObject(value) ? value[key] : undefined),
      attributes,
    );
}

/** References to resources whose condition does not hold. */
function refuseMissing(
  template: Template,
  logicalIds: readonly string[],
  choose: (value: Json) => Json,
): void {
  const missing = (value: Json) =>
    referencesIn(choose(value)).flatMap((reference) =>
      (reference.kind === "ref" || reference.kind === "attribute") &&
      reference.name in template.resources &&
      !logicalIds.includes(reference.name)
        ? [reference.name]
        : [],
    );
  const lost = logicalIds.flatMap((id) => missing(template.resources[id]!.properties));
  if (lost.length > 0) {
    refuse(
      `Template format error: Unresolved resource dependencies [${[...new Set(lost)].join(", ")}] ` +
        "in the Resources block of the template",
    );
  }
}

function outputText(key: string, value: Json | undefined): string {
  if (isScalar(value)) return String(value);
  return refuse(
    `Template format error: The Value field of every Outputs member must evaluate to a String (${key}).`,
  );
}

/** Resources stand for themselves, so that two templates can be compared before anything runs. */
function symbolic(named: (name: string) => Json | undefined): Pick<Scope, "ref" | "attribute"> {
  return {
    ref: (name) => named(name) ?? `resource ${name}`,
    attribute: (id, attribute) => `attribute ${id} ${attribute}`,
  };
}

function fingerprint(
  template: Template,
  logicalIds: readonly string[],
  outputs: readonly (readonly [string, Template["outputs"][string]])[],
  scope: Scope,
  parameters: Json,
): string {
  // A symbolic value can't be selected from: then the text and all parameters are compared.
  const settled = (value: Json | undefined): Json => {
    try {
      return evaluate(value ?? null, scope) ?? null;
    } catch {
      return [value ?? null, parameters];
    }
  };
  const resources = [...logicalIds].sort().map((id) => {
    const { type, properties, deletionPolicy, updateReplacePolicy } = template.resources[id]!;
    return [id, type, canonical(settled(properties)), deletionPolicy, updateReplacePolicy];
  });
  const outs = [...outputs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { value, description, exportName }]) => [
      ...[key, canonical(settled(value)), description ?? null],
      canonical(settled(exportName)),
    ]);
  return JSON.stringify([resources, outs]);
}

/** The same data always in the same order. */
export function canonical(value: Json): Json {
  if (Array.isArray(value)) return (value as Json[]).map(canonical);
  if (!isObject(value)) return value;
  const sorted = Object.keys(value).sort();
  return Object.fromEntries(sorted.map((key) => [key, canonical(value[key]!)]));
}

export function sameData(left: Json, right: Json): boolean {
  return JSON.stringify(canonical(left)) === JSON.stringify(canonical(right));
}

export function sameTags(left: readonly Tag[], right: readonly Tag[]): boolean {
  const data = (tags: readonly Tag[]) =>
    Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  return sameData(data(left), data(right));
}
