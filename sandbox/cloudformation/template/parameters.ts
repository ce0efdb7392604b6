import { refuse, type Json, type ParameterDefinition, type Template } from "./template.ts";

/** What a request says of one parameter. */
export interface ParameterInput {
  readonly value: string | undefined;
  readonly usePrevious: boolean;
}

/** A parameter with its value: as written, and as Ref gives it. */
export interface ParameterValue {
  readonly written: string;
  readonly value: Json;
}

const MAX_VALUE_BYTES = 4096; // protocol-facts B2

const LIST_TYPES = ["CommaDelimitedList", "List<Number>", "List<String>"];
const SSM_VALUE = /^AWS::SSM::Parameter::Value<(String|List<String>|CommaDelimitedList)>$/;

/**
 * Gives every parameter its value: the request's, else the previous one, else the default; and
 * refuses what the definition forbids. `ssmParameter` reads the account's parameter store.
 */
export function resolveParameters(
  template: Template,
  inputs: Readonly<Record<string, ParameterInput>>,
  previous: Readonly<Record<string, string>>,
  ssmParameter: (name: string) => string | undefined,
): Record<string, ParameterValue> {
  const strangers = Object.keys(inputs).filter((name) => !(name in template.parameters));
  if (strangers.length > 0) {
    refuse(`Parameters: [${strangers.join(", ")}] do not exist in the template`);
  }
  const missing: string[] = [];
  const values: Record<string, ParameterValue> = {};
  for (const [name, definition] of Object.entries(template.parameters)) {
    const input = inputs[name];
    const written =
      input?.usePrevious === true ? previous[name] : (input?.value ?? definition.default);
    if (written === undefined) missing.push(name);
    else {
      checkValue(name, definition, written);
      values[name] = { written, value: typed(name, definition, written, ssmParameter) };
    }
  }
  if (missing.length > 0) refuse(`Parameters: [${missing.join(", ")}] must have values`);
  return values;
}

function checkValue(name: string, definition: ParameterDefinition, written: string): void {
  if (Buffer.byteLength(written) > MAX_VALUE_BYTES) {
    refuse(`Parameter '${name}' is longer than ${MAX_VALUE_BYTES} bytes`);
  }
  const items = LIST_TYPES.includes(definition.type) ? splitList(written) : [written];
  for (const item of items) {
    const problem = violation(name, definition, item);
    if (problem === undefined) continue;
    // ConstraintDescription replaces AWS's own words (protocol-facts B4).
    const { constraintDescription } = definition;
    refuse(
      constraintDescription === undefined
        ? problem
        : `Parameter ${name} failed to satisfy constraint: ${constraintDescription}`,
    );
  }
}

function violation(
  name: string,
  definition: ParameterDefinition,
  value: string,
): string | undefined {
  const { allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } = definition;
  if (allowedValues !== undefined && !allowedValues.includes(value)) {
    return `Parameter '${name}' must be one of AllowedValues`;
  }
  if (allowedPattern !== undefined && !wholeMatch(name, allowedPattern).test(value)) {
    return `Parameter '${name}' must match pattern ${allowedPattern}`;
  }
  if (minLength !== undefined && value.length < minLength) {
    return `Parameter '${name}' must contain at least ${minLength} characters`;
  }
  if (maxLength !== undefined && value.length > maxLength) {
    return `Parameter '${name}' must contain at most ${maxLength} characters`;
  }
  if (definition.type.endsWith("Number") || definition.type === "List<Number>") {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number)) {
      return `Parameter '${name}' must be a number.`;
    }
    if (minValue !== undefined && number < minValue) {
      return `Parameter '${name}' must be a number not less than ${minValue}`;
    }
    if (maxValue !== undefined && number > maxValue) {
      return `Parameter '${name}' must be a number not greater than ${maxValue}`;
    }
  }
  return undefined;
}

/** The pattern must match the whole value, anchored or not (protocol-facts B4). */
function wholeMatch(name: string, pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return refuse(`Template format error: AllowedPattern of parameter ${name} is not a pattern.`);
  }
}

function typed(
  name: string,
  definition: ParameterDefinition,
  written: string,
  ssmParameter: (name: string) => string | undefined,
): Json {
  const { type } = definition;
  if (type === "String" || type === "Number") return written;
  if (LIST_TYPES.includes(type)) return splitList(written);
  if (type === "AWS::SSM::Parameter::Name") return written;
  const stored = SSM_VALUE.exec(type);
  if (stored !== null) {
    const value = ssmParameter(written);
    if (value === undefined) {
      refuse(`Unable to fetch parameters [${written}] from parameter store for this account.`);
    }
    return stored[1] === "String" ? value : splitList(value);
  }
  return refuse(
    `Template format error: Unrecognized parameter type: ${type} (parameter ${name}). ` +
      "The sandbox knows String, Number, lists of them, and AWS::SSM::Parameter types.",
  );
}

function splitList(written: string): string[] {
  return written === "" ? [""] : written.split(",").map((item) => item.trim());
}
