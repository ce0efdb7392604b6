import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDecimal,
  decimalText,
  exactUsd,
  floorDivide,
  floorShare,
  parseDecimal,
  sumDecimals,
  usdText,
} from "../../metering/domain/money.ts";

const digits = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const decimals = fc.record({ digits, scale: fc.integer({ min: 0, max: 30 }) });

/** Plain positional text, made without the code under test. */
function plainText(value: bigint, scale: number): string {
  const text = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const point = text.length - scale;
  return `${value < 0n ? "-" : ""}${text.slice(0, point)}.${text.slice(point)}`;
}

describe("parsing a decimal", () => {
  it("keeps every digit through text and back", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        const parsed = parseDecimal(decimalText(value));
        // Equal as numbers: digits × 10^other scale on both sides.
        expect(parsed.digits * 10n ** BigInt(value.scale)).toBe(
          value.digits * 10n ** BigInt(parsed.scale),
        );
      }),
    );
  });

  it("prints the shortest text, and never an exponent or a minus zero", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        expect(decimalText(value)).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
        expect(decimalText(value)).not.toBe("-0");
      }),
    );
    expect(decimalText(parseDecimal("-0.000"))).toBe("0");
    expect(decimalText(parseDecimal("0012.3400"))).toBe("12.34");
  });

  it("reads the exponent form as the same number in plain form", () => {
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 25 }), (value, scale) => {
        expect(decimalText(parseDecimal(`${value}E-${scale}`))).toBe(
          decimalText(parseDecimal(plainText(value, scale))),
        );
        expect(decimalText(parseDecimal(`${value}e+${scale}`))).toBe(
          decimalText(parseDecimal(`${value}${"0".repeat(scale)}`)),
        );
      }),
    );
    expect(decimalText(parseDecimal("7.6E-7"))).toBe("0.00000076");
    expect(decimalText(parseDecimal("-1.5e3"))).toBe("-1500");
    expect(decimalText(parseDecimal(".5"))).toBe("0.5");
    expect(decimalText(parseDecimal("5."))).toBe("5");
    expect(decimalText(parseDecimal("+3"))).toBe("3");
  });

  it.each([
    ["", "."],
    ["-", "+."],
    ["1,5", "1_000"],
    ["0x10", "1n"],
    ["NaN", "Infinity"],
    ["1e", "e5"],
    ["--1", "1 2"],
    ["１２", "$1"],
    ["1e-99999", "1e1.5"],
  ])("refuses %j and %j, quoting them", (...texts) => {
    for (const text of texts) {
      expect(() => parseDecimal(text)).toThrow(RangeError);
      expect(() => parseDecimal(text)).toThrow(JSON.stringify(text));
    }
  });

  it("refuses figures whose zeros would fill the memory", () => {
    expect(() => parseDecimal("1E-9999")).toThrow("more than 60 decimals");
    expect(() => parseDecimal("1E9999")).toThrow(RangeError);
    expect(parseDecimal("1E60").digits).toBe(10n ** 60n);
  });
});

describe("adding decimals", () => {
  it("is exact where floating point is not", () => {
    expect(decimalText(addDecimal(parseDecimal("0.1"), parseDecimal("0.2")))).toBe("0.3");
    expect(decimalText(addDecimal(parseDecimal("1E30"), parseDecimal("1E-30")))).toBe(
      `1${"0".repeat(30)}.${"0".repeat(29)}1`,
    );
  });

  it("does not depend on the order", () => {
    fc.assert(
      fc.property(fc.array(decimals, { maxLength: 8 }), (values) => {
        expect(decimalText(sumDecimals(values))).toBe(
          decimalText(sumDecimals(values.toReversed())),
        );
      }),
    );
  });
});

describe("floorShare", () => {
  it("is the greatest number of pico-dollars that is not above the exact share", () => {
    fc.assert(
      fc.property(
        decimals,
        decimals,
        fc.bigInt({ min: 1n, max: 10n ** 6n }),
        (value, numerator, denominator) => {
          const usd = floorShare(value, numerator, denominator);
          // exact = v·n / (10^s · d) dollars; compared as fractions, without dividing.
          const exact = value.digits * numerator.digits * 10n ** 12n;
          const unit = 10n ** BigInt(value.scale + numerator.scale) * denominator;
          expect(usd * unit <= exact).toBe(true);
          expect((usd + 1n) * unit > exact).toBe(true);
        },
      ),
    );
  });

  it("floors a negative share away from zero, so that a credit is never cut short", () => {
    expect(floorShare(parseDecimal("-0.000000000001"), parseDecimal("20"), 100n)).toBe(-1n);
    expect(floorShare(parseDecimal("0.000000000001"), parseDecimal("20"), 100n)).toBe(0n);
  });

  it("comes to 20 % of 123.4567890123456 without losing a digit above 10^-12", () => {
    const usd = floorShare(parseDecimal("123.4567890123456"), parseDecimal("20"), 100n);

    expect(usdText(usd)).toBe("24.691357802469");
  });
});

describe("floorDivide", () => {
  it("agrees with Euclid: dividend = quotient × divisor + rest, 0 ≤ rest < divisor", () => {
    fc.assert(
      fc.property(digits, fc.bigInt({ min: 1n, max: 10n ** 15n }), (dividend, divisor) => {
        const rest = dividend - floorDivide(dividend, divisor) * divisor;
        expect(rest >= 0n && rest < divisor).toBe(true);
      }),
    );
  });
});

describe("exactUsd", () => {
  it("refuses what pico-dollars can't hold, and takes trailing zeros", () => {
    expect(exactUsd("0.000000000001")).toBe(1n);
    expect(exactUsd("0.0000000000010")).toBe(1n);
    expect(exactUsd("1E-12")).toBe(1n);
    expect(() => exactUsd("0.0000000000015")).toThrow("more than 12 decimals of a dollar");
    expect(() => exactUsd("-0.0000000000001")).toThrow(RangeError);
  });

  it("comes back from usdText for every amount", () => {
    fc.assert(
      fc.property(digits, (usd) => {
        expect(exactUsd(usdText(usd))).toBe(usd);
      }),
    );
  });
});
