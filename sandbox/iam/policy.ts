import type { PolicyDocument } from "../aws-service.ts";
import { conditionsHold } from "./conditions.ts";
import type { ConditionContext } from "./conditions.ts";
import { asList, wildcardMatch } from "./wildcards.ts";

/** One statement, with AWS's "one or a list" spellings made lists. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principals: Readonly<Record<string, readonly string[]>>;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: unknown;
  /** `NotAction`, `NotPrincipal`, …: not understood here. */
  readonly unsupported: boolean;
}

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

export type Decision = "allowed" | "denied" | "not-mentioned";

const UNDERSTOOD = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

/** Refuses when in doubt: what a policy says in words unknown here never allows anything. */
export function decide(
  policies: readonly PolicyDocument[],
  request: PolicyRequest,
  matchesPrincipal: (statement: Statement) => boolean = () => true,
): Decision {
  let allowed = false;
  for (const statement of policies.flatMap(statementsOf)) {
    const named = mentions(statement, request) && matchesPrincipal(statement);
    if (statement.effect === "Deny") {
      if (statement.unsupported) return "denied";
      if (named && conditionsHold(statement.conditions, request.context) !== "false") {
        return "denied";
      }
    } else if (
      named &&
      !statement.unsupported &&
      conditionsHold(statement.conditions, request.context) === "true"
    ) {
      allowed = true;
    }
  }
  return allowed ? "allowed" : "not-mentioned";
}

export function statementsOf(document: PolicyDocument): Statement[] {
  return asList(document.Statement).map((raw) => {
    const statement = (raw ?? {}) as Record<string, unknown>;
    return {
      effect: statement["Effect"] === "Allow" ? "Allow" : "Deny",
      principals: principalsOf(statement["Principal"]),
      actions: asList(statement["Action"]).map(String),
      // A trust policy names no resource: it means the role it belongs to.
      resources: "Resource" in statement ? asList(statement["Resource"]).map(String) : ["*"],
      conditions: statement["Condition"],
      unsupported: Object.keys(statement).some((key) => !UNDERSTOOD.includes(key)),
    };
  });
}

function principalsOf(principal: unknown): Record<string, string[]> {
  if (principal === "*") return { AWS: ["*"] };
  if (typeof principal !== "object" || principal === null) return {};
  return Object.fromEntries(
    Object.entries(principal).map(([kind, names]) => [kind, asList(names).map(String)]),
  );
}

function mentions(statement: Statement, { action, resource }: PolicyRequest): boolean {
  return (
    statement.actions.some((pattern) =>
      wildcardMatch(pattern.toLowerCase(), action.toLowerCase()),
    ) && statement.resources.some((pattern) => wildcardMatch(pattern, resource))
  );
}
