import { AwsError } from "../aws-service.ts";
import type { Caller, Iam, IamRole, TemporaryCredentials } from "../aws-service.ts";
import { base32Text, base62Text } from "../random.ts";
import type { SandboxClock } from "../sandbox.ts";
import { decide } from "./policy.ts";

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What is known of an access key: whose it is, and what a request signed with it must carry. */
export interface StoredCredentials extends AccessKey {
  readonly caller: Caller;
  readonly sessionToken?: string;
  readonly expiration?: number;
}

export interface IamStore extends Iam {
  credentials(accessKeyId: string): StoredCredentials | undefined;
  /** The access key of an account's administrator; made when first asked for. */
  administratorOf(accountId: string): AccessKey;
  startSession(
    roleArn: string,
    sessionName: string,
    durationMs: number,
  ): { credentials: TemporaryCredentials; caller: Caller };
  snapshot(): IamSnapshot;
  restore(snapshot: IamSnapshot): void;
}

export interface IamSnapshot {
  readonly roles: readonly IamRole[];
  readonly credentials: readonly StoredCredentials[];
}

export interface IamDeps {
  readonly clock: SandboxClock;
  readonly random: () => number;
  readonly changed: () => void;
}

/** Lambda renews a function's credentials long before; six hours outlive every invocation. */
const FUNCTION_SESSION_MS = 6 * 60 * 60 * 1000;
const ROLE_ARN = /^arn:([a-z-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;

export function iamStore({ clock, random, changed }: IamDeps): IamStore {
  const roles = new Map<string, IamRole>();
  const keys = new Map<string, StoredCredentials>();

  const put = (role: IamRole): void => {
    roles.set(role.arn, role);
    changed();
  };

  const startSession: IamStore["startSession"] = (roleArn, sessionName, durationMs) => {
    const role = roles.get(roleArn);
    if (role === undefined) throw new AwsError("NoSuchEntity", `The role ${roleArn} is gone.`);
    dropExpired(keys, clock.now());
    const caller = sessionCaller(role, sessionName);
    const credentials: TemporaryCredentials = {
      accessKeyId: `ASIA${base32Text(random, 16)}`,
      secretAccessKey: base62Text(random, 40),
      sessionToken: `IQoJb3JpZ2luX2Vj${base62Text(random, 400)}==`,
      expiration: clock.now() + durationMs,
    };
    keys.set(credentials.accessKeyId, { ...credentials, caller });
    changed();
    return { credentials, caller };
  };

  return {
    createRole(role) {
      if (roles.has(role.arn)) {
        const message = `Role with name ${role.name} already exists.`;
        throw new AwsError("EntityAlreadyExists", message, { status: 409 });
      }
      put(role);
    },
    updateRole: put,
    deleteRole(roleArn) {
      roles.delete(roleArn);
      changed();
    },
    role: (roleArn) => roles.get(roleArn),
    sessionOf: (roleArn, sessionName) =>
      startSession(roleArn, sessionName, FUNCTION_SESSION_MS).credentials,
    isAllowed(caller, action, resource, context = {}) {
      if (caller.roleArn === undefined) return true;
      const role = roles.get(caller.roleArn);
      // A session outlives its role's deletion, its permissions don't; nor does a new role of
      // the same name take over the sessions of the old one.
      if (role === undefined || !caller.userId.startsWith(`${role.id}:`)) return false;
      const request = {
        action,
        resource,
        context: { ...callerContext(caller), ...lower(context) },
      };
      return decide(Object.values(role.policies), request) === "allowed";
    },
    credentials: (accessKeyId) => keys.get(accessKeyId),
    administratorOf(accountId) {
      const known = [...keys.values()].find(
        ({ caller }) => caller.accountId === accountId && caller.roleArn === undefined,
      );
      if (known !== undefined) return known;
      const made = administrator(accountId, random);
      keys.set(made.accessKeyId, made);
      changed();
      return made;
    },
    startSession,
    snapshot: () => ({ roles: [...roles.values()], credentials: [...keys.values()] }),
    restore(snapshot) {
      roles.clear();
      keys.clear();
      for (const role of snapshot.roles) roles.set(role.arn, role);
      for (const stored of snapshot.credentials) keys.set(stored.accessKeyId, stored);
    },
  };
}

/** The condition keys that follow from who calls. */
export function callerContext(caller: Caller): Record<string, string> {
  const always = {
    "aws:principalarn": caller.roleArn ?? caller.arn,
    "aws:principalaccount": caller.accountId,
    "aws:userid": caller.userId,
    "aws:securetransport": "true",
  };
  // Long-lived keys carry no such key at all, which is why policies say BoolIfExists.
  return caller.roleArn === undefined
    ? always
    : { ...always, "aws:multifactorauthpresent": "false" };
}

export const lower = (context: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));

function administrator(accountId: string, random: () => number): StoredCredentials {
  return {
    accessKeyId: `AKIA${base32Text(random, 16)}`,
    secretAccessKey: base62Text(random, 40),
    caller: {
      accountId,
      partition: "aws",
      arn: `arn:aws:iam::${accountId}:user/administrator`,
      userId: `AIDA${base32Text(random, 17)}`,
    },
  };
}

function sessionCaller(role: IamRole, sessionName: string): Caller {
  const [, partition = "aws", accountId = role.accountId, name = role.name] =
    ROLE_ARN.exec(role.arn) ?? [];
  return {
    accountId,
    partition,
    // A session's ARN has lost the role's path (protocol-facts D1).
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
    roleArn: role.arn,
  };
}

function dropExpired(keys: Map<string, StoredCredentials>, now: number): void {
  for (const [id, { expiration }] of keys) {
    // Kept for a day, so that an expired token is told from an unknown one.
    if (expiration !== undefined && expiration + 24 * 60 * 60 * 1000 < now) keys.delete(id);
  }
}
