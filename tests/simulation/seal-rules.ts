import type { ChainKey, MeteringRecord } from "../../metering/domain/chain.ts";
import type { License } from "../../metering/domain/license.ts";
import type { Book } from "./book.ts";
import { holds } from "./broken.ts";
import type { Known } from "./known.ts";
import { MOST_UNITS } from "./oracle/aws-rules.ts";
import { HOUR } from "./oracle/spans.ts";
import { priceAt } from "./price-truth.ts";
import { trialEndOf } from "./story.ts";
import type { World } from "./world.ts";

export interface Sealing {
  readonly key: ChainKey;
  readonly item: MeteringRecord;
  /** As the worker read it. */
  readonly license: License;
  readonly book: Book;
  readonly facts: Known;
  /** Whether what the worker read is what is stored now: then it must come to the same. */
  readonly isExact: boolean;
  readonly clock: { now: () => number };
}

/** Everything that must be so of a record at the moment at which it is sealed. */
export function checkSeal(world: World, sealing: Sealing): void {
  const { key, item, license, book } = sealing;
  const told = world.story.licenses.find(({ id }) => id === key.licenseId);
  if (told === undefined) throw new Error(`no license ${key.licenseId}`);
  const detail = () => ({ ...item, ...key });
  const amount = BigInt(item.quantity) * item.unitPrice;
  const isWithin = item.quantity === 0 || item.committedBefore + amount <= item.ratedTotal;
  holds("I4 never over-bill", isWithin, detail);
  const price = priceAt(world.story, told, key.dimension, item.stamp);
  holds("I3 the price of the license's offer at the stamp", item.unitPrice === price, detail);
  holds("A7 a quantity fits 32 bits", item.quantity >= 0 && item.quantity <= MOST_UNITS, detail);
  const isZeroAllowed = world.story.zeroRecords && item.hour < endHourOf(license);
  holds("I4 no zero record, or not in the end hour", item.quantity > 0 || isZeroAllowed, detail);
  const left = item.ratedTotal - item.committedBefore - amount;
  const isFull = left < price || item.quantity === MOST_UNITS;
  holds("I4 all that is owed is sealed", isFull, detail);
  checkStamp(world, sealing, told.end?.endedAt);
  const by = license.legacy === undefined || item.hour >= (license.legacy.until ?? Infinity);
  const expected = by ? "license-arn" : "product-code";
  holds("I1 identified as its hour is", item.identifiedBy === expected, detail);
  // Each was checked against the one before it.
  const newest = book.entries.at(-1)?.record.hour ?? -Infinity;
  holds("I1 hours rise along a chain", newest < item.hour, detail);
  if (sealing.isExact) checkOwed(sealing, trialEndOf(world.story, told));
}

const endHourOf = ({ endingAt, endedAt }: License): number =>
  Math.floor((endedAt ?? endingAt ?? Infinity) / HOUR) * HOUR;

function checkStamp(
  { story }: World,
  { item, license, clock }: Sealing,
  endedAt: number | undefined,
): void {
  const { stamp, hour } = item;
  const detail = () => item;
  const { activatedAt = Infinity } = license;
  holds("I1 the stamp lies in its hour", Math.floor(stamp / HOUR) * HOUR === hour, detail);
  holds("I7 not before activation", stamp >= activatedAt, detail);
  holds("I7 never past the end", stamp <= (license.endedAt ?? Infinity), detail);
  // A worker may hold a license that it read before the end was heard of; not for hours.
  const heard = story.licenses.find(({ id }) => id === license.licenseId)?.end?.endedHeardAt;
  const knew = heard !== undefined && heard < item.sealedAt - 12 * HOUR;
  holds("I7 nobody forgets an end", !knew || stamp <= (endedAt ?? Infinity), detail);
  const isOver = hour + HOUR <= clock.now() || hour === endHourOf(license);
  holds("A7 only hours that are over, or the end's", isOver, detail);
  const isFirst = stamp === Math.ceil(activatedAt / 1_000) * 1_000;
  holds("I7 stamped at the start of the hour", stamp === hour || isFirst, detail);
}

/** I4 and I3 against an account of one's own: neither more nor less than what is owed. */
function checkOwed(sealing: Sealing, trialEndsAt: number | undefined): void {
  const { key, item, license, book, facts } = sealing;
  const { paid, trial } = facts.owed(license, key.dimension, item.observedAt);
  const isTrial = trialEndsAt !== undefined && item.stamp < trialEndsAt;
  const inTrial = trialEndsAt === undefined ? 0n : book.committed() - book.committed(trialEndsAt);
  const owed = isTrial ? paid + trial : paid + inTrial;
  holds("I4 rated is what is owed, exactly", item.ratedTotal === owed, () => ({
    ...{ key, item, paid, trial, inTrial, trialEndsAt },
  }));
  if (trialEndsAt === undefined || isTrial) return;
  const atFullPrice = book.committed(trialEndsAt) + BigInt(item.quantity) * item.unitPrice;
  const isPaidFor = item.quantity === 0 || atFullPrice <= paid;
  holds("I4 a trial is never billed at the full price", isPaidFor, () => ({ key, item }));
}
