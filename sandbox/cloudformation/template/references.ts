import { functionOf, getAttArguments, subArguments, subParts } from "./intrinsics.ts";
import { asText, isObject, type Json } from "./template.ts";

/** One use of a name in a template. */
export type Reference =
  | { readonly kind: "ref"; readonly name: string }
  | { readonly kind: "attribute"; readonly name: string; readonly attribute: string | undefined }
  | { readonly kind: "condition"; readonly name: string }
  | { readonly kind: "function"; readonly name: string };

/** Everything a value refers to, in every branch of it. */
export function referencesIn(value: Json): Reference[] {
  if (Array.isArray(value)) return (value as Json[]).flatMap(referencesIn);
  if (!isObject(value)) return [];
  const call = functionOf(value);
  if (call === undefined) return Object.values(value).flatMap(referencesIn);
  const own: Reference = { kind: "function", name: call.name };
  switch (call.name) {
    case "Ref":
      return [own, { kind: "ref", name: asText(call.argument) }];
    case "Fn::GetAtt": {
      const [name, attribute] = getAttArguments(call.argument);
      const known = typeof attribute === "string" ? attribute : undefined;
      return [own, { kind: "attribute", name, attribute: known }, ...referencesIn(attribute)];
    }
    case "Fn::Sub":
      return [own, ...referencesOfSub(call.argument)];
    case "Fn::If": {
      const [name, ...branches] = Array.isArray(call.argument) ? (call.argument as Json[]) : [];
      return [own, { kind: "condition", name: asText(name) }, ...branches.flatMap(referencesIn)];
    }
    default:
      return [own, ...referencesIn(call.argument)];
  }
}

function referencesOfSub(argument: Json): Reference[] {
  const { text, variables } = subArguments(argument);
  const names = subParts(text).flatMap(({ name }) => (name === undefined ? [] : [name]));
  return [
    ...names.filter((name) => !(name in variables)).map(referenceByPath),
    ...Object.values(variables).flatMap(referencesIn),
  ];
}

function referenceByPath(path: string): Reference {
  const dot = path.indexOf(".");
  return dot === -1
    ? { kind: "ref", name: path }
    : { kind: "attribute", name: path.slice(0, dot), attribute: path.slice(dot + 1) };
}

/** The value with every Fn::If replaced by the branch that is taken. */
export function chooseBranches(value: Json, condition: (name: string) => boolean): Json {
  if (Array.isArray(value)) return (value as Json[]).map((item) => chooseBranches(item, condition));
  if (!isObject(value)) return value;
  const branches = value["Fn::If"];
  if (Array.isArray(branches) && branches.length === 3) {
    const [name, whenTrue, whenFalse] = branches as Json[];
    return chooseBranches(condition(asText(name)) ? whenTrue! : whenFalse!, condition);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, chooseBranches(member, condition)]),
  );
}
