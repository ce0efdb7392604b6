import type { LoggedCall } from "./aws-endpoint.ts";
import type { MovableClock } from "./clock.ts";
import type { SandboxBuyer, SandboxProduct } from "./create-sandbox.ts";
import type { Faults } from "./faults.ts";
import type { IamStore } from "./iam/iam-store.ts";
import type { SandboxContext, SandboxPart } from "./sandbox.ts";
import { stsService } from "./services/sts.ts";
import type { NamedPart } from "./whole-state.ts";

export interface PartsDeps {
  readonly context: SandboxContext;
  readonly clock: MovableClock;
  readonly iam: IamStore;
  readonly faults: Faults;
  readonly calls: readonly LoggedCall[];
  readonly products: readonly SandboxProduct[];
  readonly buyers: readonly SandboxBuyer[];
}

/**
 * What the sandbox is made of. A request that is no AWS call is offered to each part's `fetch`
 * in this order; the names are those under which state is kept on disk.
 */
export async function sandboxParts(
  deps: PartsDeps,
): Promise<{ parts: readonly NamedPart[]; lifecycleQueueUrl: () => string }> {
  const sts: SandboxPart = {
    services: [stsService(deps)],
    snapshot: () => null,
    restore: () => undefined,
  };
  return {
    parts: [{ name: "sts", part: sts }],
    lifecycleQueueUrl: () => `${deps.context.origin()}/000000000000/launchmeter-lifecycle`,
  };
}
