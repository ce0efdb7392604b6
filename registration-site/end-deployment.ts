import type { Deployment } from "../metering/domain/license.ts";
import type { CallbackDeps, CallbackOutcome } from "./answer-callback.ts";
import type { AuthenticCallback } from "./authenticate-callback.ts";
import { releaseCost } from "./cost-claims.ts";
import { finishDeployment } from "./finish-deployment.ts";

/**
 * Together with STS this stays below the 9 seconds that the stack's function gives one try, and
 * far below the 20 after which CloudFormation is told that the deletion goes on anyway.
 */
const FINAL_READING_MS = 5_000;

/**
 * Delete: reads the last cost while the role still exists, then ends the deployment's use; never
 * the license (design §4.10). Answers the same for a stack that never registered or was already
 * deleted: the stack must always be able to go away.
 */
export async function endDeployment(
  deps: CallbackDeps,
  { deploymentId, stack }: AuthenticCallback,
): Promise<CallbackOutcome> {
  const done: CallbackOutcome = { kind: "accepted", answer: { deploymentId, settings: {} } };
  const record = await deps.siteStore.stacks.update(
    deploymentId,
    // The mark comes first: a Create still under way sees it when it records its answer.
    (known) =>
      known === undefined || known.deletedAt !== undefined
        ? known
        : { ...known, deletedAt: deps.clock.now() },
  );
  if (record === undefined) return done;

  const deployment = await deps.licenses.deployment(record.licenseId, deploymentId);
  if (deployment === undefined) {
    // A Create that died between claim and deployment.
    const { accountId, partition } = stack;
    await releaseCost(deps, { deploymentId, licenseId: record.licenseId, accountId, partition });
    return done;
  }
  if (deployment.state === "active") await readLastCost(deps, deployment);
  await finishDeployment(deps, deployment, "any");
  return done;
}

async function readLastCost(
  { metering, log }: Pick<CallbackDeps, "metering" | "log">,
  deployment: Deployment,
): Promise<void> {
  const { licenseId, deploymentId } = deployment;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeIsUp = new Promise<"timed-out">((done) => {
    timer = setTimeout(() => done("timed-out"), FINAL_READING_MS);
  });
  // It promises not to throw; should it, then this deployment still has to end.
  const read = metering
    .readFinalCost(deployment, FINAL_READING_MS)
    .catch((error: unknown) => (error instanceof Error ? error.name : "failed"));
  try {
    const outcome = await Promise.race([read, timeIsUp]);
    log("info", "the last cost of a deployment was asked for", {
      licenseId,
      deploymentId,
      outcome,
    });
  } finally {
    clearTimeout(timer);
  }
}
