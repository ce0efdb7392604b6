import type { IamRole, PolicyDocument } from "../../aws-service.ts";
import { AwsError } from "../../aws-service.ts";
import { asText, isObject, type Json, type JsonObject } from "../template/template.ts";
import {
  array,
  fail,
  generatedName,
  MIXED,
  object,
  randomText,
  serviceRefusal,
  text,
  type ResourceEnvironment,
  type ResourceType,
} from "./resource-type.ts";
import { awsManagedPolicy } from "./managed-policies.ts";

type Policies = Record<string, PolicyDocument>;

function document(properties: JsonObject, name: string): PolicyDocument {
  const value = object(properties, name);
  if (value.Statement === undefined) {
    fail(serviceRefusal("Iam", `${name}: Missing required field Statement`, "MalformedPolicy"));
  }
  return value as unknown as PolicyDocument;
}

function roleArn(name: string, path: string, env: ResourceEnvironment): string {
  return `arn:${env.partition}:iam::${env.accountId}:role${path}${name}`;
}

/** The policies that a role's own properties give it: inline ones and managed ones by ARN. */
function ownPolicies(properties: JsonObject, env: ResourceEnvironment): Policies {
  const inline = array(properties, "Policies")
    .filter(isObject)
    .map(
      (policy) => [text(policy, "PolicyName") ?? "", document(policy, "PolicyDocument")] as const,
    );
  const managed = array(properties, "ManagedPolicyArns").map((arn) => {
    return [asText(arn), managedPolicy(asText(arn), env)] as const;
  });
  return Object.fromEntries([...inline, ...managed]);
}

function managedPolicy(arn: string, env: ResourceEnvironment): PolicyDocument {
  const own = env.inventory.get("AWS::IAM::ManagedPolicy", env.accountId, "", arn);
  const found = awsManagedPolicy(arn) ?? (own && document(own.properties, "PolicyDocument"));
  if (found === undefined) {
    const message = `Policy ${arn} does not exist or is not attachable.`;
    fail(serviceRefusal("Iam", message, "NotFound"));
  }
  return found;
}

function changeRole(
  name: string,
  env: ResourceEnvironment,
  change: (role: IamRole) => Partial<IamRole>,
): void {
  const live = env.inventory.get("AWS::IAM::Role", env.accountId, "", name);
  const role = live && env.iam.role(asText(live.attributes.Arn));
  if (role === undefined) {
    const message = `The role with name ${name} cannot be found.`;
    return fail(serviceRefusal("Iam", message, "NotFound"));
  }
  env.iam.updateRole({ ...role, ...change(role) });
}

function without(policies: Readonly<Policies>, names: readonly string[]): Policies {
  return Object.fromEntries(Object.entries(policies).filter(([name]) => !names.includes(name)));
}

const role: ResourceType = {
  type: "AWS::IAM::Role",
  properties: [
    ...["AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration"],
    ...["Path", "PermissionsBoundary", "Policies", "RoleName", "Tags"],
  ],
  required: ["AssumeRolePolicyDocument"],
  createOnly: ["Path", "RoleName"],
  attributes: ["Arn", "RoleId"],
  randomAttributes: ["RoleId"],
  nameProperty: "RoleName",
  iam: true,
  uniqueIn: "account",
  physicalId: (properties, env) => text(properties, "RoleName") ?? generatedName(env, 64, MIXED),
  attributesOf: (properties, name, env) => ({
    Arn: roleArn(name, text(properties, "Path") ?? "/", env),
    RoleId: `AROA${randomText(env, 17)}`,
  }),
  check(properties, env) {
    document(properties, "AssumeRolePolicyDocument");
    ownPolicies(properties, env);
    const seconds = Number(text(properties, "MaxSessionDuration") ?? 3600);
    if (!(seconds >= 3600 && seconds <= 43200)) {
      fail(serviceRefusal("Iam", "MaxSessionDuration must be between 3600 and 43200 seconds"));
    }
  },
  created({ physicalId, attributes, properties, accountId }, env) {
    try {
      env.iam.createRole({
        arn: asText(attributes.Arn),
        accountId,
        name: physicalId,
        id: asText(attributes.RoleId),
        trustPolicy: document(properties, "AssumeRolePolicyDocument"),
        policies: ownPolicies(properties, env),
      });
    } catch (error) {
      if (error instanceof AwsError) fail(serviceRefusal("Iam", error.message, "AlreadyExists"));
      throw error;
    }
  },
  updated({ physicalId, properties }, old, env) {
    const replaced = Object.keys(ownPolicies(old.properties, env));
    const policies = ownPolicies(properties, env);
    changeRole(physicalId, env, (current) => ({
      trustPolicy: document(properties, "AssumeRolePolicyDocument"),
      policies: { ...without(current.policies, replaced), ...policies },
    }));
  },
  deleting: ({ attributes }, env) => env.iam.deleteRole(asText(attributes.Arn)),
};

function attachedRoles(properties: JsonObject): string[] {
  return array(properties, "Roles").map(asText);
}

/** Attaches a policy of its own resource to the roles it names. */
function attachment(
  nameIn: (physicalId: string, properties: JsonObject) => string,
): Pick<ResourceType, "created" | "updated" | "deleting"> {
  const attach = (
    names: string[],
    name: string,
    policy: PolicyDocument,
    env: ResourceEnvironment,
  ) =>
    names.forEach((roleName) =>
      changeRole(roleName, env, ({ policies }) => ({ policies: { ...policies, [name]: policy } })),
    );
  const detach = (names: string[], name: string, env: ResourceEnvironment) =>
    names
      .filter((one) => env.inventory.get(role.type, env.accountId, "", one) !== undefined)
      .forEach((roleName) =>
        changeRole(roleName, env, ({ policies }) => ({ policies: without(policies, [name]) })),
      );
  return {
    created({ physicalId, properties }, env) {
      const policy = document(properties, "PolicyDocument");
      attach(attachedRoles(properties), nameIn(physicalId, properties), policy, env);
    },
    updated({ physicalId, properties }, old, env) {
      detach(attachedRoles(old.properties), nameIn(physicalId, old.properties), env);
      const policy = document(properties, "PolicyDocument");
      attach(attachedRoles(properties), nameIn(physicalId, properties), policy, env);
    },
    deleting({ physicalId, properties }, env) {
      detach(attachedRoles(properties), nameIn(physicalId, properties), env);
    },
  };
}

const policy: ResourceType = {
  type: "AWS::IAM::Policy",
  properties: ["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"],
  required: ["PolicyDocument", "PolicyName"],
  createOnly: [],
  attributes: ["Id"],
  iam: true,
  physicalId: (_, env) => generatedName(env, 64),
  attributesOf: (_, physicalId) => ({ Id: physicalId }),
  check(properties) {
    document(properties, "PolicyDocument");
    const holders = [...array(properties, "Roles"), ...holdersUnknown(properties)];
    if (holders.length === 0) {
      fail("At least one of [Groups,Roles,Users] must be non-empty.");
    }
  },
  ...attachment((_, properties) => text(properties, "PolicyName")!),
};

function holdersUnknown(properties: JsonObject): readonly Json[] {
  const others = [...array(properties, "Users"), ...array(properties, "Groups")];
  if (others.length > 0) {
    fail(
      serviceRefusal("Iam", `The sandbox has no user or group ${asText(others[0])}`, "NotFound"),
    );
  }
  return others;
}

const managed: ResourceType = {
  type: "AWS::IAM::ManagedPolicy",
  properties: [
    ...["Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"],
  ],
  required: ["PolicyDocument"],
  createOnly: ["Description", "ManagedPolicyName", "Path"],
  attributes: ["PolicyArn", "PolicyId", "AttachmentCount", "DefaultVersionId", "IsAttachable"],
  randomAttributes: ["PolicyId"],
  nameProperty: "ManagedPolicyName",
  iam: true,
  uniqueIn: "account",
  physicalId(properties, env) {
    const name = text(properties, "ManagedPolicyName") ?? generatedName(env, 128);
    const path = text(properties, "Path") ?? "/";
    return `arn:${env.partition}:iam::${env.accountId}:policy${path}${name}`;
  },
  attributesOf: (properties, arn, env) => ({
    PolicyArn: arn,
    PolicyId: `ANPA${randomText(env, 17)}`,
    AttachmentCount: attachedRoles(properties).length,
    DefaultVersionId: "v1",
    IsAttachable: true,
  }),
  check(properties) {
    document(properties, "PolicyDocument");
    holdersUnknown(properties);
  },
  ...attachment((arn) => arn),
};

export const iamTypes = [role, policy, managed];
