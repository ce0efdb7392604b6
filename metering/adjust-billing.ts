import {
  adjustmentLine,
  type GiveBack,
  type IssuedInvoice,
  type KeptAdjustment,
  prepareAdjustments,
  type Prepared,
  type PreparedAdjustment,
  tokenText,
} from "./domain/adjustment.ts";
import type { ChainItem } from "./domain/chain.ts";
import { committedThrough } from "./domain/chain.ts";
import { FINAL_WINDOW_MS } from "./domain/limits.ts";
import type { License } from "./domain/license.ts";
import { usdText } from "./domain/money.ts";
import { monthsBetween } from "./domain/open-months.ts";
import type { StatementAdjustment } from "./domain/statement.ts";
import { type Month, monthOf } from "./domain/calendar.ts";
import { freeTrialEndsAt, type PriceList } from "./domain/prices.ts";
import { agreementsOf } from "./domain/report-comparison.ts";
import { type PlanVersion, termsOf } from "./domain/terms.ts";
import type { Adjustments, BillingAdjustments } from "./plan-ports.ts";
import type { Clock, Ledger } from "./ports.ts";
import { type RateDeps, rateLicense } from "./rate-license.ts";

export interface PrepareDeps {
  readonly adjustments: Adjustments;
  readonly aws: Pick<BillingAdjustments, "issuedInvoices">;
}

/** What can be asked for one license; nothing is written or sent. */
export async function prepareForLicense(
  { adjustments, aws }: PrepareDeps,
  license: License,
  giveBacks: readonly GiveBack[],
): Promise<Prepared> {
  if (giveBacks.length === 0) return { adjustments: [], left: [] };
  const invoices: IssuedInvoice[] = [];
  for (const agreementId of agreementsOf(license)) {
    invoices.push(...(await aws.issuedInvoices(agreementId)));
  }
  const kept = await adjustments.of(license.licenseId);
  return prepareAdjustments({ giveBacks, invoices, kept });
}

export interface CreditDeps extends RateDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly plans: readonly PlanVersion[];
  readonly prices: PriceList;
}

/**
 * Credit that no later usage can consume, because the license is over: committed beyond what is
 * owed. A free trial's part cost the buyer nothing and is not looked at.
 */
export async function creditLeft(deps: CreditDeps, license: License): Promise<GiveBack[]> {
  const { licenseId, activatedAt, endedAt } = license;
  const now = deps.clock.now();
  if (activatedAt === undefined || endedAt === undefined) return [];
  if (now < endedAt + FINAL_WINDOW_MS) return [];
  const terms = termsOf(license, deps.plans);
  const dimensions = new Set(deps.prices.dimensions.map(({ dimension }) => dimension));
  const heads = new Map<string, ChainItem | undefined>();
  for (const dimension of dimensions) {
    heads.set(dimension, (await deps.ledger.chain({ licenseId, dimension })).at(-1));
  }
  const trialEnd = freeTrialEndsAt(license, deps.prices.offers);
  const amounts = await rateLicense(deps, {
    license,
    terms,
    freeTrialEndsAt: trialEnd,
    dimensions,
    months: monthsBetween(monthOf(activatedAt), monthOf(endedAt)),
    now,
  });
  return [...heads].flatMap(([dimension, head]) => {
    if (head === undefined || (trialEnd !== undefined && head.trialCommitted === undefined))
      return [];
    const rated = amounts
      .filter((one) => one.dimension === dimension && one.phase === undefined)
      .reduce((sum, { usd }) => sum + usd, 0n);
    const credit = committedThrough(head) - (head.trialCommitted ?? 0n) - rated;
    if (credit <= 0n) return [];
    const because = `the license ended with $${usdText(credit)} of credit`;
    return [{ licenseId, dimension, usd: credit, because }];
  });
}

export interface ApproveDeps {
  readonly clock: Clock;
  readonly adjustments: Adjustments;
  readonly aws: BillingAdjustments;
  readonly sha256: (text: string) => string;
}

export type Approved =
  | { readonly kind: "kept"; readonly kept: KeptAdjustment; readonly isNew: boolean }
  | { readonly kind: "refused"; readonly adjustment: PreparedAdjustment; readonly message: string };

/** AWS's token has at most 64 characters in its other APIs. */
export function clientTokenOf(
  { sha256 }: Pick<ApproveDeps, "sha256">,
  adjustment: PreparedAdjustment,
): string {
  return sha256(tokenText(adjustment));
}

/**
 * Sends one approved request. It is kept before it is sent, so that nobody prepares it anew while
 * an answer is out; and sent by its own token, so that a repeat after a lost answer is the same.
 */
export async function approveAdjustment(
  deps: ApproveDeps,
  adjustment: PreparedAdjustment,
): Promise<Approved> {
  const { licenseId } = adjustment;
  const clientToken = clientTokenOf(deps, adjustment);
  const approvedAt = deps.clock.now();
  const id = { licenseId, clientToken };
  const known = (await deps.adjustments.of(licenseId)).find(
    (one) => one.clientToken === clientToken,
  );
  const kept = await deps.adjustments.update(
    id,
    (now) => now ?? { ...adjustment, clientToken, state: "prepared", approvedAt },
  );
  if (kept === undefined) throw new Error("the adjustment was not stored");
  if (kept.requestId !== undefined || kept.state === "failed") {
    return { kind: "kept", kept: await refresh(deps, kept), isNew: false };
  }
  const sent = await deps.aws.request(kept);
  if (sent.kind === "refused") {
    await deps.adjustments.update(id, (now) => now && { ...now, state: "failed" });
    return { kind: "refused", adjustment, message: sent.message };
  }
  const requested = await deps.adjustments.update(
    id,
    (now) => now && { ...now, requestId: sent.requestId, state: "requested" },
  );
  return { kind: "kept", kept: await refresh(deps, requested ?? kept), isNew: known === undefined };
}

/** The state as AWS tells it now; completed and failed are final. */
export async function refresh(
  { adjustments, aws }: Pick<ApproveDeps, "adjustments" | "aws">,
  kept: KeptAdjustment,
): Promise<KeptAdjustment> {
  if (kept.state !== "requested") return kept;
  const state = await aws.state(kept);
  const { licenseId, clientToken } = kept;
  const change = (now: KeptAdjustment | undefined) =>
    now === undefined || now.state === state ? now : { ...now, state };
  return (await adjustments.update({ licenseId, clientToken }, change)) ?? kept;
}

/** What a statement shows of them: those of its month's invoices. */
export function statementAdjustments(adjustments: Pick<Adjustments, "of">) {
  return async (licenseId: string, month: Month): Promise<readonly StatementAdjustment[]> => {
    const kept = await adjustments.of(licenseId);
    return kept.filter((one) => one.month === month).map(adjustmentLine);
  };
}
