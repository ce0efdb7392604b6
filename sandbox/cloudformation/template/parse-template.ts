import {
  deletionPolicies,
  isObject,
  isScalar,
  refuse,
  type DeletionPolicy,
  type Json,
  type JsonObject,
  type OutputDefinition,
  type ParameterDefinition,
  type ResourceDefinition,
  type RuleDefinition,
  type Template,
} from "./template.ts";

/** protocol-facts B2. */
const LIMITS = { parameters: 200, resources: 500, outputs: 200, mappings: 200, description: 1024 };

const TOP_LEVEL = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Rules",
  "Mappings",
  "Conditions",
  "Resources",
  "Outputs",
];

/** Checks a template's format as CreateStack does before it looks at any value. */
export function parseTemplate(text: string): Template {
  const root = parseJson(text);
  if ("Transform" in root) {
    refuse(
      "Transform is refused: a macro would rewrite this template with code of the buyer's account, " +
        "and the sandbox runs templates as they are.",
    );
  }
  const unknown = Object.keys(root).filter((key) => !TOP_LEVEL.includes(key));
  if (unknown.length > 0) refuse(`Invalid template property or properties [${unknown.join(", ")}]`);
  const version = root.AWSTemplateFormatVersion;
  if (version !== undefined && version !== "2010-09-09") {
    refuse("Template format error: AWSTemplateFormatVersion must be 2010-09-09.");
  }
  const description = root.Description;
  if (description !== undefined && typeof description !== "string") {
    refuse("Template format error: Description must be a string.");
  }
  if (description !== undefined && Buffer.byteLength(description) > LIMITS.description) {
    refuse("Template format error: Description is longer than 1,024 bytes.");
  }
  const resources = section(root, "Resources", LIMITS.resources);
  if (Object.keys(resources).length === 0) {
    refuse("Template format error: At least one Resources member must be defined.");
  }
  return {
    text,
    description,
    metadata: section(root, "Metadata", Infinity),
    parameters: mapSection(section(root, "Parameters", LIMITS.parameters), parseParameter),
    rules: mapSection(section(root, "Rules", Infinity), parseRule),
    mappings: section(root, "Mappings", LIMITS.mappings),
    conditions: section(root, "Conditions", Infinity),
    resources: mapSection(resources, parseResource),
    outputs: mapSection(section(root, "Outputs", LIMITS.outputs), parseOutput),
  };
}

function parseJson(text: string): JsonObject {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? error.message : String(error);
    refuse(
      `Template format error: JSON not well-formed (${where}). The sandbox reads templates in JSON.`,
    );
  }
  return isObject(root) ? root : refuse("Template format error: unsupported structure.");
}

function section(root: JsonObject, name: string, limit: number): JsonObject {
  const value = root[name];
  if (value === undefined) return {};
  if (!isObject(value)) {
    return refuse(`Template format error: ${name} must be an object with named members.`);
  }
  const names = Object.keys(value);
  if (names.length > limit) {
    refuse(`Template format error: Number of ${name}, ${names.length}, is greater than ${limit}`);
  }
  const bad = names.find((key) => !/^[A-Za-z0-9]{1,255}$/.test(key));
  if (bad !== undefined && name !== "Metadata") {
    refuse(
      `Template format error: ${name} name ${bad} is non alphanumeric or longer than 255 characters.`,
    );
  }
  return value;
}

function mapSection<T>(
  members: JsonObject,
  parse: (name: string, body: JsonObject) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(members).map(([name, body]) => [
      name,
      isObject(body)
        ? parse(name, body)
        : refuse(`Template format error: Every member of ${name} must be an object.`),
    ]),
  );
}

function onlyKeys(what: string, body: JsonObject, allowed: readonly string[]): void {
  const unknown = Object.keys(body).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) {
    refuse(`Invalid template ${what} property or properties [${unknown.join(", ")}]`);
  }
}

function scalar(what: string, body: JsonObject, key: string): string | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (!isScalar(value))
    refuse(`Template format error: Every ${key} member of ${what} is a string.`);
  return String(value);
}

function numeric(what: string, body: JsonObject, key: string): number | undefined {
  const text = scalar(what, body, key);
  if (text === undefined) return undefined;
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value)
    ? value
    : refuse(`Template format error: ${key} of ${what} must be a number.`);
}

function parseParameter(name: string, body: JsonObject): ParameterDefinition {
  const what = `parameter ${name}`;
  onlyKeys(what, body, [
    ...["Type", "Default", "Description", "AllowedValues", "AllowedPattern", "NoEcho"],
    ...["ConstraintDescription", "MinLength", "MaxLength", "MinValue", "MaxValue"],
  ]);
  const type = scalar(what, body, "Type");
  if (type === undefined)
    refuse("Template format error: Every Parameters object must contain a Type member.");
  const allowed = body.AllowedValues;
  if (
    allowed !== undefined &&
    !(Array.isArray(allowed) && allowed.every((v) => isScalar(v as Json)))
  ) {
    refuse(`Template format error: AllowedValues of ${what} must be a list of strings.`);
  }
  const description = scalar(what, body, "Description");
  if (description !== undefined && description.length > 4000) {
    refuse(`Template format error: Description of ${what} is longer than 4,000 characters.`);
  }
  return {
    type: type,
    default: scalar(what, body, "Default"),
    description,
    allowedValues: (allowed as readonly Json[] | undefined)?.map(String),
    allowedPattern: scalar(what, body, "AllowedPattern"),
    constraintDescription: scalar(what, body, "ConstraintDescription"),
    minLength: numeric(what, body, "MinLength"),
    maxLength: numeric(what, body, "MaxLength"),
    minValue: numeric(what, body, "MinValue"),
    maxValue: numeric(what, body, "MaxValue"),
    noEcho: scalar(what, body, "NoEcho") === "true",
  };
}

function parseRule(name: string, body: JsonObject): RuleDefinition {
  onlyKeys(`rule ${name}`, body, ["RuleCondition", "Assertions"]);
  const assertions = body.Assertions;
  if (!Array.isArray(assertions) || assertions.length === 0) {
    return refuse(`Template format error: Rule ${name} must contain Assertions.`);
  }
  return {
    condition: body.RuleCondition,
    assertions: (assertions as Json[]).map((assertion) => {
      if (!isObject(assertion) || assertion.Assert === undefined) {
        return refuse(`Template format error: Every assertion of rule ${name} needs an Assert.`);
      }
      return {
        assert: assertion.Assert,
        description:
          scalar(`rule ${name}`, assertion, "AssertDescription") ?? `Rule ${name} failed`,
      };
    }),
  };
}

function parseResource(name: string, body: JsonObject): ResourceDefinition {
  const what = `resource ${name}`;
  onlyKeys("resource", body, [
    ...["Type", "Properties", "Condition", "DependsOn", "Metadata", "DeletionPolicy"],
    ...["UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy"],
  ]);
  const type = body.Type;
  if (typeof type !== "string") {
    return refuse(
      `Template format error: [/Resources/${name}] Every Resources object must contain a Type member.`,
    );
  }
  const condition = body.Condition;
  if (condition !== undefined && typeof condition !== "string") {
    return refuse(`Template format error: Every Condition member must be a string (${what}).`);
  }
  const dependsOn = typeof body.DependsOn === "string" ? [body.DependsOn] : (body.DependsOn ?? []);
  if (!Array.isArray(dependsOn) || !dependsOn.every((item) => typeof item === "string")) {
    return refuse(
      `Template format error: DependsOn must be a string or list of strings (${what}).`,
    );
  }
  const properties = body.Properties ?? {};
  if (!isObject(properties))
    return refuse(`Template format error: Properties of ${what} must be an object.`);
  return {
    type,
    condition,
    dependsOn: dependsOn,
    deletionPolicy: policy(name, "DeletionPolicy", body.DeletionPolicy),
    updateReplacePolicy: policy(name, "UpdateReplacePolicy", body.UpdateReplacePolicy),
    properties,
  };
}

/** Intrinsic functions here need the language extensions transform (feasibility §1). */
function policy(name: string, key: string, value: Json | undefined): DeletionPolicy {
  if (value === undefined) return "Delete";
  const known = deletionPolicies.find((one) => one === value);
  if (known === undefined || (key === "UpdateReplacePolicy" && known === "RetainExceptOnCreate")) {
    return refuse(
      `Template format error: Unrecognized ${key} ${JSON.stringify(value)} for resource ${name}`,
    );
  }
  return known;
}

function parseOutput(name: string, body: JsonObject): OutputDefinition {
  onlyKeys(`output ${name}`, body, ["Description", "Value", "Export", "Condition"]);
  if (body.Value === undefined) {
    refuse(`Template format error: Output ${name} must contain a Value member.`);
  }
  const exported = body.Export;
  if (exported !== undefined && !(isObject(exported) && exported.Name !== undefined)) {
    refuse(`Template format error: Export of output ${name} must contain a Name.`);
  }
  return {
    description: scalar(`output ${name}`, body, "Description"),
    condition: scalar(`output ${name}`, body, "Condition"),
    value: body.Value ?? null,
    exportName: isObject(exported) ? exported.Name : undefined,
  };
}
