import type { CoreDeps } from "./core-deps.ts";
import { finishDeployment } from "./finish-deployment.ts";
import type { Session, SiteUseCases } from "./ports.ts";

type ConfirmDeps = Pick<CoreDeps, "clock" | "licenses" | "siteStore" | "log">;

/**
 * The holder lets in, or turns away, a deployment in another account than theirs. Either can be
 * repeated; a deployment that was let in is ended by deleting its stack, not by a second thought.
 */
export async function confirmDeployment(
  deps: ConfirmDeps,
  session: Session,
  deploymentId: string,
  decision: "confirm" | "reject",
): ReturnType<SiteUseCases["confirmDeployment"]> {
  const { licenseId } = session;
  const known = await deps.licenses.deployment(licenseId, deploymentId);
  if (known === undefined) return { kind: "unknown" };
  const state = decision === "confirm" ? await confirm(deps, known) : await reject(deps, known);
  if (state === undefined) return { kind: "unknown" };
  deps.log("info", "a deployment in another account was decided on", { deploymentId, decision });
  return { kind: "done" };
}

type Known = { readonly licenseId: string; readonly deploymentId: string };

/** What ran before the holder agreed is not theirs to pay: use counts from now. */
async function confirm({ clock, licenses }: ConfirmDeps, { licenseId, deploymentId }: Known) {
  const stored = await licenses.updateDeployment(licenseId, deploymentId, (known) =>
    known?.state === "awaiting-confirmation"
      ? { ...known, state: "active", registeredAt: clock.now() }
      : known,
  );
  return stored?.state === "active" ? stored.state : undefined;
}

async function reject(deps: ConfirmDeps, { licenseId, deploymentId }: Known) {
  const which = { licenseId, deploymentId };
  const stored = await finishDeployment(deps, which, "awaiting-confirmation");
  return stored?.state === "ended" ? stored.state : undefined;
}
