import type { Engine } from "../stacks/engine.ts";
import type { Stack } from "../stacks/stack.ts";

export interface AccountInRegion {
  readonly accountId: string;
  readonly region: string;
}

/** By name only stacks that exist, by id those that are gone, too. */
export function findStack(
  engine: Engine,
  { accountId, region }: AccountInRegion,
  nameOrId: string,
): Stack | undefined {
  const own = (stack: Stack | undefined) =>
    stack?.accountId === accountId && stack.region === region ? stack : undefined;
  if (nameOrId.startsWith("arn:")) return own(engine.stacks.get(nameOrId));
  return stacksIn(engine, { accountId, region }).find(
    ({ name, status }) => name === nameOrId && status !== "DELETE_COMPLETE",
  );
}

/** Newest first. */
export function stacksIn(engine: Engine, { accountId, region }: AccountInRegion): Stack[] {
  return [...engine.stacks.values()]
    .filter((stack) => stack.accountId === accountId && stack.region === region)
    .reverse();
}
