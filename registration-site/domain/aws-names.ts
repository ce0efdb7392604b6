/** The parts of ARNs that decide over trust. Parsed strictly; anything odd is not an ARN of ours. */

export interface StackName {
  readonly stackId: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly name: string;
  /** Unique even when a name is used again; also the value of the deployment's cost tag. */
  readonly guid: string;
}

const STACK_ID =
  /^arn:(aws[a-z-]{0,20}):cloudformation:([a-z0-9-]{1,32}):([0-9]{12}):stack\/([A-Za-z][A-Za-z0-9-]{0,127})\/([0-9a-f-]{36})$/;

export function parseStackId(stackId: string): StackName | undefined {
  const [, partition, region, accountId, name, guid] = STACK_ID.exec(stackId) ?? [];
  if (!partition || !region || !accountId || !name || !guid) return undefined;
  return { stackId, partition, region, accountId, name, guid };
}

export interface RoleName {
  readonly partition: string;
  readonly accountId: string;
}

const ROLE_ARN = /^arn:(aws[a-z-]{0,20}):iam::([0-9]{12}):role\/[A-Za-z0-9_+=,.@/-]{1,576}$/;

export function parseRoleArn(arn: string): RoleName | undefined {
  const [, partition, accountId] = ROLE_ARN.exec(arn) ?? [];
  return partition && accountId ? { partition, accountId } : undefined;
}

export interface AssumedRole {
  readonly partition: string;
  readonly accountId: string;
  /** Without its path, which a session's ARN has lost (protocol-facts D1). */
  readonly roleName: string;
}

const ASSUMED_ROLE =
  /^arn:(aws[a-z-]{0,20}):sts::([0-9]{12}):assumed-role\/([A-Za-z0-9_+=,.@-]{1,64})\/[A-Za-z0-9_+=,.@-]{1,64}$/;

export function parseAssumedRole(arn: string): AssumedRole | undefined {
  const [, partition, accountId, roleName] = ASSUMED_ROLE.exec(arn) ?? [];
  return partition && accountId && roleName ? { partition, accountId, roleName } : undefined;
}
