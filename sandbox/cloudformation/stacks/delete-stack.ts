import { setStackStatus, type Engine } from "./engine.ts";
import type { Leftover, Operation, Stack, StackResource } from "./stack.ts";
import { deleteSteps, type Work } from "./work.ts";

type Delete = Extract<Operation, { kind: "delete" }>;

/** Deletes a stack, or goes on where a kill stopped it. */
export async function runDelete(engine: Engine, stack: Stack, operation: Delete): Promise<void> {
  const work: Work = { engine, stack, token: operation.token, attempt: operation.token };
  const fate = ({ logicalId, deletionPolicy }: StackResource) =>
    operation.retain.includes(logicalId) || isKept(deletionPolicy) ? "skip" : "delete";
  const failed = await deleteSteps(work, Object.values(stack.resources), fate);
  failed.push(...(await deleteLeftovers(work)));
  if (failed.length > 0) {
    return setStackStatus(
      ...([engine, stack, "DELETE_FAILED"] as const),
      `The following resource(s) failed to delete: [${failed.join(", ")}]. `,
    );
  }
  stack.deletedAt = engine.context.clock.now();
  setStackStatus(engine, stack, "DELETE_COMPLETE");
}

/** A snapshot is taken of what has one; the resource itself goes. */
export function isKept(policy: Leftover["policy"]): boolean {
  return policy === "Retain" || policy === "RetainExceptOnCreate";
}

/** Deletes what updates replaced or dropped. What cannot be deleted is told and left alone. */
export async function deleteLeftovers(work: Work): Promise<string[]> {
  const { stack } = work;
  const kept = new Set(
    stack.leftovers.filter(({ policy }) => isKept(policy)).map(({ resource }) => resource),
  );
  const failed: string[] = [];
  // Twice the same logical id, when an update that had failed is followed by another.
  for (const round of rounds(stack.leftovers.map(({ resource }) => resource))) {
    const fate = (resource: StackResource) => (kept.has(resource) ? "skip" : "delete");
    failed.push(...(await deleteSteps(work, round, fate)));
  }
  stack.leftovers = [];
  return failed;
}

function rounds(resources: readonly StackResource[]): StackResource[][] {
  const result: StackResource[][] = [];
  for (const resource of resources) {
    const free = result.find((round) => !round.some((one) => one.logicalId === resource.logicalId));
    if (free === undefined) result.push([resource]);
    else free.push(resource);
  }
  return result;
}
