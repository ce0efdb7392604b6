import type { License } from "../metering/domain/license.ts";
import { meteredAs } from "./metered-as.ts";
import type { CoreDeps } from "./core-deps.ts";
import {
  type LicenseEvent,
  type LifecycleEvent,
  parseLifecycleEvent,
} from "./domain/lifecycle-event.ts";
import {
  continuesAfterEnd,
  fullerArn,
  type LifecycleFact,
  withFact,
} from "./domain/license-lifecycle.ts";
import type { AgreementRecord } from "./site-store.ts";

export type LifecycleDeps = Pick<CoreDeps, "licenses" | "siteStore" | "product" | "log">;

/**
 * Applies one notification from AWS Marketplace. Every step can be repeated: when this throws or
 * the process dies, the same event is delivered again and ends in the same license.
 */
export async function applyLifecycleEvent(
  deps: LifecycleDeps,
  envelope: unknown,
): Promise<"applied" | "ignored" | "malformed"> {
  const { product, log } = deps;
  const parsed = parseLifecycleEvent(envelope, {
    sellerAccountId: product.seller.accountId,
    productCode: product.listing.productCode,
  });
  switch (parsed.kind) {
    case "ignored":
      log("info", "a marketplace event was ignored", { reason: parsed.reason });
      return "ignored";
    case "malformed":
      log("error", "a marketplace event could not be read", { reason: parsed.reason });
      return "malformed";
    case "event":
      await apply(deps, parsed.event);
      log("info", "a marketplace event was applied", {
        kind: parsed.event.kind,
        eventId: parsed.event.eventId,
        agreementId: parsed.event.agreementId,
      });
      return "applied";
  }
}

async function apply(deps: LifecycleDeps, event: LifecycleEvent): Promise<void> {
  switch (event.kind) {
    case "license-updated":
    case "license-deprovisioned":
      return applyToLicense(deps, event);
    case "agreement-ended":
      return applyAgreementEnd(deps, event);
  }
}

/**
 * Agreement events name no license, so the two meet in the agreement's record. Each side writes
 * its half there first and then acts on what it finds: whoever comes second sees both.
 */
async function applyToLicense(deps: LifecycleDeps, event: LicenseEvent): Promise<void> {
  const { agreementId, licenseId, time } = event;
  const agreement = await deps.siteStore.agreements.update(agreementId, (known) =>
    withLicense(known, licenseId),
  );
  const facts: LifecycleFact[] = [
    event.kind === "license-updated"
      ? { kind: "updated", time, agreementId, offerId: event.offerId }
      : { kind: "deprovisioned", time },
  ];
  if (agreement?.endedAt !== undefined) {
    facts.push({ kind: "agreement-ended", time: agreement.endedAt, agreementId });
  }
  const license = await deps.licenses.update(licenseId, (known) =>
    facts.reduce(withFact, knownOrNew(deps, known, event)),
  );
  warnOfRevival(deps, event, license);
}

function withLicense(known: AgreementRecord | undefined, licenseId: string): AgreementRecord {
  if (known === undefined) return { licenseIds: [licenseId] };
  return known.licenseIds.includes(licenseId)
    ? known
    : { ...known, licenseIds: [...known.licenseIds, licenseId] };
}

/** License Updated usually comes before the buyer's browser (protocol-facts A2). */
function knownOrNew(
  { product }: LifecycleDeps,
  known: License | undefined,
  event: LicenseEvent,
): License {
  const { licenseArn, licenseId, productCode, buyerAccountId, agreementId } = event;
  if (known === undefined) {
    const identity = { licenseArn, licenseId, productCode, buyerAccountId };
    return { ...identity, agreementId, ...meteredAs(product) };
  }
  if (known.buyerAccountId !== buyerAccountId) {
    throw new Error(`AWS named two buyer accounts for license ${licenseId}`);
  }
  const fuller = fullerArn(known.licenseArn, licenseArn);
  return fuller === known.licenseArn ? known : { ...known, licenseArn: fuller };
}

/** AWS refuses records after the end, so a license is never brought back by itself. */
function warnOfRevival(
  { log }: LifecycleDeps,
  event: LicenseEvent,
  license: License | undefined,
): void {
  if (event.kind !== "license-updated" || license?.endedAt === undefined) return;
  if (event.time <= license.endedAt) return;
  log("error", "AWS updated a license after its end: it stays ended until a person has looked", {
    licenseId: license.licenseId,
    eventId: event.eventId,
  });
}

async function applyAgreementEnd(
  deps: LifecycleDeps,
  event: Extract<LifecycleEvent, { kind: "agreement-ended" }>,
): Promise<void> {
  const { agreementId, time } = event;
  if (continuesAfterEnd(event.status)) {
    deps.log("info", "an agreement goes on as another one", { agreementId });
    return;
  }
  const agreement = await deps.siteStore.agreements.update(agreementId, (known) =>
    known?.endedAt !== undefined && known.endedAt <= time
      ? known
      : { licenseIds: known?.licenseIds ?? [], endedAt: time },
  );
  const endedAt = agreement?.endedAt ?? time;
  for (const licenseId of agreement?.licenseIds ?? []) {
    await deps.licenses.update(
      licenseId,
      (known) => known && withFact(known, { kind: "agreement-ended", time: endedAt, agreementId }),
    );
  }
}
