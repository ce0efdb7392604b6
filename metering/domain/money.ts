/**
 * Exact money. Two shapes, no floating point:
 *
 * - `Decimal`: any finite decimal number, for AWS's cost figures, which come with 11 to 25 decimals
 *   and in exponent form.
 * - `Usd`: whole pico-dollars (10⁻¹² USD), for what the ledger owes and commits. An inexact
 *   fraction is floored to it once, from a service period's cumulative figure, never per step.
 */
export interface Decimal {
  readonly digits: bigint;
  /** The value is `digits × 10^-scale`. */
  readonly scale: number;
}

/** Whole pico-dollars. */
export type Usd = bigint;

export const USD_SCALE = 12;
export const ZERO: Decimal = { digits: 0n, scale: 0 };
export const ONE: Decimal = { digits: 1n, scale: 0 };

/** Guards against a figure such as 1E-999999999 that would fill the memory with zeros … */
const MAX_SCALE = 60;
/** … and against one of a million digits, which BigInt takes minutes to read. */
const MAX_TEXT = 120;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Parses AWS's and FOCUS's number forms; throws a RangeError that quotes anything else. */
export function parseDecimal(text: string): Decimal {
  if (text.length > MAX_TEXT) {
    throw new RangeError(`not a decimal number: ${text.length} characters are too many`);
  }
  const [, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text.trim()) ?? [];
  if (sign === undefined || whole + fraction === "") {
    throw new RangeError(`not a decimal number: ${JSON.stringify(text)}`);
  }
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > MAX_SCALE) {
    throw new RangeError(`more than ${MAX_SCALE} decimals: ${JSON.stringify(text)}`);
  }
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: rescaled(a, scale) + rescaled(b, scale), scale };
}

export function subtractDecimal(a: Decimal, b: Decimal): Decimal {
  return addDecimal(a, { digits: -b.digits, scale: b.scale });
}

export function multiplyDecimal({ digits, scale }: Decimal, times: Decimal | bigint): Decimal {
  return typeof times === "bigint"
    ? { digits: digits * times, scale }
    : { digits: digits * times.digits, scale: scale + times.scale };
}

/** Below, at or above zero, as `a` is less than, equal to or greater than `b`. */
export function compareDecimal(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const { digits } = subtractDecimal(a, b);
  return digits < 0n ? -1 : digits === 0n ? 0 : 1;
}

export function sumDecimals(values: Iterable<Decimal>): Decimal {
  let sum = ZERO;
  for (const value of values) sum = addDecimal(sum, value);
  return sum;
}

/** Shortest exact text: `1.5`, `-0.0000007`, `0`. */
export function decimalText({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const padded = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = padded.slice(0, padded.length - scale);
  const fraction = padded.slice(padded.length - scale).replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * `value × numerator ÷ denominator` in pico-dollars, rounded down: 20 % of a month's cost, or
 * 13 of 30 days of a fee. Down, so that the buyer is never charged a fraction that isn't owed.
 */
export function floorShare(value: Decimal, numerator: Decimal, denominator: bigint): Usd {
  const digits = value.digits * numerator.digits * 10n ** BigInt(USD_SCALE);
  return floorDivide(digits, 10n ** BigInt(value.scale + numerator.scale) * denominator);
}

/** In pico-dollars, rounded down. */
export function floorUsd(value: Decimal): Usd {
  return floorShare(value, ONE, 1n);
}

/** Exact, or a RangeError: prices are refused rather than rounded. */
export function exactUsd(text: string): Usd {
  const value = parseDecimal(text);
  const usd = floorUsd(value);
  if (decimalText({ digits: usd, scale: USD_SCALE }) !== decimalText(value)) {
    throw new RangeError(`more than ${USD_SCALE} decimals of a dollar: ${JSON.stringify(text)}`);
  }
  return usd;
}

export function usdText(usd: Usd): string {
  return decimalText({ digits: usd, scale: USD_SCALE });
}

/** BigInt division truncates toward zero; restated months are negative, so the floor is explicit. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const inexact = dividend % divisor !== 0n;
  return inexact && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

export function maxUsd(a: Usd, b: Usd): Usd {
  return a > b ? a : b;
}

export function minUsd(a: Usd, b: Usd): Usd {
  return a < b ? a : b;
}

function rescaled({ digits, scale }: Decimal, to: number): bigint {
  return to === scale ? digits : digits * 10n ** BigInt(to - scale);
}
