import { EXPLANATION_KEY, type Explanation } from "../launch-stack/explain.ts";
import {
  asList,
  statementsOf,
  type CloudFormationTemplate,
  type PolicyStatement,
  type TemplateResource,
} from "./template.ts";

/** What a buyer may want to know before ticking "I acknowledge that this creates IAM resources". */
export interface PermissionManifest {
  readonly permissions: readonly PermissionStatement[];
  readonly resources: readonly {
    readonly logicalId: string;
    readonly type: string;
    readonly why: string;
  }[];
}

export interface PermissionStatement {
  /** Logical id of the role or resource policy. */
  readonly holder: string;
  readonly usableBy: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly string[];
  readonly why: string;
}

/**
 * Everything a launch template creates and lets anyone do, each with its reason, from the bytes of
 * the template: so it holds for every version ever published.
 *
 * Throws when something has no reason: nothing may reach a buyer unexplained.
 */
export function permissionManifest(templateJson: string): PermissionManifest {
  const template = JSON.parse(templateJson) as CloudFormationTemplate;
  const resources = Object.entries(template.Resources).map(([logicalId, resource]) => ({
    logicalId,
    type: resource.Type,
    why: explanationOf(logicalId, resource).why,
  }));
  const permissions = Object.entries(template.Resources).flatMap(([logicalId, resource]) =>
    permissionsOf(template, logicalId, resource),
  );
  return { permissions, resources };
}

function permissionsOf(
  template: CloudFormationTemplate,
  holder: string,
  resource: TemplateResource,
): PermissionStatement[] {
  const { statements = {} } = explanationOf(holder, resource);
  const all = statementsOf(resource);
  // A role's own statements name nobody: whoever its trust policy lets in can use them.
  const trusted = all.flatMap((statement) => principalsOf(template, statement)).join(", ");
  return all.map((statement) => {
    const why = statements[statement.Sid ?? ""];
    if (why === undefined) {
      throw new Error(
        `Statement ${JSON.stringify(statement.Sid)} of ${holder} has no reason: add it to the statements in explain().`,
      );
    }
    const own = principalsOf(template, statement).join(", ");
    return {
      holder,
      usableBy: own === "" ? trusted : own,
      effect: statement.Effect,
      actions: asList(statement.Action ?? statement.NotAction).map(readable),
      resources: asList(statement.Resource).map(readable),
      conditions: conditionsOf(statement),
      why,
    };
  });
}

function explanationOf(logicalId: string, resource: TemplateResource): Explanation {
  const explanation = resource.Metadata?.[EXPLANATION_KEY] as Explanation | undefined;
  if (typeof explanation?.why === "string" && explanation.why !== "") return explanation;
  throw new Error(`${logicalId} (${resource.Type}) has no reason: call explain() beside it.`);
}

function principalsOf(template: CloudFormationTemplate, statement: PolicyStatement): string[] {
  const { Principal: principal } = statement;
  if (principal === undefined) return [];
  if (principal === "*") return ["everyone"];
  return Object.entries(principal as Record<string, unknown>).flatMap(([kind, value]) =>
    asList(value).map((one) => principalName(template, kind, readable(one))),
  );
}

function principalName(template: CloudFormationTemplate, kind: string, name: string): string {
  if (kind === "Service") return name === "lambda.amazonaws.com" ? "AWS Lambda" : name;
  if (name === "*") return "everyone";
  const account = ACCOUNT_ROOT.exec(name)?.[1];
  if (account === "${AWS::AccountId}") return "your own account";
  const published = template.Metadata?.[EXPLANATION_KEY] as
    { readonly Seller?: string; readonly SellerAccount?: string } | undefined;
  if (account !== undefined && account === published?.SellerAccount) {
    return `${published.Seller ?? "the seller"} (AWS account ${account})`;
  }
  return account === undefined ? name : `AWS account ${account}`;
}

/** `arn:<partition>:iam::<account>:root`, either part a pseudo-parameter. */
const ACCOUNT_ROOT =
  /^arn:(?:\$\{AWS::Partition\}|[a-z-]+):iam::(\$\{AWS::AccountId\}|\d{12}):root$/;

/** `sts:ExternalId = ${ExternalIds}` and the like. */
function conditionsOf(statement: PolicyStatement): string[] {
  const words: Readonly<Record<string, string>> = {
    StringEquals: "=",
    ArnEquals: "=",
    Bool: "=",
    StringLike: "is like",
    ArnLike: "is like",
    "ForAllValues:StringEquals": "are only",
  };
  return Object.entries(statement.Condition ?? {}).flatMap(([operator, tests]) =>
    Object.entries(tests).map(
      ([key, value]) =>
        `${key} ${words[operator] ?? operator} ${asList(value).map(readable).join(" or ")}`,
    ),
  );
}

/** An intrinsic as a buyer reads it: `${Name}` stands for what CloudFormation puts there. */
function readable(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  const [name, argument] = Object.entries(value)[0] ?? [];
  if (name === "Ref" && typeof argument === "string") return `\${${argument}}`;
  if (name === "Fn::Sub") return readable(asList(argument)[0]);
  if (name === "Fn::GetAtt") return `\${${asList(argument).map(String).join(".")}}`;
  if (name === "Fn::Join" && Array.isArray(argument)) {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(readable).join(separator);
  }
  return JSON.stringify(value);
}

/** The manifest as two tables, for a README or a security review. */
export function permissionMarkdown(manifest: PermissionManifest): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const code = (texts: readonly string[]) =>
    texts.map((text) => `\`${cell(text)}\``).join("<br>") || "–";
  const rows = manifest.permissions.map((permission) =>
    [
      `\`${permission.holder}\``,
      cell(permission.usableBy),
      `${permission.effect === "Deny" ? "**denied** " : ""}${code(permission.actions)}`,
      code(permission.resources),
      code(permission.conditions),
      cell(permission.why),
    ].join(" | "),
  );
  const made = manifest.resources.map((resource) =>
    [`\`${resource.logicalId}\``, `\`${resource.type}\``, cell(resource.why)].join(" | "),
  );
  return [
    "## Permissions",
    "",
    "| Held by | Usable by | Actions | On | If | Why |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
    "## Resources",
    "",
    "| Name | Type | Why |",
    "| --- | --- | --- |",
    ...made.map((row) => `| ${row} |`),
  ].join("\n");
}
