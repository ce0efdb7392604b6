import { type Decimal, USD_SCALE } from "../../domain/money.ts";

/**
 * An amount of a row, exactly: whole pico-dollars as a safe integer when it is one, which nearly
 * all are, and a Decimal when it is finer or larger. A million BigInts take longer than all else
 * of reading a file.
 */
export type Amount = number | Decimal;

export function toDecimal(amount: Amount): Decimal {
  return typeof amount === "number" ? { digits: BigInt(amount), scale: USD_SCALE } : amount;
}

export function isNothing(amount: Amount): boolean {
  return typeof amount === "number" ? amount === 0 : amount.digits === 0n;
}

export function isNegative(amount: Amount): boolean {
  return typeof amount === "number" ? amount < 0 : amount.digits < 0n;
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO_DIGIT = 0x30;
const POWERS = Array.from({ length: USD_SCALE + 1 }, (_, power) => 10 ** power);

/**
 * Whole pico-dollars of plain digits such as `-0.00504242032`; NaN for whatever is written in
 * another way, is finer, or is no safe integer.
 */
export function plainPico(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start;
  // 12 decimals, a point, and the 4 digits that a safe integer has before them.
  if (end === first || end - first > USD_SCALE + 5) return NaN;
  let units = 0;
  let point = end;
  for (let i = first; i < end; i += 1) {
    const digit = (bytes[i] as number) - ZERO_DIGIT;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (bytes[i] === POINT && point === end && i > first) point = i;
    else return NaN;
  }
  const decimals = point === end ? 0 : end - point - 1;
  if (decimals > USD_SCALE) return NaN;
  const pico = units * (POWERS[USD_SCALE - decimals] as number);
  // Every step above is exact up to the safe integers, and none beyond comes back below them.
  if (!Number.isSafeInteger(pico)) return NaN;
  return first === start ? pico : 0 - pico;
}
