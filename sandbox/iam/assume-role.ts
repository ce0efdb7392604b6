import { AwsError } from "../aws-service.ts";
import type { Caller, IamRole } from "../aws-service.ts";
import { callerContext } from "./iam-store.ts";
import type { IamStore } from "./iam-store.ts";
import { decide } from "./policy.ts";
import type { Statement } from "./policy.ts";

interface AssumeRoleInput {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId: string | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

const ROLE_ARN = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,564}$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
/** A role's default maximum; one role assuming another never gets more either. */
const MAX_SESSION_SECONDS = 3600;

export function assumeRole(
  iam: IamStore,
  caller: Caller,
  raw: Record<string, unknown>,
): Record<string, unknown> {
  const input = parse(raw);
  const role = iam.role(input.roleArn);
  const actions = input.tags.length > 0 ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
  for (const action of actions) {
    // An unknown role and a closed one get the same answer, so that nobody can list roles.
    if (role === undefined || !mayAssume(iam, caller, role, action, input)) {
      throw new AwsError(
        "AccessDenied",
        `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${input.roleArn}`,
        { status: 403 },
      );
    }
  }
  const session = iam.startSession(input.roleArn, input.sessionName, input.durationSeconds * 1000);
  return {
    Credentials: {
      AccessKeyId: session.credentials.accessKeyId,
      SecretAccessKey: session.credentials.secretAccessKey,
      SessionToken: session.credentials.sessionToken,
      Expiration: new Date(session.credentials.expiration),
    },
    AssumedRoleUser: { AssumedRoleId: session.caller.userId, Arn: session.caller.arn },
  };
}

/**
 * Both sides must agree: the role's trust policy and the caller's own permissions. Only a role
 * that trusts a principal of its own account by name needs no second word.
 */
function mayAssume(
  iam: IamStore,
  caller: Caller,
  role: IamRole,
  action: string,
  input: AssumeRoleInput,
): boolean {
  const context = {
    ...callerContext(caller),
    "sts:rolesessionname": input.sessionName,
    ...(input.externalId === undefined ? {} : { "sts:externalid": input.externalId }),
    ...Object.fromEntries(
      input.tags.map(({ Key, Value }) => [`aws:requesttag/${Key.toLowerCase()}`, Value]),
    ),
    ...(input.tags.length === 0 ? {} : { "aws:tagkeys": input.tags.map(({ Key }) => Key) }),
  };
  const request = { action, resource: role.arn, context };
  const trusts = (matches: (statement: Statement) => boolean): boolean =>
    decide([role.trustPolicy], request, matches) === "allowed";

  if (
    !trusts((statement) => namesAccountOf(statement, caller) || namesPrincipal(statement, caller))
  ) {
    return false;
  }
  const byName = (statement: Statement) =>
    statement.effect === "Deny" || namesPrincipal(statement, caller);
  if (caller.accountId === role.accountId && trusts(byName)) return true;
  return iam.isAllowed(caller, action, role.arn, {});
}

function namesAccountOf({ principals }: Statement, { accountId, partition }: Caller): boolean {
  const root = `arn:${partition}:iam::${accountId}:root`;
  return (principals["AWS"] ?? []).some((name) => [accountId, root, "*"].includes(name));
}

function namesPrincipal({ principals }: Statement, caller: Caller): boolean {
  return (principals["AWS"] ?? []).some((name) => name === caller.arn || name === caller.roleArn);
}

function parse(raw: Record<string, unknown>): AssumeRoleInput {
  const text = (name: string): string => (typeof raw[name] === "string" ? raw[name] : "");
  const problems: string[] = [];
  const check = (name: string, pattern: RegExp, required: boolean): void => {
    if (!(name in raw) && !required) return;
    if (!pattern.test(text(name))) {
      const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      problems.push(
        `Value '${text(name)}' at '${field}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`,
      );
    }
  };
  check("RoleArn", ROLE_ARN, true);
  check("RoleSessionName", SESSION_NAME, true);
  check("ExternalId", EXTERNAL_ID, false);
  const duration = "DurationSeconds" in raw ? Number(raw["DurationSeconds"]) : MAX_SESSION_SECONDS;
  if (!Number.isInteger(duration) || duration < 900) {
    problems.push(
      "Value at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    );
  }
  if (problems.length > 0) {
    const errors = `${problems.length} validation error${problems.length > 1 ? "s" : ""} detected`;
    throw new AwsError("ValidationError", `${errors}: ${problems.join("; ")}`);
  }
  if (duration > MAX_SESSION_SECONDS) {
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  return {
    roleArn: text("RoleArn"),
    sessionName: text("RoleSessionName"),
    durationSeconds: duration,
    externalId: "ExternalId" in raw ? text("ExternalId") : undefined,
    tags: (Array.isArray(raw["Tags"]) ? raw["Tags"] : []) as AssumeRoleInput["tags"],
  };
}
