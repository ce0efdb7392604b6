import type { Instant, License, LicenseLifecycle } from "../../metering/domain/license.ts";
import { offerTerms } from "../../metering/domain/prices.ts";

/** One thing AWS said of a license, at the instant that AWS gives it. */
export type LifecycleFact =
  | {
      readonly kind: "updated";
      readonly time: Instant;
      readonly agreementId: string;
      readonly offerId?: string | undefined;
    }
  | { readonly kind: "agreement-ended"; readonly time: Instant; readonly agreementId: string }
  | { readonly kind: "deprovisioned"; readonly time: Instant };

const NOTHING_YET: LicenseLifecycle = { updates: {}, agreementEnds: {} };

/**
 * The license with the fact added.
 *
 * Facts are merged by minimum and maximum, and the license's instants are computed from all of
 * them, so any order and any repetition of the same events end in the same license: no list of
 * seen event ids is needed, and none can be lost. Answers the same object if nothing changed.
 */
export function withFact(license: License, fact: LifecycleFact): License {
  const before = license.lifecycle ?? NOTHING_YET;
  const lifecycle = merged(before, fact);
  return lifecycle === before ? license : withInstants({ ...license, lifecycle }, lifecycle);
}

function merged(known: LicenseLifecycle, fact: LifecycleFact): LicenseLifecycle {
  switch (fact.kind) {
    case "updated":
      return withUpdate(known, fact);
    case "agreement-ended": {
      const before = own(known.agreementEnds, fact.agreementId);
      if (before !== undefined && before <= fact.time) return known;
      const agreementEnds = { ...known.agreementEnds, [fact.agreementId]: fact.time };
      return { ...known, agreementEnds };
    }
    case "deprovisioned":
      return known.deprovisionedAt !== undefined && known.deprovisionedAt <= fact.time
        ? known
        : { ...known, deprovisionedAt: fact.time };
  }
}

function withUpdate(
  known: LicenseLifecycle,
  { time, agreementId, offerId }: Extract<LifecycleFact, { kind: "updated" }>,
): LicenseLifecycle {
  const before = own(known.updates, agreementId);
  const first = Math.min(before?.first ?? time, time);
  const newest = Math.max(before?.newest ?? time, time);
  const offers = withOffer(before === undefined ? {} : offersOf(before), offerId, time);
  const isKnown = before?.first === first && before.newest === newest;
  if (isKnown && offers === before.offers) return known;
  const update = { first, newest, offerId: newestOffer(offers), offers };
  return { ...known, updates: { ...known.updates, [agreementId]: update } };
}

/** Each offer with the time at which it was first seen: AWS bills by it from then on. */
function withOffer(offers: Offers, offerId: string | undefined, time: Instant): Offers {
  if (offerId === undefined || (own(offers, offerId) ?? Infinity) <= time) return offers;
  return { ...offers, [offerId]: time };
}

/** What was stored before offers had times counts from the agreement's first update. */
function offersOf({ first, offerId, offers }: Update[1]): Offers {
  return offers ?? (offerId === undefined ? {} : { [offerId]: first });
}

function newestOffer(offers: Offers): string | undefined {
  const [newest] = Object.entries(offers).sort(
    ([id, time], [otherId, other]) => other - time || (id > otherId ? -1 : 1),
  );
  return newest?.[0];
}

/**
 * The end of an agreement counts only while that agreement carries the license: after a renewal a
 * newer one does. Only Deprovisioned ends the license itself (design §4.10).
 */
function withInstants(license: License, lifecycle: LicenseLifecycle): License {
  const updates = Object.entries(lifecycle.updates);
  const current = updates.reduce<(typeof updates)[number] | undefined>(
    (newest, one) => (newest === undefined || isNewer(one, newest) ? one : newest),
    undefined,
  );
  const agreementId = current?.[0] ?? license.agreementId;
  const agreementEnd =
    agreementId === undefined ? undefined : own(lifecycle.agreementEnds, agreementId);
  const endedAt = earliest(license.endedAt, lifecycle.deprovisionedAt);
  return {
    ...license,
    agreementId,
    offerId: offerTerms({ ...license, lifecycle }).at(-1)?.offerId ?? license.offerId,
    activatedAt: earliest(license.activatedAt, ...updates.map(([, { first }]) => first)),
    endingAt: earliest(agreementEnd, endedAt),
    endedAt,
  };
}

type Offers = NonNullable<LicenseLifecycle["updates"][string]["offers"]>;
type Update = [string, LicenseLifecycle["updates"][string]];

function isNewer([id, { newest }]: Update, [otherId, other]: Update): boolean {
  return newest === other.newest ? id > otherId : newest > other.newest;
}

/** Never what an object inherits: ids come from outside. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** An agreement that was renewed or replaced goes on as another one; its license is not ending. */
export function continuesAfterEnd(agreementStatus: string): boolean {
  return ["RENEWED", "REPLACED"].includes(agreementStatus.toUpperCase());
}

/** The fuller form of the same license's ARN: events were seen without the `arn:` prefix. */
export function fullerArn(a: string, b: string): string {
  if (a.startsWith("arn:") !== b.startsWith("arn:")) return a.startsWith("arn:") ? a : b;
  return a;
}
