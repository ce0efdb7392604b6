import type { LoggedCall } from "./aws-endpoint.ts";
import type { MovableClock } from "./clock.ts";
import { cloudFormationPart } from "./cloudformation/part.ts";
import { controlApi } from "./control/control-api.ts";
import type { SandboxBuyer, SandboxProduct } from "./create-sandbox.ts";
import type { Faults } from "./faults.ts";
import type { IamStore } from "./iam/iam-store.ts";
import { marketplacePart } from "./marketplace/marketplace-part.ts";
import { webPages } from "./pages/web-pages.tsx";
import type { SandboxContext, SandboxPart } from "./sandbox.ts";
import { cloudTrail } from "./services/cloud-trail.ts";
import { costExplorer } from "./services/cost-explorer.ts";
import { s3Part } from "./services/s3.ts";
import { stsService } from "./services/sts.ts";
import { defaultSettings } from "./settings.ts";
import type { ObservedCall } from "./trail/trail-event.ts";
import type { NamedPart } from "./whole-state.ts";

export interface PartsDeps {
  readonly context: SandboxContext;
  readonly clock: MovableClock;
  readonly iam: IamStore;
  readonly faults: Faults;
  readonly calls: readonly LoggedCall[];
  readonly products: readonly SandboxProduct[];
  readonly buyers: readonly SandboxBuyer[];
  readonly sellerAccountId: string;
}

/**
 * What the sandbox is made of. A request that is no AWS call is offered to each part's `fetch`
 * in this order, so a part with control routes of its own stands before `web`, and S3, which
 * answers for every path, last. The names are those under which state is kept on disk.
 */
export async function sandboxParts(deps: PartsDeps): Promise<{
  parts: readonly NamedPart[];
  lifecycleQueueUrl: () => string;
  observe: (call: ObservedCall) => void;
}> {
  const { context, clock, iam } = deps;
  const settings = defaultSettings();
  const marketplace = marketplacePart({
    ...deps,
    quotaIsOn: () => settings.meteringQuota,
    entitlementQuotaIsOn: () => settings.entitlementQuota,
  });
  const pageSize = () => settings.costExplorerPageSize;
  const costs = costExplorer({
    ...{ clock, iam, pageSize },
    changed: () => context.changed(),
    tagsNeedActivation: () => settings.costTagsNeedActivation,
  });
  const trail = cloudTrail({ clock, iam, changed: () => context.changed(), settings });
  const s3 = s3Part(context);
  const control = controlApi({ ...deps, marketplacePart: marketplace, costs, settings });
  const pages = webPages({ ...deps, marketplacePart: marketplace });

  const web: SandboxPart = {
    services: [stsService({ iam })],
    async fetch(request) {
      const { hostname, pathname } = new URL(request.url);
      // A page of the internet whose name was pointed at 127.0.0.1 gets nothing.
      if (!LOOPBACK.includes(hostname) || isSigned(request)) return undefined;
      return pathname.startsWith("/_sandbox/") ? control.fetch(request) : pages(request);
    },
    snapshot: () => settings,
    restore: (snapshot) => void Object.assign(settings, snapshot),
  };
  return {
    parts: [
      {
        name: "cloudformation",
        part: cloudFormationPart(context, { buckets: s3.buckets, buyers: deps.buyers }),
      },
      { name: "web", part: web },
      { name: "marketplace", part: marketplace },
      { name: "trail", part: trail },
      { name: "costs", part: costs },
      { name: "s3", part: s3 },
    ],
    lifecycleQueueUrl: marketplace.lifecycleQueueUrl,
    observe: (call) => trail.observe(call),
  };
}

/** Signed requests that get this far are S3's, whatever their path. */
const isSigned = (request: Request): boolean =>
  request.headers.get("authorization")?.startsWith("AWS4-") === true;

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
