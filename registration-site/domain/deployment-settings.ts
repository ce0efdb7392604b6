import type { Deployment, Instant, License } from "../../metering/domain/license.ts";
import { planChoiceAt } from "../../metering/domain/terms.ts";

/**
 * How long a deployment may rely on its last callback: a year and a margin, because only a
 * callback (any update of the stack) renews it.
 */
export const LEASE_MS = 400 * 24 * 60 * 60 * 1000;

/** What the callback answers. Holds no secret: outputs of a stack are visible to its account. */
export function deploymentSettings(
  deployment: Deployment,
  license: License,
  now: Instant,
): Readonly<Record<string, string>> {
  const endsAt = license.endedAt ?? license.endingAt;
  const leaseUntil = Math.min(now + LEASE_MS, endsAt ?? Infinity);
  return {
    status: deployment.state,
    plan: planChoiceAt(license, now)?.id ?? "none",
    leaseUntil: new Date(leaseUntil).toISOString(),
  };
}
