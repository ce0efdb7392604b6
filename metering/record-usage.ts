import {
  type Admission,
  refusalOf,
  type UsageResult,
  type UsageVerdict,
} from "./domain/usage-admission.ts";
import { parseUsageEvent, type UsageEvent } from "./domain/usage-event.ts";
import { type RecordedEvent, sameContent, segmentNameOf } from "./domain/usage-segment.ts";
import { usageHourOf } from "./domain/usage.ts";
import type { License } from "./domain/license.ts";
import type { Clock, UsageStore } from "./ports.ts";

export interface RecordUsageDeps {
  readonly clock: Clock;
  readonly usageStore: UsageStore;
  /** All meters that some plan of the product counts. */
  readonly meters: ReadonlySet<string>;
}

export interface UsageBatch {
  /** As it is now: looked up for this batch. */
  readonly license: License;
  /** Who sent it; absent for what the seller imports. */
  readonly deploymentId?: string;
  /** What JSON made of each event: anything, from anyone. */
  readonly events: readonly unknown[];
}

/** How many events of a batch are written at once. */
const AT_ONCE = 16;

/**
 * Records each event exactly once by (source, id), and answers what became of each, in order.
 *
 * Three writes, in this order, and the answer after the last: the identity, put if absent, which
 * fixes the event's content and its one place for ever; the event in that place; the mark that the
 * place has to be summed again. Whoever died in between has answered nobody, and the same event
 * sent again finds its identity and repeats the rest, with the same effect as the first time. Two
 * senders of one event at once put the same bytes in the same place. Nothing is ever added up
 * here, so nothing can be added twice.
 *
 * Throws when the store fails: then every event may be sent again.
 */
export async function recordUsage(
  deps: RecordUsageDeps,
  { license, deploymentId, events }: UsageBatch,
): Promise<UsageResult[]> {
  const touched = new Map<string, RecordedEvent>();
  const results = await inOrderOfIdentity(events.map(parseUsageEvent), async (parsed) => {
    if (parsed.kind === "invalid") return parsed;
    const { source, id } = parsed.event;
    const { clock, meters } = deps;
    const admission = { now: clock.now(), license, meters };
    const { verdict, counted } = await recordOne(deps, parsed.event, admission, {
      licenseId: license.licenseId,
      deploymentId,
    });
    if (counted !== undefined) touched.set(segmentText(counted), counted);
    return { ...verdict, source, id };
  }).finally(
    // Also when some event failed: the others are in their places, and nobody may ask again.
    () => Promise.all([...touched.values()].map((event) => deps.usageStore.mark(event))),
  );
  return results;
}

interface Recorded {
  readonly verdict: UsageVerdict;
  /** The event that now lies in its place. */
  readonly counted?: RecordedEvent;
}

async function recordOne(
  { usageStore }: RecordUsageDeps,
  event: UsageEvent,
  admission: Admission,
  sender: Pick<RecordedEvent, "licenseId" | "deploymentId">,
): Promise<Recorded> {
  const refusal = refusalOf(event, admission);
  const recordedAt = admission.now;
  const ours: RecordedEvent = {
    ...sender,
    ...event,
    hour: usageHourOf(event.time),
    segment: segmentNameOf(event.time, recordedAt),
    recordedAt,
  };
  const holder =
    refusal === undefined ? await usageStore.claim(ours) : await usageStore.holder(ours);
  if (refusal !== undefined) {
    // Sent again long afterwards, an event is still the one that was taken when there was time.
    const wasTaken = holder !== undefined && (await usageStore.has(holder));
    if (!wasTaken) return { verdict: refusal };
    return { verdict: sameContent(holder, event) ? { kind: "duplicate" } : conflict(holder) };
  }
  if (holder === undefined) throw new Error("a claimed identity has no holder");
  if (!sameContent(holder, event)) return { verdict: conflict(holder) };
  await usageStore.put(holder);
  const isOurs = holder === ours;
  return { verdict: { kind: isOurs ? "accepted" : "duplicate" }, counted: holder };
}

function conflict(holder: RecordedEvent): UsageVerdict {
  const { meter, quantity, time } = holder;
  return {
    kind: "conflict",
    message: `This source and id were recorded before as ${quantity} of ${meter} at ${new Date(time).toISOString()}, and that stays. If this is another event, give it an id of its own.`,
  };
}

/**
 * Works on some at once, but on those of one identity one after the other: of two in one batch
 * the first is accepted, and the second is its duplicate.
 */
async function inOrderOfIdentity<T>(
  parsed: readonly ReturnType<typeof parseUsageEvent>[],
  work: (one: ReturnType<typeof parseUsageEvent>) => Promise<T>,
): Promise<T[]> {
  const groups = new Map<string, number[]>();
  for (const [index, one] of parsed.entries()) {
    const named = one.kind === "event" ? [one.event.source, one.event.id] : [index];
    const key = JSON.stringify(named);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  const results: T[] = [];
  const waiting = [...groups.values()].reverse();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
      for (const index of group) {
        const one = parsed[index];
        if (one !== undefined) results[index] = await work(one);
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const each of settled) if (each.status === "rejected") failures.push(each.reason);
  if (failures.length > 0) throw failures[0];
  return results;
}

function segmentText({ meter, hour, segment }: RecordedEvent): string {
  return JSON.stringify([meter, hour, segment]);
}
