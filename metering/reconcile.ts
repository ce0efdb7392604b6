import { hourOf, type Period } from "./domain/calendar.ts";
import type { ChainItem, ChainKey } from "./domain/chain.ts";
import type { License } from "./domain/license.ts";
import {
  billingsOf,
  licenseOfObservation,
  NO_TRAIL,
  type Observation,
  type Trail,
} from "./domain/observation.ts";
import { freeTrialEndsAt, type PriceList, unitPriceAt } from "./domain/prices.ts";
import type { Comparison, Difference } from "./domain/difference.ts";
import { compareLicense } from "./domain/reconciliation.ts";
import {
  agreementsOf,
  compareReports,
  type RevenueReport,
  strangersInReport,
  type UsageReport,
} from "./domain/report-comparison.ts";
import type { Finding } from "./domain/evidence.ts";
import type { Clock, Ledger, Licenses } from "./ports.ts";

export interface ReconcileDeps {
  readonly clock: Clock;
  readonly licenses: Licenses;
  readonly ledger: Ledger;
  readonly prices: PriceList;
  readonly productCode: string;
}

export interface Question {
  /** Hours outside are not compared. */
  readonly period: Period;
  /** All when left out. */
  readonly licenseId?: string | undefined;
}

export interface Reconciliation extends Comparison {
  readonly licenses: number;
  /** Months of a license's dimension on which the usage report agrees. */
  readonly agreedMonths: number;
  /** What was seen of other products; theirs is another ledger. */
  readonly elsewhere: number;
}

/** What AWS's own word is read from. */
export interface Proof {
  readonly trail?: Trail | undefined;
  readonly usage?: readonly UsageReport[] | undefined;
  readonly revenue?: readonly RevenueReport[] | undefined;
}

/** Compares the ledger with what the evidence shows. Reads only. */
export async function reconcile(
  deps: ReconcileDeps,
  question: Question,
  { trail = NO_TRAIL, usage = [], revenue = [] }: Proof,
): Promise<Reconciliation> {
  const all = await licensesOf(deps);
  const byLicense = new Map<string, Observation[]>();
  const strangers: Observation[] = [];
  for (const one of trail.observations) {
    const licenseId = licenseOfObservation(one, all);
    if (licenseId === undefined) strangers.push(one);
    else byLicense.set(licenseId, [...(byLicense.get(licenseId) ?? []), one]);
  }
  const asked = all.filter(
    ({ licenseId }) => question.licenseId === undefined || licenseId === question.licenseId,
  );
  const comparisons: Comparison[] = [];
  let agreedMonths = 0;
  for (const license of asked) {
    const { licenseId } = license;
    const observations = byLicense.get(licenseId) ?? [];
    const input = {
      license,
      chains: await chainsOf(deps, licenseId, observations),
      priceAt: (dimension: string, stamp: number) =>
        unitPriceAt(deps.prices, license, dimension, stamp),
      period: question.period,
    };
    const calls = compareLicense({ ...input, trail: { ...trail, observations } });
    const reports = compareReports({
      ...input,
      usage,
      revenue,
      freeTrialEndsAt: freeTrialEndsAt(license, deps.prices.offers),
      now: deps.clock.now(),
    });
    agreedMonths += reports.agreed;
    comparisons.push({
      ...calls,
      differences: [...withFindings(calls.differences, reports.findings), ...reports.differences],
    });
  }
  const known = new Set(deps.prices.dimensions.map(({ dimension }) => dimension));
  const ours = strangers.filter(({ dimension, productCode }) =>
    productCode === undefined ? known.has(dimension) : productCode === deps.productCode,
  );
  const agreements = new Set(all.flatMap((license) => [...agreementsOf(license)]));
  const sum = (of: (one: Comparison) => number) => comparisons.reduce((n, one) => n + of(one), 0);
  return {
    licenses: asked.length,
    differences: [
      ...comparisons.flatMap(({ differences }) => differences),
      ...(question.licenseId === undefined ? strangerDifferences(ours, question.period) : []),
      ...(question.licenseId === undefined
        ? usage.flatMap((report) =>
            strangersInReport(report, agreements, deps.productCode, question.period),
          )
        : []),
    ],
    agreed: sum(({ agreed }) => agreed),
    notCovered: sum(({ notCovered }) => notCovered),
    pending: sum(({ pending }) => pending),
    agreedMonths,
    elsewhere: strangers.length - ours.length,
  };
}

/** What calls leave open, a report of the seller's may prove. */
function withFindings(
  differences: readonly Difference[],
  findings: readonly { readonly dimension: string; readonly finding: Finding }[],
): Difference[] {
  return differences.map((difference) => {
    if (difference.finding !== undefined || difference.about === undefined) return difference;
    const found = findings.find(
      ({ dimension, finding }) =>
        dimension === difference.dimension && finding.about === difference.about?.n,
    );
    if (found === undefined) return difference;
    const { billed, source } = found.finding;
    const { quantity, unitPrice } = difference.about;
    return {
      ...difference,
      finding: found.finding,
      aws: source,
      usd: BigInt(billed - quantity) * unitPrice,
      meaning: `AWS billed ${billed} units. Write that down with --resolve.`,
    };
  });
}

export async function licensesOf({
  licenses,
}: Pick<ReconcileDeps, "licenses">): Promise<License[]> {
  const all: License[] = [];
  for (let shard = 0; shard < licenses.shards; shard += 1) {
    for await (const license of licenses.inShard(shard)) all.push(license);
  }
  return all;
}

/** Of every dimension that was ever priced, and of any other that somebody metered. */
async function chainsOf(
  { ledger, prices }: ReconcileDeps,
  licenseId: string,
  observations: readonly Observation[],
): Promise<ReadonlyMap<string, readonly ChainItem[]>> {
  const dimensions = new Set([
    ...prices.dimensions.map(({ dimension }) => dimension),
    ...observations.map(({ dimension }) => dimension),
  ]);
  const chains = new Map<string, readonly ChainItem[]>();
  for (const dimension of dimensions) {
    const key: ChainKey = { licenseId, dimension };
    chains.set(dimension, await ledger.chain(key));
  }
  return chains;
}

/** Billed to licenses that the ledger doesn't hold, one line for each dimension and hour. */
function strangerDifferences(
  strangers: readonly Observation[],
  { start, end }: Period,
): Difference[] {
  const groups = new Map<string, Observation[]>();
  for (const one of strangers) {
    if (one.stamp < start || one.stamp >= end) continue;
    const name = one.licenseId ?? `${one.productCode}, buyer ${one.buyer}`;
    const key = JSON.stringify([name, one.dimension, hourOf(one.stamp)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].flatMap(([key, observations]) => {
    const [licenseId, dimension, hour] = JSON.parse(key) as [string, string, number];
    return billingsOf(observations).map(({ quantity, region, caller }) => ({
      kind: "unknown-license" as const,
      licenseId,
      dimension,
      hour,
      ledger: "no such license",
      aws: `${quantity} units in ${region} by ${caller}`,
      meaning:
        "AWS bills a license that was never registered here. Either its License Updated event was lost, or somebody else sells this product.",
    }));
  });
}
