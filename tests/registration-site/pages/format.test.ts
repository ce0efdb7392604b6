import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dateText,
  exactUsd,
  instantText,
  readableUsd,
  shortDateText,
} from "../../../registration-site/views/format.tsx";

describe("an amount to the last digit", () => {
  it.each([
    ["0", "$0.00"],
    ["19", "$19.00"],
    ["1234567.5", "$1,234,567.50"],
    ["0.000000000001", "$0.000000000001"],
    ["-1234.5600", "−$1,234.56"],
    ["12345678901234567890.123456789012", "$12,345,678,901,234,567,890.123456789012"],
  ])("%s is %s", (exact, text) => expect(exactUsd(exact)).toBe(text));

  it("is refused when it is no decimal", () => {
    for (const text of ["", "1e3", "NaN", ".5", "1,000"]) {
      expect(() => exactUsd(text)).toThrow(RangeError);
    }
  });
});

describe("an amount for reading", () => {
  it.each([
    ["0", "$0.00"],
    ["-0.000", "$0.00"],
    ["1.005", "$1.01"],
    ["1.00499999", "$1.00"],
    ["999.995", "$1,000.00"],
    ["0.00421", "$0.0042"],
    ["0.000000000001", "$0.000000000001"],
    ["-0.004", "−$0.004"],
    ["-1234.567", "−$1,234.57"],
  ])("%s is %s", (exact, text) => expect(readableUsd(exact)).toBe(text));

  it("never reads as nothing unless it is nothing", () => {
    const amounts = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }))
      .map(([whole, fraction]) => `${whole}.${fraction.toString().padStart(12, "0")}`);
    fc.assert(
      fc.property(amounts, (amount) => {
        const isNothing = /^[0.]+$/.test(amount);
        expect(readableUsd(amount) === "$0.00").toBe(isNothing);
      }),
    );
  });

  it("is within half a cent of the exact amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (pico) => {
        const digits = pico.toString().padStart(13, "0");
        const shown = readableUsd(`${digits.slice(0, -12)}.${digits.slice(-12)}`);
        const [whole = "", fraction = ""] = shown.replace(/[$,]/g, "").split(".");
        const back = BigInt(whole + fraction.padEnd(12, "0"));
        const off = back > pico ? back - pico : pico - back;
        expect(off).toBeLessThanOrEqual(5_000_000_000n);
      }),
    );
  });
});

describe("a time", () => {
  it("is written out in UTC and says so", () => {
    expect(instantText(Date.UTC(2026, 10, 1, 6, 5))).toBe("1 November 2026, 06:05 UTC");
    expect(dateText("2026-02-28")).toBe("28 February 2026");
    expect(shortDateText("2026-11-21")).toBe("Sat 21 Nov");
  });
});
