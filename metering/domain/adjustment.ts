import { type Month, monthOf } from "./calendar.ts";
import type { Difference } from "./difference.ts";
import { decimalText, floorUsd, maxUsd, minUsd, parseDecimal, type Usd } from "./money.ts";
import type { StatementAdjustment } from "./statement.ts";

/** An issued invoice of an agreement (ListAgreementInvoiceLineItems). */
export interface IssuedInvoice {
  readonly agreementId: string;
  readonly invoiceId: string;
  readonly month: Month;
  /** Exact decimal text: the most that AWS still lets us give back of it. */
  readonly maxAdjustment: string;
}

/** Money of a license's dimension that was billed and isn't owed. */
export interface GiveBack {
  readonly licenseId: string;
  readonly dimension: string;
  readonly usd: Usd;
  /** The invoice that it stands on; absent: the newest ones that can take it. */
  readonly month?: Month | undefined;
  readonly because: string;
}

/** A request that a person has to approve: one part of one invoice. */
export interface PreparedAdjustment {
  readonly licenseId: string;
  readonly dimension: string;
  readonly agreementId: string;
  readonly invoiceId: string;
  readonly month: Month;
  /** Whole cents: exact decimal text. */
  readonly usd: string;
  /** What of this license, dimension and invoice was asked to be given back before. */
  readonly before: string;
  /** How often AWS has failed to carry out requests for it. */
  readonly failures: number;
  readonly because: string;
}

/** A request that was approved, as it is remembered; put before it is sent. */
export interface KeptAdjustment extends PreparedAdjustment {
  readonly clientToken: string;
  readonly requestId?: string | undefined;
  readonly state: StatementAdjustment["state"];
  readonly approvedAt: number;
}

export const CENT: Usd = 10_000_000_000n;

/** What hours billed beside the ledger add up to, for each dimension and invoice month. */
export function doubleBilled(differences: readonly Difference[]): GiveBack[] {
  const sums = new Map<string, { usd: Usd; count: number }>();
  for (const { licenseId, dimension, hour, billedTwice } of differences) {
    if (billedTwice === undefined || billedTwice <= 0n) continue;
    const key = JSON.stringify([licenseId, dimension, monthOf(hour)]);
    const { usd = 0n, count = 0 } = sums.get(key) ?? {};
    sums.set(key, { usd: usd + billedTwice, count: count + 1 });
  }
  return [...sums].map(([key, { usd, count }]) => {
    const [licenseId, dimension, month] = JSON.parse(key) as [string, string, Month];
    const hours = count === 1 ? "an hour" : `${count} hours`;
    const because = `billed beside the ledger: ${hours} of ${month}`;
    return { licenseId, dimension, usd, month, because };
  });
}

export interface PrepareInput {
  readonly giveBacks: readonly GiveBack[];
  /** Of the license's agreements. */
  readonly invoices: readonly IssuedInvoice[];
  readonly kept: readonly KeptAdjustment[];
}

export interface Prepared {
  readonly adjustments: readonly PreparedAdjustment[];
  /** Money that no issued invoice can take (yet). */
  readonly left: readonly GiveBack[];
}

/**
 * Divides what a license's buyer is to get back among its invoices. Cents are rounded up, in the
 * buyer's favour, but never beyond what AWS lets us give back of an invoice; what was asked for
 * before is not asked for again. Pure: the same money and the same past prepare the same.
 */
export function prepareAdjustments({ giveBacks, invoices, kept }: PrepareInput): Prepared {
  const asked = kept.filter(({ state }) => state !== "failed");
  const room = new Map(
    invoices.map(({ invoiceId, maxAdjustment }) => {
      // What is approved and not sent yet, AWS doesn't know of.
      const unsent = sum(asked.filter((one) => one.invoiceId === invoiceId && !one.requestId));
      return [invoiceId, maxUsd(0n, centsDown(usdOf(maxAdjustment) - unsent))];
    }),
  );
  const adjustments: PreparedAdjustment[] = [];
  const left: GiveBack[] = [];
  for (const [key, group] of grouped(giveBacks)) {
    const [licenseId = "", dimension = ""] = JSON.parse(key) as string[];
    const before = (invoiceId?: string) =>
      asked.filter(
        (one) =>
          one.licenseId === licenseId &&
          one.dimension === dimension &&
          (invoiceId === undefined || one.invoiceId === invoiceId),
      );
    let open = centsUp(group.reduce((all, { usd }) => all + usd, 0n)) - sum(before());
    const months = new Set(group.flatMap(({ month }) => month ?? []));
    for (const invoice of inOrder(invoices, months)) {
      const usd = minUsd(open, room.get(invoice.invoiceId) ?? 0n);
      if (usd <= 0n) continue;
      open -= usd;
      room.set(invoice.invoiceId, (room.get(invoice.invoiceId) ?? 0n) - usd);
      const isSame = (one: KeptAdjustment) =>
        one.licenseId === licenseId &&
        one.dimension === dimension &&
        one.invoiceId === invoice.invoiceId;
      adjustments.push({
        licenseId,
        dimension,
        agreementId: invoice.agreementId,
        invoiceId: invoice.invoiceId,
        month: invoice.month,
        usd: centsText(usd),
        before: centsText(sum(before(invoice.invoiceId))),
        failures: kept.filter((one) => isSame(one) && one.state === "failed").length,
        because: group.map(({ because }) => because).join("; "),
      });
    }
    const because = group.map((one) => one.because).join("; ");
    if (open > 0n) left.push({ licenseId, dimension, usd: open, because });
  }
  return { adjustments, left };
}

/**
 * What a request's client token is made of. The same money asked for after the same past is the
 * same request to AWS, however often it is prepared or sent.
 */
export function tokenText(adjustment: PreparedAdjustment): string {
  const { licenseId, dimension, agreementId, invoiceId, usd, before, failures } = adjustment;
  return JSON.stringify([licenseId, dimension, agreementId, invoiceId, before, usd, failures]);
}

/** As a statement shows it. */
export function adjustmentLine(kept: KeptAdjustment): StatementAdjustment {
  const { requestId, invoiceId, usd, because, state } = kept;
  return {
    ...(requestId === undefined ? {} : { requestId }),
    invoiceId,
    usd,
    reason: because,
    state,
  };
}

/** Those on which the money stands first; then the newest. */
function inOrder(
  invoices: readonly IssuedInvoice[],
  months: ReadonlySet<Month>,
): readonly IssuedInvoice[] {
  const rank = ({ month }: IssuedInvoice) => (months.has(month) ? 0 : 1);
  return [...invoices].sort(
    (a, b) => rank(a) - rank(b) || (a.month === b.month ? 0 : a.month < b.month ? 1 : -1),
  );
}

function grouped(giveBacks: readonly GiveBack[]): ReadonlyMap<string, readonly GiveBack[]> {
  const groups = new Map<string, GiveBack[]>();
  for (const one of giveBacks) {
    const key = JSON.stringify([one.licenseId, one.dimension]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function usdOf(text: string): Usd {
  return floorUsd(parseDecimal(text));
}

function sum(adjustments: readonly { readonly usd: string }[]): Usd {
  return adjustments.reduce((all, { usd }) => all + usdOf(usd), 0n);
}

function centsUp(usd: Usd): Usd {
  return -centsDown(-usd);
}

function centsDown(usd: Usd): Usd {
  const rest = ((usd % CENT) + CENT) % CENT;
  return usd - rest;
}

/** With both decimals, as AWS writes amounts. */
function centsText(usd: Usd): string {
  const text = decimalText({ digits: usd, scale: 12 });
  const [whole = "0", cents = ""] = text.split(".");
  return `${whole}.${cents.padEnd(2, "0")}`;
}
