import type { ChainItem, ChainKey } from "./domain/chain.ts";
import { nextRecord } from "./domain/chain.ts";
import type { Charge, Dimension } from "./domain/charges.ts";
import { DAY, HOUR } from "./domain/calendar.ts";
import type { Instant, License } from "./domain/license.ts";
import { FINAL_WINDOW_MS } from "./domain/limits.ts";
import { exactUsd } from "./domain/money.ts";
import { type Figures, ratedTotal } from "./domain/rating.ts";
import { measureCost, type MeasureDeps } from "./measure-cost.ts";
import type { MeteringBatchRecord } from "./ports.ts";
import { rateLicense, type RateDeps } from "./rate-license.ts";
import { chainText, reportRecords, type ReportDeps } from "./report-records.ts";

export interface PassDeps extends MeasureDeps, RateDeps, ReportDeps {
  readonly dimensions: readonly Dimension[];
  /** Names this worker in the records it seals; new with every start of a process. */
  readonly owner: string;
  /** Until when a license needs no new rating; a hint of this worker's memory, never a truth. */
  readonly ratedUntil: Map<string, Instant>;
  /** Licenses that are gone and have no pending record: nothing is left to do. Also a hint. */
  readonly finished: Set<string>;
}

/**
 * One pass over a shard: measure, rate, seal, report. Run it every few minutes and at 00:00–00:05
 * on the 1st; at any moment, by several workers at once, and again after any crash.
 */
export async function meterPass(deps: PassDeps, shard: number): Promise<void> {
  const pending: MeteringBatchRecord[] = [];
  for await (const license of deps.licenses.inShard(shard)) {
    try {
      pending.push(...(await meterLicense(deps, license)));
    } catch (error) {
      // One license's trouble must not keep the others from being billed.
      const { licenseId } = license;
      deps.alarms.raise({ kind: "failed", licenseId, message: String(error) });
    }
  }
  await reportRecords(deps, pending);
}

/** Everything up to sending, for one license; answers what is to be sent. */
async function meterLicense(deps: PassDeps, license: License): Promise<MeteringBatchRecord[]> {
  const { licenseId, activatedAt, endedAt } = license;
  if (activatedAt === undefined || license.plan === undefined) return [];
  if (deps.finished.has(licenseId)) return [];
  const isGone = endedAt !== undefined && deps.clock.now() >= endedAt + FINAL_WINDOW_MS;

  const figures = isGone
    ? await deps.figures.get(licenseId)
    : await newestFigures(deps, license, license.plan.id);
  const toSend: MeteringBatchRecord[] = [];
  const dimensions = new Set(figures?.amounts.map(({ dimension }) => dimension));
  for (const dimension of dimensions) {
    const key: ChainKey = { licenseId, dimension };
    try {
      const item = figures && (await pendingOrSealed(deps, license, key, figures));
      if (item !== undefined) toSend.push({ license, key, item });
    } catch (error) {
      // Such as a dimension that left the listing: the license's others are billed all the same.
      deps.alarms.raise({ kind: "failed", ...key, message: String(error) });
    }
  }
  // A day of looking, because a read may be stale.
  if (endedAt !== undefined && deps.clock.now() >= endedAt + DAY && toSend.length === 0) {
    deps.finished.add(licenseId);
  }
  return toSend;
}

async function newestFigures(
  deps: PassDeps,
  license: License,
  planId: string,
): Promise<Figures | undefined> {
  const { licenseId } = license;
  const plan = deps.plans.find(({ id }) => id === planId);
  if (plan === undefined) {
    const message = `the plan ${JSON.stringify(planId)} is not in the product: what was owed stays owed, nothing new is rated`;
    deps.alarms.raise({ kind: "unknown-plan", licenseId, message });
    return deps.figures.get(licenseId);
  }
  let changed = false;
  const deployments = await deps.licenses.deployments(licenseId);
  for (const deployment of deployments) {
    const measured = await measureCost(deps, { license, plan, deployment, deployments });
    changed ||= measured === "read";
  }
  const now = deps.clock.now();
  // Around the end every pass may be the last, and another process may have read a final cost.
  const isEnding = license.endedAt !== undefined || license.endingAt !== undefined;
  if (!changed && !isEnding && now < (deps.ratedUntil.get(licenseId) ?? -Infinity)) {
    return deps.figures.get(licenseId);
  }
  const figures = await rateLicense(deps, licenseId);
  deps.ratedUntil.set(licenseId, nextRatingAt(plan.charges, now));
  return figures;
}

/** Fees grow by the hour or by the day. Cost does not grow with time, it is read. */
function nextRatingAt(charges: readonly Charge[], now: Instant): Instant {
  const growsHourly = charges.some((each) => each.kind === "license" && each.proration !== "daily");
  const step = growsHourly ? HOUR : DAY;
  return (Math.floor(now / step) + 1) * step;
}

/** The record that this worker is to send: a pending one, taken over if need be, or a new one. */
async function pendingOrSealed(
  deps: PassDeps,
  license: License,
  key: ChainKey,
  figures: Figures,
): Promise<ChainItem | undefined> {
  const head = await deps.ledger.head(key);
  if (head !== undefined && head.outcome === undefined) {
    // A stale read may show as pending what this worker has settled: sent again, a refused
    // record could be accepted after all, and owed twice.
    if (head.n <= (deps.settledThrough.get(chainText(key)) ?? -1)) return undefined;
    return head.owner === deps.owner ? head : deps.ledger.takeOver(key, head, deps.owner);
  }
  const next = nextRecord({
    head,
    rated: { total: ratedTotal(figures, key.dimension), revision: figures.revision },
    unitPriceAt: () => unitPrice(deps.dimensions, key.dimension),
    life: license,
    now: deps.clock.now(),
    owner: deps.owner,
  });
  if (next.kind === "wait") return undefined;
  const sealed = await deps.ledger.seal(key, next.item);
  return sealed === "sealed" ? next.item : undefined;
}

function unitPrice(dimensions: readonly Dimension[], name: string) {
  const dimension = dimensions.find((candidate) => candidate.name === name);
  if (dimension === undefined)
    throw new Error(`no dimension ${JSON.stringify(name)} in the listing`);
  return exactUsd(dimension.unitPrice);
}
