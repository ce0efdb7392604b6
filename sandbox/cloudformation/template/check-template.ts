import { INTRINSICS, missingAttribute, unsupportedFunction } from "./intrinsics.ts";
import { PSEUDO_PARAMETERS } from "./places.ts";
import { referencesIn, type Reference } from "./references.ts";
import { refuse, type Json, type Template } from "./template.ts";

/** What the checks need to know of a resource type. */
export interface KnownType {
  /** GetAtt names; `"any"` for custom resources, whose function decides. */
  readonly attributes: readonly string[] | "any";
}

/** 60 dynamic references are allowed on AWS; the sandbox resolves none (protocol-facts B2). */
const DYNAMIC_REFERENCE = /\{\{resolve:[^}]*\}\}/;

/**
 * Everything CloudFormation refuses by reading a template alone, before parameters have values:
 * unknown types, functions, names and attributes, and circles.
 */
export function checkTemplate(
  template: Template,
  typeNamed: (type: string) => KnownType | undefined,
): void {
  const unknown = Object.values(template.resources)
    .map(({ type }) => type)
    .filter((type) => typeNamed(type) === undefined);
  if (unknown.length > 0) {
    refuse(
      `Template format error: Unrecognized resource types: [${[...new Set(unknown)].join(", ")}]`,
    );
  }
  checkNames(template);
  for (const body of Object.values(template.conditions)) {
    checkValue(template, body, "Conditions", typeNamed);
  }
  for (const [id, resource] of Object.entries(template.resources)) {
    checkCondition(template, resource.condition);
    const missing = resource.dependsOn.filter((name) => !(name in template.resources));
    if (missing.length > 0) refuse(unresolved(missing, "Resources"));
    if (resource.dependsOn.includes(id)) refuse(`Circular dependency between resources: [${id}]`);
    checkValue(template, resource.properties, "Resources", typeNamed);
  }
  for (const output of Object.values(template.outputs)) {
    checkCondition(template, output.condition);
    checkValue(template, output.value, "Outputs", typeNamed);
    checkValue(template, output.exportName ?? null, "Outputs", typeNamed);
  }
  refuseCircles(dependencies(template, Object.keys(template.resources), (value) => value));
}

function checkNames(template: Template): void {
  const both = Object.keys(template.resources).filter((name) => name in template.parameters);
  if (both.length > 0) {
    refuse(`Template error: resource names and parameter names must differ: [${both.join(", ")}]`);
  }
}

function checkCondition(template: Template, name: string | undefined): void {
  if (name !== undefined && !(name in template.conditions)) {
    refuse(`Template format error: Unresolved condition dependency ${name}`);
  }
}

function unresolved(names: readonly string[], block: string): string {
  return `Template format error: Unresolved resource dependencies [${[...new Set(names)].join(", ")}] in the ${block} block of the template`;
}

function checkValue(
  template: Template,
  value: Json,
  block: string,
  typeNamed: (type: string) => KnownType | undefined,
): void {
  const dynamic = DYNAMIC_REFERENCE.exec(JSON.stringify(value));
  if (dynamic !== null) {
    refuse(
      `Template error: the sandbox does not resolve dynamic references such as ${dynamic[0]}.`,
    );
  }
  const references = referencesIn(value);
  const isName = (name: string) =>
    name in template.parameters ||
    PSEUDO_PARAMETERS.includes(name) ||
    (block !== "Conditions" && name in template.resources);
  const lost = references.flatMap((one) =>
    one.kind === "ref" && !isName(one.name) ? one.name : [],
  );
  if (lost.length > 0) refuse(unresolved(lost, block));
  for (const reference of references) checkReference(template, reference, block, typeNamed);
}

function checkReference(
  template: Template,
  reference: Reference,
  block: string,
  typeNamed: (type: string) => KnownType | undefined,
): void {
  switch (reference.kind) {
    case "ref":
      return;
    case "condition":
      return checkCondition(template, reference.name);
    case "function":
      if (reference.name !== "Ref" && !INTRINSICS.includes(reference.name)) {
        refuse(unsupportedFunction(reference.name));
      }
      return;
    case "attribute": {
      const target = template.resources[reference.name];
      if (target === undefined || block === "Conditions") {
        return refuse(
          `Template error: instance of Fn::GetAtt references undefined resource ${reference.name}`,
        );
      }
      const attributes = typeNamed(target.type)?.attributes ?? [];
      const { attribute } = reference;
      if (attributes !== "any" && attribute !== undefined && !attributes.includes(attribute)) {
        refuse(missingAttribute(reference.name, attribute));
      }
    }
  }
}

/** Logical id → the logical ids it must wait for. */
export type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Who waits for whom among the resources that exist. `choose` leaves out the branches of Fn::If
 * that are not taken.
 */
export function dependencies(
  template: Template,
  logicalIds: readonly string[],
  choose: (value: Json) => Json,
): Dependencies {
  const present = new Set(logicalIds);
  return new Map(
    logicalIds.map((id) => {
      const resource = template.resources[id]!;
      const referred = referencesIn(choose(resource.properties)).flatMap((reference) =>
        reference.kind === "ref" || reference.kind === "attribute" ? [reference.name] : [],
      );
      const wanted = [...resource.dependsOn, ...referred].filter((name) => present.has(name));
      return [id, new Set(wanted)] as const;
    }),
  );
}

/** Takes away whatever waits for nothing, until all is gone; what stays waits for itself. */
export function refuseCircles(graph: Dependencies): void {
  const left = new Map([...graph].map(([id, needs]) => [id, new Set(needs)]));
  for (;;) {
    const free = [...left].filter(([, needs]) => needs.size === 0).map(([id]) => id);
    if (free.length === 0) break;
    for (const id of free) left.delete(id);
    for (const needs of left.values()) for (const id of free) needs.delete(id);
  }
  if (left.size > 0) {
    refuse(`Circular dependency between resources: [${[...left.keys()].join(", ")}]`);
  }
}
