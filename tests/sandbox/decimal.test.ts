import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../sandbox/cost/decimal.ts";

const read = (text: string) => {
  const value = parseDecimal(text);
  return value === undefined ? undefined : formatDecimal(value);
};

describe("decimals of a bill", () => {
  it.each([
    ["0.00000080000", "0.0000008"],
    ["-7.0E-10", "-0.0000000007"],
    ["+1.5e3", "1500"],
    [" 12 ", "12"],
    [".5", "0.5"],
    ["5.", "5"],
    ["-0.0", "0"],
    ["0.1234567890123456789012345678901234567890", "0.123456789012345678901234567890123456789"],
  ])("%s is %s", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each(["", ".", "-", "1.2.3", "1,5", "0x10", "NaN", "Infinity", "1e999", "1e-41", "1 2", "e5"])(
    "%j is none",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  it("add up without losing a digit", () => {
    const cents = fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), { minLength: 1 });
    fc.assert(
      fc.property(cents, (amounts) => {
        const texts = amounts.map((amount) => `${amount}e-11`);
        const sum = texts.reduce((total, text) => total + (parseDecimal(text) ?? 0n), 0n);
        const expected = amounts.reduce((total, amount) => total + amount, 0n);

        expect(sum).toBe(parseDecimal(`${expected}e-11`));
        expect(parseDecimal(formatDecimal(sum))).toBe(sum);
      }),
    );
  });
});
