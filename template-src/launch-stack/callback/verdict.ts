import type { SiteOutcome } from "./call-site.ts";
import type { CustomResourceEvent, RegistrationData, Verdict } from "./event.ts";

/** What the stack is told. Each case decides over a buyer's stack. */
export function verdictFor(event: CustomResourceEvent, outcome: SiteOutcome): Verdict {
  const physicalResourceId = physicalIdFor(event, outcome);
  const succeeded = (data?: RegistrationData): Verdict => ({
    status: "SUCCESS",
    physicalResourceId,
    ...(data === undefined ? {} : { data }),
  });
  // The stack must always be able to go away.
  if (event.RequestType === "Delete") return succeeded();
  if (outcome.kind === "accepted") {
    return succeeded({
      DeploymentId: outcome.answer.deploymentId,
      Settings: JSON.stringify(outcome.answer.settings),
    });
  }
  // A failed update rolls the buyer's change back, so only a definite refusal fails one, and a
  // roll-back never does: that would leave the stack stuck.
  const tolerated =
    event.RequestType === "Update" && (outcome.kind === "unavailable" || isRollback(event));
  return tolerated
    ? succeeded({
        DeploymentId: physicalResourceId.split("/")[1] ?? "not registered",
        Settings: "not read: the registration site did not confirm this update",
      })
    : { status: "FAILED", physicalResourceId, reason: outcome.reason };
}

/**
 * `<GUID of the stack>/<deployment id>`, fixed by Create: CloudFormation takes another id on
 * Update for a replacement, and then deletes the old one. It carries the deployment id through an
 * update during which the site is down.
 */
function physicalIdFor(event: CustomResourceEvent, outcome: SiteOutcome): string {
  if (event.PhysicalResourceId !== undefined) return event.PhysicalResourceId;
  const guid = event.StackId.split("/").at(-1) ?? event.StackId;
  return outcome.kind === "accepted"
    ? `${guid}/${outcome.answer.deploymentId.slice(0, 200)}`
    : guid;
}

/** CloudFormation rolls back by an Update with the older properties, and says so nowhere else. */
function isRollback(event: CustomResourceEvent): boolean {
  const numbers = (version = "") => version.split(".").map(Number);
  const now = numbers(event.ResourceProperties.TemplateVersion);
  const before = numbers(event.OldResourceProperties?.TemplateVersion);
  const changed = now.findIndex((number, position) => number !== before[position]);
  return changed >= 0 && (now[changed] ?? 0) < (before[changed] ?? 0);
}
