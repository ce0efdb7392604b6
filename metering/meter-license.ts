import { type AllocateDeps, withAllocations } from "./allocate-record.ts";
import { type ChainItem, isPending, type MeteringRecord, nextRecord } from "./domain/chain.ts";
import { type Month, monthOf } from "./domain/calendar.ts";
import { countsOnlyCost, type Due } from "./domain/due.ts";
import { identifiedBy } from "./domain/identification.ts";
import type { Deployment, License } from "./domain/license.ts";
import { FINAL_WINDOW_MS, MAX_QUANTITY } from "./domain/limits.ts";
import { monthsBetween, oldestOpenMonth } from "./domain/open-months.ts";
import { freeTrialEndsAt, type PriceList, unitPriceAt } from "./domain/prices.ts";
import { firstNeededMonth, ratedMoney } from "./domain/rated-money.ts";
import { type PlanTerm, type PlanVersion, termsOf } from "./domain/terms.ts";
import { waitingDeployments } from "./domain/waiting-deployments.ts";
import { measureCost, type MeasureDeps } from "./measure-cost.ts";
import type { Allocations, Ledger, Licenses, MeteringBatchRecord } from "./ports.ts";
import type { EntitlementReader } from "./read-entitlements.ts";
import { rememberingCosts } from "./remembering-costs.ts";
import { costViews, rateLicense, type RateDeps } from "./rate-license.ts";
import type { ReporterDeps } from "./report-records.ts";
import { oldestUnreadMonth } from "./unread-months.ts";

export interface MeterDeps extends MeasureDeps, RateDeps, ReporterDeps, AllocateDeps {
  readonly licenses: Licenses;
  readonly allocations: Allocations;
  readonly ledger: Ledger;
  readonly plans: readonly PlanVersion[];
  readonly prices: PriceList;
  readonly zeroRecords: boolean;
  /** Reads what the contract includes, when that is due; absent where no plan counts it. */
  readonly readEntitlements?: EntitlementReader | undefined;
  /** Names this worker in the records it seals; new with every start of a process. */
  readonly owner: string;
}

export interface Metered {
  readonly toSend: readonly MeteringBatchRecord[];
  /** Something is left that the next pass must look at, though nothing new happened. */
  readonly again: boolean;
}

/** Everything up to sending, for one license: heads first, then its inputs, then the seals. */
export async function meterLicense(deps: MeterDeps, license: License, due: Due): Promise<Metered> {
  const { licenseId, endedAt } = license;
  const terms = termsOf(license, deps.plans);
  const dimensions = dueDimensions(terms, due, deps.zeroRecords);
  if (license.plan !== undefined && terms.length === 0) unknownPlan(deps, license);

  const chains = await Promise.all(
    dimensions.map(async (dimension) => ({
      dimension,
      head: await deps.ledger.head({ licenseId, dimension }),
    })),
  );
  const isGone = endedAt !== undefined && deps.clock.now() >= endedAt + FINAL_WINDOW_MS;
  const toSend: MeteringBatchRecord[] = [];
  let again = false;
  for (const { dimension, head } of chains) {
    if (!isPending(head)) continue;
    const key = { licenseId, dimension };
    const item = await ownPending(deps, key, head);
    if (item !== undefined) toSend.push({ license, key, item });
    // More may be owed behind it.
    again = true;
  }
  if (isGone) return { toSend, again: again || (await hasNewer(deps.ledger, licenseId, chains)) };

  await deps.readEntitlements?.({ license, terms });
  const costs = rememberingCosts(deps.costs);
  const free = chains.filter(({ head }) => !isPending(head));
  const measured = due.read ? await measure({ ...deps, costs }, license, terms) : NOT_MEASURED;
  const sealed = await seal({ ...deps, costs }, { license, terms, ...measured }, free);
  return {
    toSend: [...toSend, ...sealed.toSend],
    again: again || sealed.again || measured.isUnreadable,
  };
}

/** Cost changes by readings alone; what time and usage change is looked at in every hour due. */
function dueDimensions(terms: readonly PlanTerm[], { read }: Due, zeroRecords: boolean): string[] {
  const charges = terms.flatMap(({ plan }) => plan.charges);
  const due = read || zeroRecords ? charges : charges.filter((charge) => !countsOnlyCost(charge));
  return [...new Set(due.map(({ dimension }) => dimension))];
}

interface Measured {
  readonly isUnreadable: boolean;
  readonly deployments?: readonly Deployment[] | undefined;
}

const NOT_MEASURED: Measured = { isUnreadable: false };

/** A head may be stale; nobody will seal behind it any more, and this may be the last look. */
async function hasNewer(
  ledger: Ledger,
  licenseId: string,
  chains: readonly Chain[],
): Promise<boolean> {
  const next = await Promise.all(
    chains.map(({ dimension, head }) => ledger.item({ licenseId, dimension }, (head?.n ?? -1) + 1)),
  );
  return next.some((item) => item !== undefined);
}

interface Chain {
  readonly dimension: string;
  readonly head: ChainItem | undefined;
}

async function measure(
  deps: MeterDeps,
  license: License,
  terms: readonly PlanTerm[],
): Promise<Measured> {
  if (costViews(terms).length === 0) return NOT_MEASURED;
  const deployments = await deps.licenses.deployments(license.licenseId);
  for (const { deploymentId, accountId } of waitingDeployments(deployments, deps.clock.now())) {
    const { licenseId } = license;
    const message = `Deployment ${deploymentId} in account ${accountId} has waited for more than a day for the buyer to confirm it. It runs, and nothing of it is metered: ask the buyer to confirm or reject it on the site.`;
    deps.alarms.raise({ kind: "unconfirmed", licenseId, message });
  }
  let isUnreadable = false;
  for (const deployment of deployments) {
    const measured = await measureCost(deps, { license, terms, deployment, deployments });
    isUnreadable ||= measured === "unreadable";
  }
  // A deployment that is ending may have been found gone: then its use ends.
  const isEnding = deployments.some(({ endedAt, goneAt }) => endedAt !== goneAt);
  return { isUnreadable, ...(isEnding ? {} : { deployments }) };
}

/** Rates the chains that wait for nothing, and seals what they owe. */
async function seal(
  deps: MeterDeps,
  { license, terms, deployments }: Measured & { license: License; terms: readonly PlanTerm[] },
  chains: readonly Chain[],
): Promise<Metered> {
  const [first] = terms;
  if (chains.length === 0 || first === undefined) return { toSend: [], again: false };
  const now = deps.clock.now();
  const began = monthOf(Math.max(first.period.start, license.activatedAt ?? 0));
  const trialEnd = freeTrialEndsAt(license, deps.prices.offers);
  const months = monthsBetween(firstMonth(chains, began), monthOf(now));
  const dimensions = new Set(chains.map(({ dimension }) => dimension));
  const rating = { license, terms, freeTrialEndsAt: trialEnd, dimensions, months, now };
  const amounts = await rateLicense(deps, { ...rating, deployments });
  const unread = await unreadMonth(deps, { license, terms, deployments }, months, now);

  const results = await Promise.all(
    chains.map(async ({ dimension, head }) => {
      const key = { licenseId: license.licenseId, dimension };
      try {
        const own = amounts.filter((amount) => amount.dimension === dimension);
        const next = nextRecord({
          head,
          rated: ratedMoney(head?.closed, own, now, unread),
          unitPriceAt: (stamp) => priceAt(deps.prices, license, dimension, stamp),
          identifiedBy: (stamp) => identifiedBy(license, stamp),
          life: license,
          freeTrialEndsAt: trialEnd,
          zeroRecords: deps.zeroRecords,
          now: deps.clock.now(),
          owner: deps.owner,
        });
        if (next.kind === "wait") return { again: next.for !== "owed-unit" };
        const record = await withAllocations(
          deps,
          { license, key, item: next.item },
          { terms, months },
        );
        const sealed = await deps.ledger.seal(key, record.item);
        if (sealed === "taken") return { again: true };
        // What is beyond the most that one record can hold waits for the next hour.
        const again = next.item.quantity === MAX_QUANTITY;
        return { again, record };
      } catch (error) {
        // The license's other dimensions are billed all the same. A failed put may have been made:
        // a day later the record could have expired without ever being sent.
        deps.alarms.raise({ kind: "failed", ...key, message: String(error) });
        return { again: !(error instanceof UnlistedDimension) };
      }
    }),
  );
  return {
    toSend: results.flatMap(({ record }) => (record === undefined ? [] : [record])),
    again: results.some((result) => result.again),
  };
}

/** Looked up only when a chain would close a month: once a month, not for every record. */
async function unreadMonth(
  deps: MeterDeps,
  of: Pick<Measured, "deployments"> & { license: License; terms: readonly PlanTerm[] },
  [first]: readonly Month[],
  now: number,
): Promise<Month | undefined> {
  if (first === undefined || first >= oldestOpenMonth(now)) return undefined;
  if (costViews(of.terms).length === 0) return undefined;
  const deployments = of.deployments ?? (await deps.licenses.deployments(of.license.licenseId));
  return oldestUnreadMonth(deps, of.terms, deployments);
}

function firstMonth(chains: readonly Chain[], began: Month): Month {
  const needed = chains.map(({ head }) => firstNeededMonth(head?.closed) ?? began);
  return needed.reduce((first, month) => (month < first ? month : first));
}

function priceAt(prices: PriceList, license: License, dimension: string, stamp: number): bigint {
  const price = unitPriceAt(prices, license, dimension, stamp);
  if (price === undefined)
    throw new UnlistedDimension(`no dimension ${JSON.stringify(dimension)} in the listing`);
  return price;
}

/** Only another listing mends it, so asking again every hour would only repeat the alarm. */
class UnlistedDimension extends Error {}

/** A pending record that this worker may send: its own, or taken over from whoever sealed it. */
async function ownPending(
  deps: MeterDeps,
  key: { licenseId: string; dimension: string },
  head: MeteringRecord,
): Promise<MeteringRecord | undefined> {
  if (head.owner !== deps.owner) return deps.ledger.takeOver(key, head, deps.owner);
  // A stale read may show as pending what this worker has settled: sent again, a refused record
  // could be accepted after all, and owed twice.
  const item = await deps.ledger.item(key, head.n);
  return isPending(item) && item.owner === deps.owner ? item : undefined;
}

function unknownPlan({ alarms }: MeterDeps, { licenseId, plan }: License): void {
  const message = `the plan ${JSON.stringify(plan?.id)} is not in the product: what was owed stays owed, nothing new is rated`;
  alarms.raise({ kind: "unknown-plan", licenseId, message });
}
