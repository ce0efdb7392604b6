/** What of a CloudFormation template its readers here look at. */
export interface CloudFormationTemplate {
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly Parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Rules?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Every policy statement of a resource, wherever in its properties a policy document stands. */
export function statementsOf(resource: TemplateResource): PolicyStatement[] {
  const found: PolicyStatement[] = [];
  visit(resource.Properties, (node) => {
    if ("Statement" in node && "Version" in node) {
      found.push(...(asList(node.Statement) as PolicyStatement[]));
    }
  });
  return found;
}

/** Calls back for every object inside the value, itself included. */
export function visit(
  value: unknown,
  see: (node: Readonly<Record<string, unknown>>) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (typeof value === "object" && value !== null) {
    see(value as Record<string, unknown>);
    for (const child of Object.values(value)) visit(child, see);
  }
}

/** Logical ids (and pseudo-parameters) that a value refers to. */
export function referencesIn(value: unknown): Set<string> {
  const found = new Set<string>();
  visit(value, (node) => {
    if (typeof node.Ref === "string") found.add(node.Ref);
    const attribute = node["Fn::GetAtt"];
    if (attribute !== undefined) found.add(String(asList(attribute)[0]).split(".")[0]!);
    const text = asList(node["Fn::Sub"])[0];
    if (typeof text === "string") {
      for (const [, name] of text.matchAll(/\$\{([^!][^}]*)\}/g)) found.add(name!.split(".")[0]!);
    }
  });
  return found;
}

/** Everything that must exist before the resource, and is deleted only after it. */
export function dependenciesOf(template: CloudFormationTemplate, logicalId: string): Set<string> {
  const reached = new Set<string>();
  const waiting = [logicalId];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const resource = template.Resources[id];
    if (resource === undefined || reached.has(id)) continue;
    reached.add(id);
    const explicit = asList(resource.DependsOn) as string[];
    waiting.push(...referencesIn(resource.Properties), ...explicit);
  }
  reached.delete(logicalId);
  return reached;
}

export function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
