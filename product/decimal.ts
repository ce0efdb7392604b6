/** Prices have at most eight decimals (protocol-facts A1), so this is the finest unit here. */
export const PRICE_DECIMALS = 8;

/** Up to twelve digits before the point and as many after it as asked for; no sign, no exponent. */
export function isDecimal(text: string, decimals: number): boolean {
  return new RegExp(`^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,${decimals}})?$`).test(text);
}

/**
 * The decimal as a whole number of 10⁻⁸, exactly.
 *
 * Only for text that `isDecimal(text, 8)` has accepted; anything else is a bug.
 */
export function toHundredMillionths(text: string): bigint {
  if (!isDecimal(text, PRICE_DECIMALS)) throw new RangeError(`not a decimal: ${text}`);
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(PRICE_DECIMALS, "0"));
}
