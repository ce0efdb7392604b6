import { evaluateCondition, type Scope } from "./intrinsics.ts";
import { refuse, type Json, type Template } from "./template.ts";

/** All conditions of a template, evaluated once. Parameters are all they can see. */
export function evaluateConditions(
  template: Template,
  region: string,
  ref: (name: string) => Json | undefined,
): Record<string, boolean> {
  const results = new Map<string, boolean>();
  const visiting = new Set<string>();
  const scope: Scope = {
    region,
    ref,
    attribute: (id) => refuse(`Template error: Conditions cannot refer to resource ${id}.`),
    condition,
    mappings: template.mappings,
  };

  function condition(name: string): boolean {
    const known = results.get(name);
    if (known !== undefined) return known;
    const body = template.conditions[name];
    if (body === undefined)
      refuse(`Template format error: Unresolved condition dependency ${name}`);
    if (visiting.has(name)) refuse(`Template error: Found circular condition dependency ${name}`);
    visiting.add(name);
    const result = evaluateCondition(body, scope);
    results.set(name, result);
    return result;
  }

  for (const name of Object.keys(template.conditions)) condition(name);
  return Object.fromEntries(results);
}
