import type { Instant } from "../../metering/domain/license.ts";

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

function decimalParts(exact: string) {
  const match = DECIMAL.exec(exact);
  if (match === null) throw new RangeError(`not a decimal amount: ${JSON.stringify(exact)}`);
  const [, sign = "", whole = "", fraction = ""] = match;
  return { negative: sign === "-", whole, fraction };
}

/** Thousands separated, in front of the point; what follows it stays as it is. */
export const grouped = (number: string) =>
  number.replace(/\B(?=(?:\d{3})+(?:\.|$))(?<!\..*)/g, ",");

/** A true minus: a hyphen is hard to see before a figure. */
const signed = (negative: boolean, text: string) => (negative ? `−${text}` : text);

/** Every digit, thousands separated, at least two decimals: `$1,234.560` stays `$1,234.56`. */
export function exactUsd(exact: string): string {
  const { negative, whole, fraction } = decimalParts(exact);
  const digits = fraction.replace(/0+$/, "").padEnd(2, "0");
  return signed(negative, `$${grouped(whole)}.${digits}`);
}

/**
 * For reading: cents, rounded half up. What would vanish (less than half a cent) keeps its first
 * two digits instead, so that a small amount never reads as nothing.
 */
export function readableUsd(exact: string): string {
  const { negative, whole, fraction } = decimalParts(exact);
  const cents = roundedHalfUp(whole, fraction, 2);
  if (cents === 0n) {
    const firstDigit = fraction.search(/[1-9]/);
    if (firstDigit === -1) return "$0.00";
    return signed(negative, `$0.${fraction.slice(0, firstDigit + 2)}`);
  }
  const digits = cents.toString().padStart(3, "0");
  return signed(negative, `$${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`);
}

function roundedHalfUp(whole: string, fraction: string, decimals: number): bigint {
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  return (fraction[decimals] ?? "0") >= "5" ? kept + 1n : kept;
}

/** An amount for people; its exact value is in `value` and, when it says more, in the title. */
export function Usd({ amount, exact }: { amount: string; exact?: boolean }) {
  const full = exactUsd(amount);
  const shown = exact ? full : readableUsd(amount);
  return (
    <data class="usd" value={amount} title={shown === full ? undefined : `exactly ${full}`}>
      {shown}
    </data>
  );
}

export const countOf = (count: number, one: string, many = `${one}s`) =>
  `${grouped(String(count))} ${count === 1 ? one : many}`;

export const groupedCount = (count: number) => grouped(String(count));

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** `21 November 2026, 02:09 UTC`: written out, because 02/11 is two different days. */
export function instantText(instant: Instant): string {
  const iso = new Date(instant).toISOString();
  return `${dateText(iso.slice(0, 10))}, ${iso.slice(11, 16)} UTC`;
}

/** `YYYY-MM-DD` → `21 November 2026`. */
export function dateText(date: string): string {
  return `${Number(date.slice(8, 10))} ${monthText(date.slice(0, 7))}`;
}

/** `YYYY-MM` → `November 2026`. */
export function monthText(month: string): string {
  const name = MONTHS[Number(month.slice(5, 7)) - 1];
  if (name === undefined) throw new RangeError(`not a month: ${JSON.stringify(month)}`);
  return `${name} ${month.slice(0, 4)}`;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/** `Sat 21 Nov`, where the year stands in the heading; costs follow the days of the week. */
export function shortDateText(date: string): string {
  const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
  return `${weekday} ${Number(date.slice(8, 10))} ${monthText(date.slice(0, 7)).slice(0, 3)}`;
}

export function Time({ at }: { at: Instant }) {
  return <time datetime={new Date(at).toISOString()}>{instantText(at)}</time>;
}
