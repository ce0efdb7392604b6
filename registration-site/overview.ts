import type { Deployment, License } from "../metering/domain/license.ts";
import type { CoreDeps } from "./core-deps.ts";
import type { DeploymentOverview, LicenseOverview, Session } from "./ports.ts";

type OverviewDeps = Pick<CoreDeps, "licenses" | "siteStore" | "metering">;

/** Everything that the set-up and deployment pages show about a license. */
export async function overview(deps: OverviewDeps, session: Session): Promise<LicenseOverview> {
  const license = await deps.licenses.get(session.licenseId);
  if (license === undefined) throw new Error(`license ${session.licenseId} is not known`);
  const deployments = await deps.licenses.deployments(session.licenseId);
  const newestFirst = [...deployments].sort((a, b) => b.registeredAt - a.registeredAt);
  return {
    license,
    status: statusOf(license),
    deployments: await Promise.all(newestFirst.map((one) => deploymentOverview(deps, one))),
  };
}

function statusOf(license: License): LicenseOverview["status"] {
  if (license.endedAt !== undefined) return "ended";
  if (license.endingAt !== undefined) return "ending";
  return license.activatedAt === undefined ? "waiting-for-aws" : "active";
}

async function deploymentOverview(
  { siteStore, metering }: OverviewDeps,
  deployment: Deployment,
): Promise<DeploymentOverview> {
  const [stack, meter] = await Promise.all([
    siteStore.stacks.get(deployment.deploymentId),
    metering.meterStatus(deployment),
  ]);
  return { deployment, settings: stack?.answers.at(-1)?.answer.settings ?? {}, ...meter };
}
