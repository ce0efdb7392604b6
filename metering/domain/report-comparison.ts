import { dayOf, type Day, DAY, type Month, monthOf, monthPeriod, type Period } from "./calendar.ts";
import { type ChainItem, isRecord, type MeteringRecord } from "./chain.ts";
import type { Difference } from "./difference.ts";
import { billedOf, type Finding } from "./evidence.ts";
import type { Instant, License } from "./license.ts";
import {
  addDecimal,
  type Decimal,
  decimalText,
  floorUsd,
  type Usd,
  usdText,
  ZERO,
} from "./money.ts";

/** Units that AWS counted for an agreement, by day. */
export interface UsageLine {
  readonly agreementId: string;
  readonly productCode: string;
  readonly dimension: string;
  readonly day: Day;
  readonly units: bigint;
}

/** The seller's usage report. A day that it can't show yet is not covered, and not missing. */
export interface UsageReport {
  readonly file: string;
  readonly lines: readonly UsageLine[];
  /** Days that are whole in it. */
  readonly covers: Period;
  /** The day on which it was made, or an earlier one. */
  readonly madeOn: Instant;
}

/** The billed-revenue report: one line for each invoice. */
export interface RevenueLine {
  readonly agreementId: string;
  readonly invoiceId: string;
  readonly month: Month;
  /** Before refunds and AWS's fee. */
  readonly gross: Decimal;
}

export interface RevenueReport {
  readonly file: string;
  readonly lines: readonly RevenueLine[];
}

export interface ReportInput {
  readonly license: License;
  readonly chains: ReadonlyMap<string, readonly ChainItem[]>;
  readonly usage: readonly UsageReport[];
  readonly revenue: readonly RevenueReport[];
  /** Until then AWS's revenue is zero. */
  readonly freeTrialEndsAt: Instant | undefined;
  readonly priceAt: (dimension: string, stamp: Instant) => Usd | undefined;
  readonly period: Period;
  readonly now: Instant;
}

export interface ReportComparison {
  readonly differences: readonly Difference[];
  readonly findings: readonly { readonly dimension: string; readonly finding: Finding }[];
  /** Months of a dimension on which both sides agree. */
  readonly agreed: number;
}

/** Invoices come on the 2nd or 3rd (protocol-facts A7); from then on a month's units are final. */
const INVOICED_AFTER_MS = 3 * DAY;
const CENT: Usd = 10_000_000_000n;

/** Every agreement that a license was ever under. */
export function agreementsOf({ agreementId, lifecycle }: License): ReadonlySet<string> {
  const named = [...Object.keys(lifecycle?.updates ?? {}), agreementId];
  return new Set(named.flatMap((id) => (id === undefined || id === "" ? [] : [id])));
}

/** Compares one license's ledger with the seller's reports. Pure. */
export function compareReports(input: ReportInput): ReportComparison {
  const units = input.usage.map((report) => compareUsage(input, report));
  const money = input.revenue.flatMap((report) => compareRevenue(input, report));
  return {
    differences: [...units.flatMap(({ differences }) => differences), ...money],
    findings: units.flatMap(({ findings }) => findings),
    agreed: units.reduce((sum, { agreed }) => sum + agreed, 0),
  };
}

/** What the ledger knows to be billed, and records that it doesn't know it of. */
interface Counted {
  readonly known: bigint;
  readonly open: readonly MeteringRecord[];
}

function counted(
  chain: readonly ChainItem[],
  isWanted: (record: MeteringRecord) => boolean,
): Counted {
  const open: MeteringRecord[] = [];
  let known = 0n;
  for (const item of chain) {
    if (!isRecord(item) || !isWanted(item)) continue;
    const units = knownUnits(item, chain);
    if (units === undefined) open.push(item);
    else known += BigInt(units);
  }
  return { known, open };
}

function knownUnits(item: MeteringRecord, chain: readonly ChainItem[]): number | undefined {
  const evidence = billedOf(chain, item.n);
  if (evidence !== undefined) return evidence.billed;
  const kind = item.outcome?.kind;
  if (kind === "accepted") return item.quantity;
  return kind === "expired" || kind === "refused" ? 0 : undefined;
}

function compareUsage(input: ReportInput, report: UsageReport): ReportComparison {
  const agreements = agreementsOf(input.license);
  const lines = report.lines.filter(
    ({ agreementId, productCode }) =>
      agreements.has(agreementId) && productCode === input.license.productCode,
  );
  const dimensions = new Set([...input.chains.keys(), ...lines.map(({ dimension }) => dimension)]);
  const covered = overlapOf(report.covers, input.period);
  const results = monthsIn(covered).flatMap((month) =>
    [...dimensions].map((dimension) => {
      const days = overlapOf(covered, monthPeriod(month));
      const isInside = (instant: Instant) => instant >= days.start && instant < days.end;
      const chain = input.chains.get(dimension) ?? [];
      const { known, open } = counted(chain, ({ stamp }) => isInside(stamp));
      const reported = lines
        .filter((line) => line.dimension === dimension)
        .filter(({ day }) => isInside(Date.parse(`${day}T00:00:00Z`)))
        .reduce((sum, line) => sum + line.units, 0n);
      const most = known + open.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
      const findings = reportFindings(input, report, { month, dimension, lines, chain });
      if (reported >= known && reported <= most) {
        return { differences: [], findings, isAgreed: known + reported > 0n };
      }
      const beyond = reported > most ? reported - most : reported - known;
      const price = input.priceAt(dimension, days.end - 1);
      const difference: Difference = {
        kind: "report-units",
        licenseId: input.license.licenseId,
        dimension,
        hour: monthPeriod(month).start,
        ledger: `${known} units accepted through ${dayOf(days.end - 1)}${open.length === 0 ? "" : `, and ${open.length} records open`}`,
        aws: `${reported} units in ${report.file}`,
        ...(price === undefined ? {} : { usd: beyond * price }),
        meaning:
          beyond > 0n
            ? "AWS counts more than this ledger ever sent: somebody else meters, or a record was billed that the ledger holds for lost. Compare with CloudTrail to find the hour."
            : "AWS counts less than it accepted. Check that the report is of the whole month and of every region; otherwise ask AWS with the metering record ids.",
      };
      return { differences: [difference], findings, isAgreed: false };
    }),
  );
  return {
    differences: results.flatMap(({ differences }) => differences),
    findings: results.flatMap(({ findings }) => findings),
    agreed: results.filter(({ isAgreed }) => isAgreed).length,
  };
}

/**
 * What a final report proves of an open record: on a day that has one such record, all other units
 * are known. Whatever is left is what AWS billed of it: all or nothing when it is in doubt.
 */
function reportFindings(
  { now }: ReportInput,
  report: UsageReport,
  of: {
    readonly month: Month;
    readonly dimension: string;
    readonly lines: readonly UsageLine[];
    readonly chain: readonly ChainItem[];
  },
): { dimension: string; finding: Finding }[] {
  const { dimension, chain } = of;
  const isFinalAt = monthPeriod(of.month).end + INVOICED_AFTER_MS;
  if (now < isFinalAt || report.madeOn < isFinalAt) return [];
  if (report.covers.end < monthPeriod(of.month).end) return [];
  const all = counted(chain, ({ stamp }) => monthOf(stamp) === of.month);
  return all.open.flatMap((record) => {
    const day = dayOf(record.stamp);
    const { known, open } = counted(chain, ({ stamp }) => dayOf(stamp) === day);
    if (open.length !== 1 || record.outcome === undefined) return [];
    const reported = of.lines
      .filter((line) => line.day === day && line.dimension === dimension)
      .reduce((sum, { units }) => sum + units, 0n);
    const rest = reported - known;
    const isAll = rest === BigInt(record.quantity);
    if (rest !== 0n && !isAll) return [];
    const billed = isAll ? record.quantity : 0;
    const source = `usage report ${report.file}, whole after the invoice of ${of.month}: ${reported} units on ${day}, ${known} of them by other records`;
    return [{ dimension, finding: { about: record.n, billed, source } }];
  });
}

function compareRevenue(input: ReportInput, report: RevenueReport): Difference[] {
  const agreements = agreementsOf(input.license);
  const months = new Set(report.lines.map(({ month }) => month));
  return [...months].flatMap((month) => {
    const { start, end } = monthPeriod(month);
    if (start < input.period.start || end > input.period.end) return [];
    const lines = report.lines.filter(
      (line) => line.month === month && agreements.has(line.agreementId),
    );
    const gross = floorUsd(lines.reduce((sum, line) => addDecimal(sum, line.gross), ZERO));
    const { known, open } = moneyOf(input, month);
    // AWS invoices whole cents, each line for itself.
    const tolerance = CENT * BigInt(Math.max(1, lines.length, input.chains.size));
    const under = gross <= known - tolerance;
    if (!under && gross < known + open + tolerance) return [];
    const invoices = lines.map(({ invoiceId }) => invoiceId).join(", ");
    return [
      {
        kind: "report-money",
        licenseId: input.license.licenseId,
        dimension: "all",
        hour: start,
        ledger: `$${usdText(known)} accepted${open === 0n ? "" : `, and $${usdText(open)} open`}`,
        aws: `$${usdText(gross)} invoiced (${invoices === "" ? "no invoice" : invoices}) in ${report.file}`,
        usd: under ? gross - known : gross - known - open,
        meaning:
          "The invoice and the ledger's units at their prices differ by more than rounding. Compare the units first; if they agree, the listing's prices are not the product's.",
      },
    ];
  });
}

function moneyOf({ chains, freeTrialEndsAt = -Infinity }: ReportInput, month: Month) {
  let known = 0n;
  let open = 0n;
  for (const chain of chains.values()) {
    for (const item of chain) {
      if (!isRecord(item) || monthOf(item.stamp) !== month || item.stamp < freeTrialEndsAt)
        continue;
      const units = knownUnits(item, chain);
      if (units === undefined) open += BigInt(item.quantity) * item.unitPrice;
      else known += BigInt(units) * item.unitPrice;
    }
  }
  return { known, open };
}

/** Reported for agreements of this product that the ledger doesn't know. */
export function strangersInReport(
  report: UsageReport,
  known: ReadonlySet<string>,
  productCode: string,
  period: Period,
): Difference[] {
  const sums = new Map<string, bigint>();
  for (const line of report.lines) {
    const at = Date.parse(`${line.day}T00:00:00Z`);
    if (line.productCode !== productCode || known.has(line.agreementId)) continue;
    if (at < period.start || at >= period.end) continue;
    const key = JSON.stringify([line.agreementId, line.dimension, monthOf(at)]);
    sums.set(key, (sums.get(key) ?? 0n) + line.units);
  }
  return [...sums].map(([key, units]) => {
    const [agreementId, dimension, month] = JSON.parse(key) as [string, string, string];
    return {
      kind: "unknown-license",
      licenseId: agreementId,
      dimension,
      hour: monthPeriod(month).start,
      ledger: "no such agreement",
      aws: `${decimalText({ digits: units, scale: 0 })} units in ${report.file}`,
      meaning:
        "AWS bills an agreement that was never registered here. Either its License Updated event was lost, or somebody else sells this product.",
    };
  });
}

function overlapOf(a: Period, b: Period): Period {
  return { start: Math.max(a.start, b.start), end: Math.min(a.end, b.end) };
}

function monthsIn({ start, end }: Period): Month[] {
  const months: Month[] = [];
  for (let at = start; at < end; at = monthPeriod(monthOf(at)).end) months.push(monthOf(at));
  return months;
}
