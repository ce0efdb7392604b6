/** Exact fractions of big integers, and nothing of the product's money. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Fraction = { n: 0n, d: 1n };

/** `12.5`, `-3`, `4711E-14`. */
export function fraction(text: string): Fraction {
  const [mantissa = "", exponent = "0"] = text.split("E");
  const [whole = "", decimals = ""] = mantissa.split(".");
  const scale = decimals.length - Number(exponent);
  const n = BigInt(whole + decimals);
  return scale >= 0 ? { n, d: 10n ** BigInt(scale) } : { n: n * 10n ** BigInt(-scale), d: 1n };
}

export const plus = (a: Fraction, b: Fraction): Fraction =>
  a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, { n: -b.n, d: b.d });
export const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });
export const isLess = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
export const larger = (a: Fraction, b: Fraction): Fraction => (isLess(a, b) ? b : a);
export const smaller = (a: Fraction, b: Fraction): Fraction => (isLess(a, b) ? a : b);

/** Whole pico-dollars, rounded down. */
export function pico({ n, d }: Fraction): bigint {
  const scaled = n * 10n ** 12n;
  return scaled >= 0n ? scaled / d : -((-scaled + d - 1n) / d);
}
