import type { Finding } from "./finding.ts";
import { permissionManifest } from "./permission-manifest.ts";
import {
  asList,
  dependenciesOf,
  statementsOf,
  visit,
  type CloudFormationTemplate,
  type TemplateResource,
} from "./template.ts";
import { parameterFindings, outputFindings } from "./parameter-rules.ts";

type Say = (rule: string, where: string, message: string) => Finding;

/** As much as CloudFormation takes without a bucket; a launch template has no reason to be larger. */
const MOST_BYTES = 51_200;

/**
 * What we promise about a launch template and no general linter knows, and what real cfn-lint
 * finds but its npm-only stand-in doesn't (libraries §3).
 */
export function launchFindings(json: string): Finding[] {
  const template = JSON.parse(json) as CloudFormationTemplate;
  const say: Say = (rule, where, message) => ({
    engine: "launchmeter",
    rule,
    severity: "error",
    where,
    message,
  });
  const resources = Object.entries(template.Resources);
  return [
    ...selfContained(template, Buffer.byteLength(json), say),
    ...ruleFunctions(template, say),
    ...resources.flatMap(([id, resource]) => resourceFindings(template, id, resource, say)),
    ...parameterFindings(template, say),
    ...outputFindings(template, say),
    ...explained(json, say),
  ];
}

function resourceFindings(
  template: CloudFormationTemplate,
  id: string,
  resource: TemplateResource,
  say: Say,
): Finding[] {
  const where = `Resources.${id}`;
  return [
    ...deletionPolicies(where, resource, say),
    ...retainedWithItsKey(template, where, resource, say),
    ...trust(where, resource, say),
    ...customResource(template, id, resource, say),
    ...mappingLookups(template, where, resource, say),
    ...partitions(where, resource, say),
  ];
}

function selfContained(template: CloudFormationTemplate, bytes: number, say: Say): Finding[] {
  const findings: Finding[] = [];
  if ("Transform" in template) {
    findings.push(say("LM01", "Transform", "A macro asks the buyer for one more capability."));
  }
  if (template.Parameters?.BootstrapVersion !== undefined) {
    findings.push(say("LM01", "Parameters.BootstrapVersion", "A buyer has no CDK bootstrap."));
  }
  for (const [id, resource] of Object.entries(template.Resources)) {
    const code = resource.Properties?.Code as Record<string, unknown> | undefined;
    if (resource.Type === "AWS::CDK::Metadata" || code?.S3Bucket !== undefined) {
      findings.push(say("LM01", `Resources.${id}`, "The template must need nothing but itself."));
    }
  }
  if (bytes > MOST_BYTES) {
    findings.push(say("LM01", "", `The template has ${bytes} bytes; at most ${MOST_BYTES} fit.`));
  }
  return findings;
}

function deletionPolicies(where: string, resource: TemplateResource, say: Say): Finding[] {
  return (["DeletionPolicy", "UpdateReplacePolicy"] as const)
    .filter((name) => resource[name] !== undefined && typeof resource[name] !== "string")
    .map((name) =>
      say("LM02", `${where}.${name}`, "An intrinsic here needs a Transform; use a constant."),
    );
}

const RULE_FUNCTIONS = new Set([
  "Ref",
  "Fn::And",
  "Fn::Contains",
  "Fn::EachMemberEquals",
  "Fn::EachMemberIn",
  "Fn::Equals",
  "Fn::If",
  "Fn::Not",
  "Fn::Or",
  "Fn::RefAll",
  "Fn::ValueOf",
  "Fn::ValueOfAll",
]);

function ruleFunctions(template: CloudFormationTemplate, say: Say): Finding[] {
  const findings: Finding[] = [];
  visit(template.Rules, (node) => {
    for (const name of Object.keys(node)) {
      if (name.startsWith("Fn::") && !RULE_FUNCTIONS.has(name)) {
        findings.push(say("LM03", "Rules", `${name} does not exist inside Rules.`));
      }
    }
  });
  return findings;
}

function trust(where: string, resource: TemplateResource, say: Say): Finding[] {
  return statementsOf(resource)
    .filter((statement) => statement.Effect === "Allow")
    .flatMap((statement) => {
      const { Principal: principal } = statement;
      const named = typeof principal === "object" && principal !== null ? principal : {};
      const aws = asList((named as Record<string, unknown>).AWS);
      if (principal === "*" || aws.includes("*")) {
        return [say("LM04", where, "An Allow statement names everyone as its principal.")];
      }
      const assumes = asList(statement.Action).includes("sts:AssumeRole");
      const asks = Object.entries(statement.Condition ?? {}).some(
        ([operator, tests]) => operator === "StringEquals" && "sts:ExternalId" in tests,
      );
      return assumes && aws.length > 0 && !asks
        ? [say("LM05", where, "An account may assume this role without an external ID.")]
        : [];
    });
}

function customResource(
  template: CloudFormationTemplate,
  id: string,
  resource: TemplateResource,
  say: Say,
): Finding[] {
  const isCustom =
    resource.Type.startsWith("Custom::") || resource.Type === "AWS::CloudFormation::CustomResource";
  if (!isCustom) return [];
  const where = `Resources.${id}`;
  const token = resource.Properties?.ServiceToken as Record<string, unknown> | undefined;
  const [target, attribute] = asList(token?.["Fn::GetAtt"]);
  const handler = typeof target === "string" ? template.Resources[target] : undefined;
  const findings =
    handler?.Type === "AWS::Lambda::Function" && attribute === "Arn"
      ? []
      : [say("LM06", where, "ServiceToken must be the ARN of a function in this template.")];
  if (resource.Type !== "Custom::LaunchmeterRegistration") return findings;
  const reached = dependenciesOf(template, id);
  const missed = Object.keys(template.Resources).filter((one) => one !== id && !reached.has(one));
  return [
    ...findings,
    ...missed.map((one) =>
      say(
        "LM07",
        `Resources.${one}`,
        `Deleted while ${id} may still need it: let it depend on it.`,
      ),
    ),
  ];
}

/** A key that goes before the data under it takes the data with it. */
function retainedWithItsKey(
  template: CloudFormationTemplate,
  where: string,
  resource: TemplateResource,
  say: Say,
): Finding[] {
  const stays = ({ DeletionPolicy: policy }: TemplateResource) =>
    typeof policy === "string" && policy.startsWith("Retain");
  if (!stays(resource) || resource.Type === "AWS::KMS::Key") return [];
  const keys = Object.entries(template.Resources).filter(
    ([, one]) => one.Type === "AWS::KMS::Key" && !stays(one),
  );
  const used = JSON.stringify(resource.Properties ?? {});
  return keys
    .filter(([id]) => used.includes(`"${id}"`))
    .map(([id]) =>
      say("LM08", where, `It stays when the stack is deleted, but its key ${id} goes.`),
    );
}

function mappingLookups(
  template: CloudFormationTemplate,
  where: string,
  resource: TemplateResource,
  say: Say,
): Finding[] {
  const findings: Finding[] = [];
  const mappings = (template as { readonly Mappings?: Mappings }).Mappings ?? {};
  visit(resource.Properties, (node) => {
    const [name, first, second] = asList(node["Fn::FindInMap"]);
    if (typeof name !== "string") return;
    const rows = mappings[name] ?? {};
    const wanted = typeof first === "string" ? [rows[first]] : Object.values(rows);
    const known = (row: Mappings[string][string] | undefined) =>
      row !== undefined && (typeof second !== "string" || second in row);
    if (wanted.length === 0 || !wanted.every(known)) {
      const path = [name, first, second].map((part) => JSON.stringify(part)).join(", ");
      findings.push(say("LM09", where, `No mapping has ${path}.`));
    }
  });
  return findings;
}

type Mappings = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

function partitions(where: string, resource: TemplateResource, say: Say): Finding[] {
  // Code is text, not an ARN.
  return JSON.stringify({ ...resource.Properties, Code: undefined }).includes('"arn:aws:')
    ? [say("LM10", where, "An ARN names the partition aws: use ${AWS::Partition}.")]
    : [];
}

function explained(json: string, say: Say): Finding[] {
  try {
    permissionManifest(json);
    return [];
  } catch (error) {
    return [say("LM13", "Metadata", error instanceof Error ? error.message : String(error))];
  }
}
