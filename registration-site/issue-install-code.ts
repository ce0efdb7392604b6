import { ensurePlan } from "./choose-plan.ts";
import type { CoreDeps } from "./core-deps.ts";
import {
  EXTERNAL_ID_BYTES,
  externalIdFrom,
  INSTALL_CODE_BYTES,
  INSTALL_CODE_LIFE_MS,
  installCodeFrom,
  normalizedInstallCode,
} from "./domain/install-code.ts";
import { sha256 } from "./hash.ts";
import type { InstallCode, Session } from "./ports.ts";

/**
 * A fresh code and external ID for one launch. Earlier ones stay what they are: nothing that was
 * launched, or is being launched, depends on the newest.
 *
 * The code is shown this once; only its hash is stored, and looking up a hash gives no timing away.
 */
export async function issueInstallCode(
  deps: Pick<CoreDeps, "clock" | "licenses" | "product" | "siteStore" | "randomBytes">,
  session: Session,
): Promise<InstallCode> {
  const { licenseId } = await ensurePlan(deps, session.licenseId);
  const code = installCodeFrom(deps.randomBytes(INSTALL_CODE_BYTES));
  const externalIds = [externalIdFrom(deps.randomBytes(EXTERNAL_ID_BYTES))];
  const issuedAt = deps.clock.now();
  const expiresAt = issuedAt + INSTALL_CODE_LIFE_MS;
  await deps.siteStore.installCodes.update(installCodeId(code) ?? "", (known) => {
    if (known !== undefined) throw new Error("the random source repeated an install code");
    return { licenseId, externalIds, issuedAt, expiresAt };
  });
  return { code, expiresAt, externalIds };
}

/** Under which a code is stored, or undefined if it can't be one. */
export function installCodeId(typed: string): string | undefined {
  const code = normalizedInstallCode(typed);
  return code === undefined ? undefined : sha256(`launchmeter install code ${code}`);
}
