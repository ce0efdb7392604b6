import type { ParameterInput } from "../template/parameters.ts";
import { refuse } from "../template/template.ts";
import type { OnFailure, Tag } from "../stacks/stack.ts";

/** Reads what the Query protocol left: strings, and lists of objects of strings. */
export type QueryInput = Readonly<Record<string, unknown>>;

export function optionalText(input: QueryInput, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function requiredText(input: QueryInput, name: string): string {
  return (
    optionalText(input, name) ??
    refuse(
      `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' ` +
        "failed to satisfy constraint: Member must not be null",
    )
  );
}

export function flag(input: QueryInput, name: string): boolean {
  return input[name] === true || input[name] === "true";
}

export function texts(input: QueryInput, name: string): string[] {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
}

function records(input: QueryInput, name: string): Record<string, unknown>[] {
  const value = input[name];
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}

export function parameterInputs(input: QueryInput): Record<string, ParameterInput> {
  const entries = records(input, "Parameters").map((one) => {
    const value = typeof one.ParameterValue === "string" ? one.ParameterValue : undefined;
    return [
      requiredText(one, "ParameterKey"),
      { value, usePrevious: flag(one, "UsePreviousValue") },
    ] as const;
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(`Duplicate parameter key: ${twice}`);
  return Object.fromEntries(entries);
}

export function tags(input: QueryInput): Tag[] {
  return records(input, "Tags").map((tag) => ({
    Key: requiredText(tag, "Key"),
    Value: typeof tag.Value === "string" ? tag.Value : "",
  }));
}

export function onFailure(input: QueryInput): OnFailure {
  const wanted = optionalText(input, "OnFailure");
  if (wanted !== undefined && input.DisableRollback !== undefined) {
    refuse("You can specify either DisableRollback or OnFailure, but not both.");
  }
  switch (wanted) {
    case undefined:
      return flag(input, "DisableRollback") ? "DO_NOTHING" : "ROLLBACK";
    case "ROLLBACK":
    case "DO_NOTHING":
    case "DELETE":
      return wanted;
    default:
      return refuse(`OnFailure must be ROLLBACK, DO_NOTHING or DELETE, not ${wanted}.`);
  }
}
