import { isObject, type Json, type Template } from "./template.ts";

/** How AWS::CloudFormation::Interface wants the console to group and label the parameters. */
export function interfaceOf(template: Template): {
  groups: { label: string; parameters: string[] }[];
  labels: Record<string, string>;
} {
  const body = template.metadata["AWS::CloudFormation::Interface"];
  const names = Object.keys(template.parameters);
  const groupsIn =
    isObject(body) && Array.isArray(body.ParameterGroups) ? body.ParameterGroups : [];
  const groups = (groupsIn as Json[]).filter(isObject).map((group) => ({
    label: isObject(group.Label) ? text(group.Label.default) : "",
    parameters: (Array.isArray(group.Parameters) ? (group.Parameters as Json[]) : [])
      .map(text)
      .filter((name) => names.includes(name)),
  }));
  const grouped = new Set(groups.flatMap(({ parameters }) => parameters));
  const rest = names.filter((name) => !grouped.has(name));
  const labelsIn = isObject(body) && isObject(body.ParameterLabels) ? body.ParameterLabels : {};
  const labels = Object.entries(labelsIn).flatMap(([name, label]) =>
    isObject(label) && typeof label.default === "string" ? [[name, label.default] as const] : [],
  );
  const others = groups.length > 0 ? "Other parameters" : "";
  return {
    groups: rest.length > 0 ? [...groups, { label: others, parameters: rest }] : groups,
    labels: Object.fromEntries(labels),
  };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
