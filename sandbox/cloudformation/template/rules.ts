import { functionOf } from "./intrinsics.ts";
import type { ParameterValue } from "./parameters.ts";
import { asText, isObject, refuse, type Json, type Template } from "./template.ts";

/** What rules can see: parameters and pseudo parameters, never a resource. */
export interface RuleScope {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly pseudo: Readonly<Record<string, Json>>;
}

/**
 * Refuses parameter values that a rule forbids, in the rule's own words (protocol-facts B4).
 * Nothing has been made by then.
 */
export function checkRules(scope: RuleScope): void {
  const failed = Object.values(scope.template.rules).flatMap((rule) =>
    rule.condition === undefined || truth(rule.condition, scope)
      ? rule.assertions.filter(({ assert }) => !truth(assert, scope))
      : [],
  );
  if (failed.length > 0) refuse(failed.map(({ description }) => description).join("; "));
}

/** Reads rules without values, so that a template with a wrong one is refused at once. */
export function checkRuleFunctions(template: Template): void {
  for (const [name, rule] of Object.entries(template.rules)) {
    for (const value of [rule.condition ?? true, ...rule.assertions.map((one) => one.assert)]) {
      checkFunctions(name, value);
    }
  }
}

/** Rule functions only: Fn::Sub, Fn::If and Condition are none, whatever a linter says. */
const RULE_FUNCTIONS = [
  ...["Ref", "Fn::And", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals"],
  ...["Fn::Not", "Fn::Or", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"],
];

function checkFunctions(rule: string, value: Json): void {
  if (Array.isArray(value)) return (value as Json[]).forEach((item) => checkFunctions(rule, item));
  if (!isObject(value)) return;
  const call = functionOf(value);
  if (call === undefined || !RULE_FUNCTIONS.includes(call.name)) {
    const name = call?.name ?? Object.keys(value).join(", ");
    refuse(`Template format error: Rule ${rule} uses ${name}, which is not a rule function.`);
  }
  checkFunctions(rule, call.argument);
}

function truth(value: Json, scope: RuleScope): boolean {
  const result = evaluateRule(value, scope);
  if (typeof result === "boolean") return result;
  if (result === "true" || result === "false") return result === "true";
  return refuse(
    `Template error: a rule must come to true or false, not ${JSON.stringify(result)}.`,
  );
}

function evaluateRule(value: Json, scope: RuleScope): Json {
  if (Array.isArray(value)) return (value as Json[]).map((item) => evaluateRule(item, scope));
  if (!isObject(value)) return value;
  const call = functionOf(value);
  if (call === undefined) return refuse("Template error: a rule may hold functions only.");
  const items = Array.isArray(call.argument) ? (call.argument as Json[]) : [];
  switch (call.name) {
    case "Ref":
      return valueNamed(asText(call.argument), scope);
    case "Fn::And":
      return items.every((item) => truth(item, scope));
    case "Fn::Or":
      return items.some((item) => truth(item, scope));
    case "Fn::Not":
      return !truth(items[0] ?? null, scope);
    case "Fn::Equals":
      return sameText(evaluateRule(items[0] ?? null, scope), evaluateRule(items[1] ?? null, scope));
    case "Fn::Contains": {
      const values = listOf(evaluateRule(items[0] ?? null, scope));
      return values.includes(asText(evaluateRule(items[1] ?? null, scope)));
    }
    case "Fn::EachMemberEquals": {
      const wanted = asText(evaluateRule(items[1] ?? null, scope));
      return listOf(evaluateRule(items[0] ?? null, scope)).every((member) => member === wanted);
    }
    case "Fn::EachMemberIn": {
      const allowed = listOf(evaluateRule(items[1] ?? null, scope));
      return listOf(evaluateRule(items[0] ?? null, scope)).every((one) => allowed.includes(one));
    }
    case "Fn::RefAll":
      return Object.entries(scope.parameters)
        .filter(([name]) => scope.template.parameters[name]?.type === call.argument)
        .map(([, { written }]) => written);
    default:
      return refuse(`Template error: ${call.name} cannot be evaluated in a rule here.`);
  }
}

function valueNamed(name: string, scope: RuleScope): Json {
  return (
    scope.parameters[name]?.value ??
    scope.pseudo[name] ??
    refuse(`Template error: a rule refers to ${name}, which is no parameter.`)
  );
}

function listOf(value: Json): string[] {
  return Array.isArray(value) ? (value as Json[]).map(asText) : [asText(value)];
}

function sameText(left: Json, right: Json): boolean {
  return Array.isArray(left) || Array.isArray(right)
    ? JSON.stringify(left) === JSON.stringify(right)
    : asText(left) === asText(right);
}
