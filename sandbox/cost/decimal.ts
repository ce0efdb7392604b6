/**
 * Exact decimals as integers of 10⁻⁴⁰: bills have eleven decimals and exponents, and a sum of
 * floating-point numbers is not the sum of the bill.
 */
export type Decimal = bigint;

const SCALE = 40;
const UNIT = 10n ** BigInt(SCALE);
const PATTERN = /^([+-]?)(\d{0,40})(?:\.(\d{0,60}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Undefined when the text is no number, or too fine to be held exactly. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign, whole = "", fraction = "", exponentText = "0"] = PATTERN.exec(text.trim()) ?? [];
  if (sign === undefined || `${whole}${fraction}` === "") return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const shift = SCALE + Number(exponentText) - fraction.length;
  if (shift > 120) return undefined;
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  if (digits % divisor !== 0n) return undefined;
  const value = shift < 0 ? digits / divisor : digits * 10n ** BigInt(shift);
  return sign === "-" ? -value : value;
}

/** Without exponent and without trailing zeros; zero is `0`. */
export function formatDecimal(value: Decimal): string {
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % UNIT).toString().padStart(SCALE, "0").replace(/0+$/, "");
  const whole = (magnitude / UNIT).toString();
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** With exactly so many decimals; half a unit of the last one is rounded away from zero. */
export function roundDecimal(value: Decimal, decimals: number): string {
  const step = 10n ** BigInt(SCALE - decimals);
  const magnitude = value < 0n ? -value : value;
  const steps = (magnitude + step / 2n) / step;
  const digits = steps.toString().padStart(decimals + 1, "0");
  const sign = value < 0n && steps > 0n ? "-" : "";
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
