import { base62Text, hexText, lowercaseText, uuid } from "../random.ts";
import { emit } from "./emit-event.ts";
import type { EmitDeps } from "./emit-event.ts";
import {
  licenseDeprovisioned,
  licenseUpdated,
  purchaseAgreementCreated,
  purchaseAgreementEnded,
} from "./lifecycle-events.ts";
import type { EventIds, EventSubject } from "./lifecycle-events.ts";
import { TOKEN_LIFETIME_MS } from "./limits.ts";
import { addOffer, changePrice, acceptanceProblem } from "./offers.ts";
import type { Offer, PriceChange } from "./offers.ts";
import { addAgreement, endAgreement, setEntitlements, setSuspended } from "./state.ts";
import type { Agreement, Entitlement, LicenseState, MarketplaceState } from "./state.ts";
import type { SandboxClock } from "../sandbox.ts";

/** What happens on AWS Marketplace's side: buyers subscribe and cancel, events go out. */
export interface Marketplace {
  subscribe(wanted: Subscription): Agreement;
  cancel(agreementId: string, options?: EndOptions): Agreement;
  /** A fresh token for *Set up your account*; each works for four hours, as often as wanted. */
  registrationToken(agreementId: string): string;
  suspend(licenseArn: string): LicenseState;
  resume(licenseArn: string): LicenseState;
  makeOffer(offer: Omit<Offer, "offerId">): Offer;
  changePrice(change: Omit<PriceChange, "from"> & { readonly from?: number }): PriceChange;
  /** Replaces what a contract grants, and sends License Updated again. */
  setEntitlements(licenseArn: string, entitlements: readonly Entitlement[]): LicenseState;
}

export interface Subscription {
  readonly buyerAccountId: string;
  readonly productCode: string;
  /** An offer made before; the public listing when left out. */
  readonly offerId?: string;
  /** Makes a free-trial offer of 30 days on the spot. */
  readonly freeTrial?: boolean;
  readonly entitlements?: readonly Entitlement[];
  /** Sandbox time between acceptance and License Updated; about a minute on AWS. */
  readonly licenseAfterMs?: number;
}

export interface EndOptions {
  readonly status?: "CANCELLED" | "EXPIRED" | "TERMINATED";
  /** Sandbox time between Agreement Ended and License Deprovisioned; about half a minute on AWS. */
  readonly deprovisionAfterMs?: number;
}

export interface MarketplaceDeps extends EmitDeps {
  readonly state: MarketplaceState;
  readonly clock: SandboxClock;
  readonly random: () => number;
  readonly changed: () => void;
}

/** AWS Marketplace's own account issues the licenses (protocol-facts A3). */
const LICENSE_PREFIX = "arn:aws:license-manager::294406891311:license:l-";

export function marketplace(deps: MarketplaceDeps): Marketplace {
  const { state, clock, random } = deps;
  const ids = (): EventIds => ({ id: uuid(random), requestId: uuid(random) });
  // Events carry whole seconds, and what they say has to be what is enforced.
  const now = (): number => Math.floor(clock.now() / 1000) * 1000;

  return {
    subscribe(wanted) {
      const acceptedAt = now();
      const activatedAt = acceptedAt + (wanted.licenseAfterMs ?? 0);
      const agreementId = `agmt-${lowercaseText(random, 25)}`;
      const offer = acceptedOffer(deps, wanted);
      const agreement = addAgreement(state, {
        agreementId,
        licenseArn: `${LICENSE_PREFIX}${hexText(random, 32)}`,
        acceptedAt,
        activatedAt,
        ...customerIdentifier(deps, wanted),
        ...wanted,
        offerId: offer.offerId,
        freeTrial: offer.freeTrialDays !== undefined,
      });
      const subject = subjectOf(state, agreement);
      emit(deps, purchaseAgreementCreated(subject, ids()), acceptedAt);
      emit(deps, licenseUpdated(subject, ids(), activatedAt), activatedAt);
      deps.changed();
      return agreement;
    },
    cancel(agreementId, { status = "CANCELLED", deprovisionAfterMs = 0 } = {}) {
      const at = now();
      const deprovisionedAt = at + deprovisionAfterMs;
      endAgreement(state, agreementId, { status, at, deprovisionedAt });
      const subject = subjectOf(state, agreementOf(state, agreementId));
      emit(deps, purchaseAgreementEnded(subject, ids(), at), at);
      emit(deps, licenseDeprovisioned(subject, ids(), deprovisionedAt), deprovisionedAt);
      deps.changed();
      return subject.agreement;
    },
    registrationToken(agreementId) {
      const { licenseArn } = agreementOf(state, agreementId);
      const token = base62Text(random, 96);
      state.tokens[token] = { licenseArn, expiresAt: clock.now() + TOKEN_LIFETIME_MS };
      deps.changed();
      return token;
    },
    suspend(licenseArn) {
      deps.changed();
      return setSuspended(state, licenseArn, true);
    },
    resume(licenseArn) {
      deps.changed();
      return setSuspended(state, licenseArn, false);
    },
    makeOffer(wanted) {
      const offer = addOffer(state, { ...wanted, offerId: newOfferId(random) });
      deps.changed();
      return offer;
    },
    changePrice(wanted) {
      const at = now();
      const from = wanted.from ?? at;
      if (from < at) throw new RangeError("a price changes now or later: usage was told its price");
      const change = changePrice(state, { ...wanted, from });
      deps.changed();
      return change;
    },
    setEntitlements(licenseArn, entitlements) {
      const license = setEntitlements(state, licenseArn, entitlements);
      const at = Math.max(now(), license.activatedAt);
      const subject = subjectOf(state, agreementOf(state, license.agreementId));
      emit(deps, licenseUpdated(subject, ids(), at), at);
      deps.changed();
      return license;
    },
  };
}

/** The offer that the buyer accepts; the public one is new each time and has no terms of its own. */
function acceptedOffer(
  { state, random }: MarketplaceDeps,
  { productCode, buyerAccountId, offerId, freeTrial }: Subscription,
): Pick<Offer, "offerId" | "freeTrialDays"> {
  const known = offerId === undefined ? undefined : state.offers[offerId];
  if (offerId !== undefined && known === undefined) throw new RangeError(`no offer ${offerId}`);
  if (known === undefined && freeTrial !== true) return { offerId: newOfferId(random) };
  const offer = known ?? { offerId: newOfferId(random), productCode, freeTrialDays: TRIAL_DAYS };
  const problem = acceptanceProblem(state, offer, { productCode, buyerAccountId });
  if (problem !== undefined) throw new RangeError(problem);
  return known ?? addOffer(state, offer);
}

const TRIAL_DAYS = 30;
const newOfferId = (random: () => number): string => `offer-${lowercaseText(random, 13)}`;

/** One for each buyer and product; products with Concurrent Agreements have none (A3). */
function customerIdentifier(
  { state, random }: MarketplaceDeps,
  { productCode, buyerAccountId }: Subscription,
): { customerIdentifier?: string } {
  const product = state.products.find((one) => one.productCode === productCode);
  if (product === undefined || (product.concurrentAgreements ?? true) === true) return {};
  const known = Object.values(state.licenses).find(
    (one) => one.productCode === productCode && one.buyerAccountId === buyerAccountId,
  );
  return { customerIdentifier: known?.customerIdentifier ?? base62Text(random, 11) };
}

function agreementOf(state: MarketplaceState, agreementId: string): Agreement {
  const agreement = state.agreements[agreementId];
  if (agreement === undefined) throw new RangeError(`no agreement ${agreementId}`);
  return agreement;
}

function subjectOf(state: MarketplaceState, agreement: Agreement): EventSubject {
  const license = state.licenses[agreement.licenseArn];
  const product = state.products.find(({ productCode }) => productCode === agreement.productCode);
  if (license === undefined || product === undefined) {
    throw new Error(`agreement ${agreement.agreementId} has lost its license or product`);
  }
  return { agreement, license, product };
}
