import type { Difference } from "../../metering/domain/difference.ts";
import { usdText } from "../../metering/domain/money.ts";
import type { Proof, Reconciliation } from "../../metering/reconcile.ts";

/** A difference as JSON: money as exact text, instants in ISO 8601. */
export function differenceJson({ about: _about, finding, ...difference }: Difference) {
  const { hour, usd, billedTwice, ...rest } = difference;
  return {
    ...rest,
    hour: new Date(hour).toISOString(),
    ...(usd === undefined ? {} : { usd: usdText(usd) }),
    ...(billedTwice === undefined ? {} : { billedTwiceUsd: usdText(billedTwice) }),
    ...(finding === undefined ? {} : { resolvesTo: finding }),
  };
}

export function summaryJson({ differences, ...counts }: Reconciliation) {
  return { ...counts, agrees: differences.length === 0, differences: differences.length };
}

export function differenceWords(difference: Difference): string {
  const { kind, licenseId, dimension, hour, ledger, aws, usd, meaning } = difference;
  const isMonth = kind.startsWith("report-");
  const iso = new Date(hour).toISOString();
  const when = isMonth ? iso.slice(0, 7) : `${iso.slice(0, 16)}Z`;
  return [
    `${kind}  ${licenseId}  ${dimension}  ${when}${usd === undefined ? "" : `  ${signed(usd)}`}`,
    `  ledger  ${ledger}`,
    `  AWS     ${aws}`,
    `  ${meaning}`,
  ].join("\n");
}

export function summaryWords(found: Reconciliation, proof: Required<Proof>): string {
  const { agreed, agreedMonths, notCovered, pending, elsewhere, differences } = found;
  const lines = [
    `${count(found.licenses, "license")}: ${count(agreed, "record")} agree${agreedMonths === 0 ? "" : `, ${count(agreedMonths, "month")} of reports agree`}, ${count(differences.length, "difference")}.`,
    ...(notCovered === 0
      ? []
      : [
          `${count(notCovered, "record")} not covered: CloudTrail shows a call about 15 minutes later and for 90 days, and AWS takes a record for 24 hours. That is not missing.`,
        ]),
    ...(pending === 0 ? [] : [`${count(pending, "record")} still being sent.`]),
    ...(elsewhere === 0 ? [] : [`${count(elsewhere, "record")} of other products left aside.`]),
    ...proof.trail.coverage.map(
      ({ source, from, through }) =>
        `Read: ${source}, calls from ${iso(from)} through ${iso(through)}.`,
    ),
    ...proof.usage.map(({ file, covers }) =>
      covers.end === 0
        ? `Read: ${file}, which has no line and so covers nothing.`
        : `Read: ${file}, days from ${iso(covers.start).slice(0, 10)} to before ${iso(covers.end).slice(0, 10)}; later ones are not in it yet.`,
    ),
    ...proof.revenue.map(({ file, lines }) => `Read: ${file}, ${count(lines.length, "invoice")}.`),
  ];
  return lines.join("\n");
}

const signed = (usd: bigint): string => (usd < 0n ? `−$${usdText(-usd)}` : `+$${usdText(usd)}`);
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
const iso = (instant: number): string => new Date(instant).toISOString();
