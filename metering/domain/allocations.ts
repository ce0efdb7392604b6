import type { Deployment } from "./license.ts";
import {
  MAX_ALLOCATION_BYTES,
  MAX_ALLOCATIONS,
  MAX_TAG_KEY,
  MAX_TAG_VALUE,
  MAX_TAGS,
} from "./limits.ts";

/**
 * Usage allocations: how a record's units split over the buyer's accounts, regions or stacks
 * (protocol-facts A7). They change no charge; the buyer's finance tools show them as cost
 * allocation tags `aws:marketplace:isv:<key>`.
 */
export interface Allocation {
  readonly quantity: number;
  /** Sorted by key, at most five. Empty: the bucket of what carries no tag. */
  readonly tags: readonly AllocationTag[];
}

export interface AllocationTag {
  readonly key: string;
  readonly value: string;
}

/** What a seller can split by. Each is a fact that AWS attested or that the stack's ARN names. */
export type AllocateBy = "AccountId" | "Region" | "StackId";

/** What one bucket weighs; only the proportions count. */
export interface Weight {
  readonly tags: readonly AllocationTag[];
  readonly weight: bigint;
}

/** Each deployment's exact share of what was rated, under the tags that the seller chose. */
export function weightsOf(
  shares: readonly {
    readonly deployment: Pick<Deployment, "accountId" | "region" | "stackId">;
    readonly share: bigint;
  }[],
  by: readonly AllocateBy[],
): Weight[] {
  return shares.map(({ deployment, share }) => ({
    tags: by.map((key) => ({ key, value: attribute(deployment, key) })),
    weight: share,
  }));
}

function attribute(
  { accountId, region, stackId }: Pick<Deployment, "accountId" | "region" | "stackId">,
  by: AllocateBy,
): string {
  switch (by) {
    case "AccountId":
      return accountId;
    case "Region":
      return region;
    case "StackId":
      return stackId;
  }
}

/**
 * Splits whole units by the largest remainder: the sum is exactly the quantity, nobody is more than
 * a unit off, and the order of the weights makes no difference. Empty when there is nothing to
 * split or nothing to split by; then the record is sent without allocations.
 *
 * What AWS would refuse never holds up the charge: a tag that it does not allow, or a bucket too
 * many, moves to the bucket without tags.
 */
export function allocate(quantity: number, weights: readonly Weight[]): Allocation[] {
  const buckets = merged(weights);
  const total = buckets.reduce((sum, { weight }) => sum + weight, 0n);
  if (total === 0n) return [];

  const shares = buckets.map((bucket) => {
    const exact = BigInt(quantity) * bucket.weight;
    return { ...bucket, units: exact / total, remainder: exact % total };
  });
  const missing = shares.reduce((left, { units }) => left - units, BigInt(quantity));
  const byRemainder = shares.toSorted(
    (a, b) => descending(a.remainder, b.remainder) || ascending(a.text, b.text),
  );
  const raised = new Set(byRemainder.slice(0, Number(missing)));
  const allocations = shares
    .map((share) => ({
      text: share.text,
      tags: share.tags,
      quantity: Number(share.units + (raised.has(share) ? 1n : 0n)),
    }))
    .filter((allocation) => allocation.quantity > 0);
  const kept = withinLimits(allocations);
  return kept.every(({ tags }) => tags.length === 0) ? [] : kept;
}

interface Bucket extends Weight {
  /** The same for the same set of tags. */
  readonly text: string;
}

/** One bucket for each set of tags. A negative weight, a credit, takes no part. */
function merged(weights: readonly Weight[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const weight of weights.filter((each) => each.weight > 0n)) {
    const tags = weight.tags.every(isAllowed) ? canonical(weight.tags) : [];
    const text = JSON.stringify(tags);
    const known = buckets.get(text)?.weight ?? 0n;
    buckets.set(text, { tags, text, weight: known + weight.weight });
  }
  const keys = new Set([...buckets.values()].flatMap(({ tags }) => tags.map(({ key }) => key)));
  if (keys.size > MAX_TAGS) {
    throw new RangeError(`allocations by ${keys.size} tag keys; AWS allows ${MAX_TAGS}`);
  }
  return [...buckets.values()];
}

/** As the SDK documents the characters; a hyphen is one of them, not a range. */
const TAG_TEXT = /^[a-zA-Z0-9+ \-=._:/@]+$/;

function isAllowed({ key, value }: AllocationTag): boolean {
  const fits = key.length <= MAX_TAG_KEY && value.length <= MAX_TAG_VALUE;
  return fits && TAG_TEXT.test(key) && TAG_TEXT.test(value);
}

function canonical(tags: readonly AllocationTag[]): AllocationTag[] {
  const sorted = tags.toSorted((a, b) => ascending(a.key, b.key));
  if (sorted.some((tag, index) => tag.key === sorted[index - 1]?.key)) {
    throw new RangeError(`an allocation names a tag twice: ${JSON.stringify(tags)}`);
  }
  return sorted.map(({ key, value }) => ({ key, value }));
}

/** The largest buckets that fit; the others together lose their tags, never their units. */
function withinLimits(allocations: readonly (Allocation & { text: string })[]): Allocation[] {
  const bySize = allocations.toSorted(
    (a, b) => b.quantity - a.quantity || ascending(a.text, b.text),
  );
  const kept: (Allocation & { text: string })[] = [];
  let untagged = 0;
  let bytes = 0;
  for (const allocation of bySize) {
    const size = allocation.text.length + FRAME;
    const fits = kept.length < MAX_ALLOCATIONS - 1 || bySize.length <= MAX_ALLOCATIONS;
    if (allocation.tags.length === 0 || !fits || bytes + size > MAX_ALLOCATION_BYTES) {
      untagged += allocation.quantity;
      continue;
    }
    kept.push(allocation);
    bytes += size;
  }
  const tagged = kept
    .toSorted((a, b) => ascending(a.text, b.text))
    .map(({ quantity, tags }) => ({ quantity, tags }));
  return untagged === 0 ? tagged : [...tagged, { quantity: untagged, tags: [] }];
}

/** What the quantity and the punctuation of an allocation take, beside its tags. */
const FRAME = 40;

function ascending(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}
