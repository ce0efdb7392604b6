import type { MovableClock } from "../clock.ts";
import type { SandboxProduct } from "../create-sandbox.ts";
import type { Faults } from "../faults.ts";
import type { SandboxContext, SandboxPart } from "../sandbox.ts";
import { agreementAwsService } from "../services/marketplace-agreement.ts";
import { entitlementAwsService } from "../services/marketplace-entitlement.ts";
import { meteringAwsService } from "../services/marketplace-metering.ts";
import type { MeteringCall } from "../services/marketplace-metering.ts";
import { queueUrl, sqsService } from "../services/sqs.ts";
import { createQueue } from "../sqs/queue.ts";
import type { QueueSnapshot } from "../sqs/queue.ts";
import type { LifecycleEvent } from "./lifecycle-events.ts";
import { offerProduct } from "./listed-product.ts";
import { marketplace } from "./marketplace.ts";
import type { Marketplace } from "./marketplace.ts";
import { emptyMarketplace } from "./state.ts";
import type { MarketplaceState, MeteringRecord } from "./state.ts";

/** Metering, entitlement and the lifecycle queue, around one marketplace state. */
export interface MarketplacePart extends SandboxPart {
  readonly state: MarketplaceState;
  readonly marketplace: Marketplace;
  readonly events: () => readonly LifecycleEvent[];
  readonly meteringCalls: () => readonly MeteringCall[];
  readonly lifecycleQueueUrl: () => string;
}

export interface MarketplacePartDeps {
  readonly context: SandboxContext;
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly products: readonly SandboxProduct[];
  readonly sellerAccountId: string;
  readonly quotaIsOn: () => boolean;
  readonly entitlementQuotaIsOn: () => boolean;
}

interface Snapshot {
  readonly state: MarketplaceState;
  readonly queue: QueueSnapshot;
  readonly events: readonly LifecycleEvent[];
  readonly meteringCalls: readonly MeteringCall[];
}

/** Enough for every call of a busy month; the oldest go first. */
const MAX_METERING_CALLS = 2000;

export function marketplacePart(deps: MarketplacePartDeps): MarketplacePart {
  const { context, clock, faults } = deps;
  const { iam } = context;
  const random = (): number => context.random();
  let text: string | undefined;
  const changed = (): void => {
    text = undefined;
    context.changed();
  };
  const state = emptyMarketplace();
  let events: LifecycleEvent[] = [];
  let meteringCalls: MeteringCall[] = [];
  const offerProducts = (): void => {
    for (const product of deps.products) offerProduct(state, product, clock.now());
  };
  offerProducts();

  const queue = createQueue({ clock, random, changed });
  const seller = { sellerAccountId: deps.sellerAccountId, origin: () => context.origin() };
  const metering = meteringAwsService({
    state,
    clock,
    iam,
    faults,
    changed,
    quotaIsOn: deps.quotaIsOn,
    record: (call) => {
      meteringCalls = [...meteringCalls.slice(1 - MAX_METERING_CALLS), call];
      changed();
    },
  });
  const record = (event: LifecycleEvent): void => {
    events = [...events, event];
  };

  return {
    services: [
      metering,
      entitlementAwsService({ state, clock, iam, faults, quotaIsOn: deps.entitlementQuotaIsOn }),
      agreementAwsService({
        ...{ state, iam, queue, faults, random, changed, record },
        now: () => Math.floor(clock.now() / 1000) * 1000,
      }),
      sqsService({ queue, iam, ...seller }),
    ],
    state,
    marketplace: marketplace({ state, clock, random, queue, faults, changed, record }),
    events: () => events,
    meteringCalls: () => meteringCalls,
    lifecycleQueueUrl: () => queueUrl(seller),
    snapshot: (): Snapshot => {
      return { state: { ...state, records: {} }, queue: queue.snapshot(), events, meteringCalls };
    },
    snapshotText: () => (text ??= snapshotText(state, queue.snapshot(), events, meteringCalls)),
    log: {
      entriesFrom: (index) => Object.entries(state.records).slice(index),
      restoreEntries(entries) {
        for (const [key, record] of entries as [string, MeteringRecord][]) {
          state.records[key] = record;
        }
      },
    },
    restore(snapshot) {
      const saved = snapshot as Snapshot;
      Object.assign(state, saved.state);
      // What is offered now wins over what was offered then.
      offerProducts();
      queue.restore(saved.queue);
      events = [...saved.events];
      meteringCalls = [...saved.meteringCalls];
    },
    close: async () => queue.close(),
  };
}

/** Texts of objects that never change once they exist: a month of records is written often. */
const texts = new WeakMap<object, string>();

function textOf(immutable: object): string {
  const known = texts.get(immutable);
  if (known !== undefined) return known;
  const text = JSON.stringify(immutable);
  texts.set(immutable, text);
  return text;
}

function snapshotText(
  state: MarketplaceState,
  queue: QueueSnapshot,
  events: readonly LifecycleEvent[],
  meteringCalls: readonly MeteringCall[],
): string {
  const list = (items: readonly object[]) => `[${items.map(textOf).join(",")}]`;
  const stateText = JSON.stringify({ ...state, records: {} });
  return `{"state":${stateText},"queue":${JSON.stringify(queue)},"events":${list(events)},"meteringCalls":${list(meteringCalls)}}`;
}
