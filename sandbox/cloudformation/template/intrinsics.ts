import { cidrBlocks } from "./cidr.ts";
import { availabilityZones } from "./places.ts";
import { asText, isObject, isScalar, refuse, type Json, type JsonObject } from "./template.ts";

/** Where the names in a template lead. Each answers undefined when it knows no such name. */
export interface Scope {
  readonly region: string;
  ref(name: string): Json | undefined;
  attribute(logicalId: string, attribute: string): Json | undefined;
  condition(name: string): boolean;
  readonly mappings: JsonObject;
}

export const INTRINSICS = [
  ...["Fn::Base64", "Fn::Cidr", "Fn::FindInMap", "Fn::GetAZs", "Fn::GetAtt", "Fn::If", "Fn::Join"],
  ...["Fn::Select", "Fn::Split", "Fn::Sub", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"],
];

/** The one function an object calls, or undefined when it is plain data. */
export function functionOf(value: JsonObject): { name: string; argument: Json } | undefined {
  const keys = Object.keys(value);
  const name = keys.find((key) => key === "Ref" || key.startsWith("Fn::"));
  if (name === undefined) return undefined;
  if (keys.length > 1) refuse(`Template error: ${name} must stand alone in its object.`);
  return { name, argument: value[name] ?? null };
}

/** The value with every function called; undefined is AWS::NoValue. */
export function evaluate(value: Json, scope: Scope): Json | undefined {
  if (Array.isArray(value)) {
    return (value as Json[]).map((item) => evaluate(item, scope)).filter((v) => v !== undefined);
  }
  if (!isObject(value)) return value;
  const call = functionOf(value);
  if (call !== undefined) return callFunction(call.name, call.argument, scope);
  const entries: [string, Json][] = [];
  for (const [key, member] of Object.entries(value)) {
    const result = evaluate(member, scope);
    if (result !== undefined) entries.push([key, result]);
  }
  return Object.fromEntries(entries);
}

function callFunction(name: string, argument: Json, scope: Scope): Json | undefined {
  switch (name) {
    case "Ref":
      return callRef(argument, scope);
    case "Fn::GetAtt":
      return callGetAtt(argument, scope);
    case "Fn::Sub":
      return callSub(argument, scope);
    case "Fn::If": {
      const [condition, whenTrue, whenFalse] = list(name, argument, 3);
      return evaluate(scope.condition(asText(condition)) ? whenTrue! : whenFalse!, scope);
    }
    case "Fn::Join": {
      const [delimiter, items] = list(name, argument, 2);
      return strings(name, evaluate(items!, scope)).join(asText(delimiter));
    }
    case "Fn::Select":
      return callSelect(argument, scope);
    case "Fn::Split": {
      const [delimiter, text] = list(name, argument, 2);
      return string(name, evaluate(text!, scope)).split(asText(delimiter));
    }
    case "Fn::FindInMap":
      return callFindInMap(argument, scope);
    case "Fn::Base64":
      return Buffer.from(string(name, evaluate(argument, scope))).toString("base64");
    case "Fn::GetAZs":
      return availabilityZones(string(name, evaluate(argument, scope)) || scope.region);
    case "Fn::Cidr": {
      const [block, count, bits] = strings(name, evaluate(argument, scope));
      return cidrBlocks(block ?? "", Number(count), Number(bits));
    }
    case "Fn::And":
    case "Fn::Or":
    case "Fn::Not":
    case "Fn::Equals":
      return evaluateCondition({ [name]: argument }, scope);
    default:
      return refuse(unsupportedFunction(name));
  }
}

export function unsupportedFunction(name: string): string {
  const why =
    name === "Fn::ImportValue"
      ? "a launch stack must not depend on other stacks of the buyer's account"
      : name === "Fn::Transform" || /^Fn::(Length|ToJsonString|ForEach)/.test(name)
        ? "it needs a Transform, and a launch stack has none"
        : "CloudFormation has no such function, or the sandbox does not know it yet";
  return `Template error: the function ${name} is refused: ${why}.`;
}

function callRef(argument: Json, scope: Scope): Json | undefined {
  if (typeof argument !== "string") return refuse("Template error: Ref takes one string.");
  if (argument === "AWS::NoValue") return undefined;
  return (
    scope.ref(argument) ??
    refuse(`Template format error: Unresolved resource dependencies [${argument}]`)
  );
}

/** `["Id", "Attr"]` or `"Id.Attr"`; the attribute itself may be a Ref to a parameter. */
export function getAttArguments(argument: Json): [string, Json] {
  if (typeof argument === "string" && argument.includes(".")) {
    const dot = argument.indexOf(".");
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [logicalId, attribute] = list("Fn::GetAtt", argument, 2);
  if (typeof logicalId !== "string") {
    return refuse("Template error: every Fn::GetAtt object requires two non-empty parameters.");
  }
  return [logicalId, attribute ?? null];
}

function callGetAtt(argument: Json, scope: Scope): Json {
  const [logicalId, name] = getAttArguments(argument);
  const attribute = string("Fn::GetAtt", evaluate(name, scope));
  return scope.attribute(logicalId, attribute) ?? refuse(missingAttribute(logicalId, attribute));
}

export function missingAttribute(logicalId: string, attribute: string): string {
  return `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`;
}

export interface SubPart {
  readonly literal?: string;
  readonly name?: string;
}

/** Splits `a${B}c${!D}`: literals and names; `${!D}` stands for the text `${D}`. */
export function subParts(text: string): SubPart[] {
  const parts: SubPart[] = [];
  let last = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    parts.push({ literal: text.slice(last, match.index) });
    const inner = match[1]!.trim();
    parts.push(inner.startsWith("!") ? { literal: `\${${inner.slice(1)}}` } : { name: inner });
    last = match.index + match[0].length;
  }
  return [...parts, { literal: text.slice(last) }];
}

export function subArguments(argument: Json): { text: string; variables: JsonObject } {
  if (typeof argument === "string") return { text: argument, variables: {} };
  if (Array.isArray(argument) && argument.length === 2) {
    const [text, variables] = argument as Json[];
    if (typeof text === "string" && isObject(variables)) return { text, variables };
  }
  return refuse(
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments.",
  );
}

function callSub(argument: Json, scope: Scope): Json {
  const { text, variables } = subArguments(argument);
  return subParts(text)
    .map(({ literal, name }) => {
      if (name === undefined) return literal;
      const variable = variables[name];
      if (variable !== undefined) return string("Fn::Sub", evaluate(variable, scope));
      const dot = name.indexOf(".");
      return string(
        "Fn::Sub",
        dot === -1
          ? callRef(name, scope)
          : callGetAtt([name.slice(0, dot), name.slice(dot + 1)], scope),
      );
    })
    .join("");
}

function callSelect(argument: Json, scope: Scope): Json {
  const [index, items] = list("Fn::Select", argument, 2);
  const position = Number(string("Fn::Select", evaluate(index!, scope)));
  const values = evaluate(items!, scope);
  if (!Array.isArray(values)) return refuse("Template error: Fn::Select requires a list argument");
  return (
    (values as Json[])[position] ??
    refuse(`Template error: Fn::Select cannot select nonexistent value at index ${position}`)
  );
}

function callFindInMap(argument: Json, scope: Scope): Json {
  const [map, top, second] = list("Fn::FindInMap", argument, 3).map((part) =>
    string("Fn::FindInMap", evaluate(part, scope)),
  );
  const level = scope.mappings[map!];
  const entry = isObject(level) ? level[top!] : undefined;
  return (
    (isObject(entry) ? entry[second!] : undefined) ??
    refuse(`Template error: Unable to get mapping for ${map}::${top}::${second}`)
  );
}

/** Conditions and the functions allowed in them. */
export function evaluateCondition(value: Json, scope: Scope): boolean {
  if (typeof value === "boolean") return value;
  if (isObject(value) && typeof value.Condition === "string") {
    return scope.condition(value.Condition);
  }
  const call = isObject(value) ? functionOf(value) : undefined;
  if (call === undefined) return notACondition(value);
  switch (call.name) {
    case "Fn::And":
      return members(call.name, call.argument).every((item) => evaluateCondition(item, scope));
    case "Fn::Or":
      return members(call.name, call.argument).some((item) => evaluateCondition(item, scope));
    case "Fn::Not":
      return !evaluateCondition(list(call.name, call.argument, 1)[0]!, scope);
    case "Fn::Equals": {
      const [left, right] = list(call.name, call.argument, 2).map((item) => evaluate(item, scope));
      return asText(left) === asText(right);
    }
    default:
      return notACondition(value);
  }
}

function notACondition(value: Json): never {
  return refuse(
    `Template format error: Every condition must be a boolean function, not ${JSON.stringify(value)}`,
  );
}

function members(name: string, argument: Json): readonly Json[] {
  if (Array.isArray(argument) && argument.length >= 2 && argument.length <= 10) {
    return argument as Json[];
  }
  return refuse(`Template error: every ${name} object requires a list of 2 to 10 conditions.`);
}

function list(name: string, argument: Json, length: number): readonly Json[] {
  if (Array.isArray(argument) && argument.length === length) return argument as Json[];
  return refuse(`Template error: every ${name} object requires a list of ${length} parameters.`);
}

function string(name: string, value: Json | undefined): string {
  return isScalar(value)
    ? String(value)
    : refuse(`Template error: ${name} needs a string, but received ${JSON.stringify(value)}.`);
}

function strings(name: string, value: Json | undefined): string[] {
  return Array.isArray(value)
    ? (value as Json[]).map((item) => string(name, item))
    : refuse(
        `Template error: ${name} needs a list of strings, but received ${JSON.stringify(value)}.`,
      );
}
