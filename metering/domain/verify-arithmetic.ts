/**
 * Arithmetic for checking statements, apart from the code that makes them: every number is one big
 * integer at forty decimals, whatever it counts.
 */
export type Exact = bigint;

const DECIMALS = 40;
const ONE = 10n ** BigInt(DECIMALS);
/** Amounts are floored at the twelfth decimal of a dollar (decision 0005). */
const PICO = 10n ** BigInt(DECIMALS - 12);

export function exact(text: string | number): Exact {
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(`${text}`) ?? [];
  if (sign === undefined || fraction.length > DECIMALS) {
    throw new RangeError(`not a plain decimal number: ${JSON.stringify(text)}`);
  }
  const digits = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  return sign === "-" ? -digits : digits;
}

export function exactText(value: Exact): string {
  const digits = (value < 0n ? -value : value).toString().padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  const whole = `${value < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Exact as long as the factors have forty decimals between them, which a schema can't promise. */
export function times(a: Exact, b: Exact): Exact {
  const product = a * b;
  if (product % ONE !== 0n) throw new RangeError("more decimals than can be checked");
  return floorBy(product, ONE);
}

/** `value × counted ÷ of`, rounded down to whole pico-dollars. */
export function flooredShare(value: Exact, counted: number, of: number): Exact {
  return floorBy(value * BigInt(counted), BigInt(of) * PICO) * PICO;
}

export function floored(value: Exact): Exact {
  return flooredShare(value, 1, 1);
}

/** How many whole ones of `unit` are in the value; none if it is negative. */
export function wholeIn(value: Exact, unit: Exact): bigint {
  return value <= 0n ? 0n : floorBy(value, unit);
}

function floorBy(dividend: bigint, divisor: bigint): bigint {
  const remainder = ((dividend % divisor) + divisor) % divisor;
  const whole = dividend - remainder;
  return whole / divisor;
}

export function total(values: Iterable<Exact>): Exact {
  let sum = 0n;
  for (const value of values) sum += value;
  return sum;
}

export const least = (a: Exact, b: Exact): Exact => (a < b ? a : b);
export const most = (a: Exact, b: Exact): Exact => (a > b ? a : b);
