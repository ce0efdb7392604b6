import fc from "fast-check";
import { expect, it } from "vitest";
import { type Amount, plainPico, toDecimal } from "../../metering/adapters/cost-exports/amounts.ts";
import type { CostRow } from "../../metering/adapters/cost-exports/cost-row.ts";
import { daySums } from "../../metering/adapters/cost-exports/day-sums.ts";
import { addDecimal, decimalText, parseDecimal, sumDecimals } from "../../metering/domain/money.ts";

const amountText = fc.oneof(
  fc
    .tuple(fc.constantFrom("", "-"), fc.bigInt(0n, 99_999n), fc.stringMatching(/^\d{1,14}$/))
    .map(([sign, whole, decimals]) => `${sign}${whole}.${decimals}`),
  fc.constantFrom("0", "-0", "-0.0", "5.", ".5", "-7.0E-10", "9007.199254740991"),
  fc.constantFrom("9007.199254740992", "9007.199254740993", "-9007.199254740992"),
);

const plain = (text: string) => plainPico(Buffer.from(`x${text}x`), 1, 1 + text.length);
const amountOf = (text: string): Amount => {
  const pico = plain(text);
  return Number.isNaN(pico) ? parseDecimal(text) : pico;
};

it("reads whole pico-dollars exactly, or leaves them to Decimal", () => {
  fc.assert(
    fc.property(amountText, (text) => {
      expect(decimalText(toDecimal(amountOf(text)))).toBe(decimalText(parseDecimal(text)));
    }),
    { numRuns: 2_000 },
  );
  expect(plain("0.00504242032")).toBe(5_042_420_320);
  expect(plain("-9007.199254740991")).toBe(Number.MIN_SAFE_INTEGER);
});

it.each([
  "",
  "-",
  ".",
  "-.",
  "+1",
  "1,5",
  "1.2.3",
  "1-",
  "--1",
  " 1",
  "1e3",
  "٣",
  "0.1234567890123",
])("does not take %j for plain digits", (text) => {
  expect(plain(text)).toBeNaN();
});

it("sums exactly, however often the sum leaves the safe integers", () => {
  const row = (billed: Amount, effective: Amount): CostRow => ({
    accountId: "1",
    tag: "",
    day: "2026-03-01",
    category: "Usage",
    currency: "USD",
    billed,
    effective,
    isFinal: true,
  });
  fc.assert(
    fc.property(fc.array(amountText, { minLength: 1, maxLength: 40 }), fc.nat(70), (texts, day) => {
      const sums = daySums();
      for (const text of texts) sums.add(row(amountOf(text), amountOf("-1.5")), day);
      const usage = sums
        .read(() => "day")
        .get("day")
        ?.amounts.get("Usage");
      const expected = sumDecimals(texts.map(parseDecimal));

      if (usage === undefined) throw new Error("there is no sum");
      expect(decimalText(usage.BilledCost)).toBe(decimalText(expected));
      expect(
        decimalText(addDecimal(usage.EffectiveCost, parseDecimal(`${1.5 * texts.length}`))),
      ).toBe("0");
    }),
    { numRuns: 1_000 },
  );
});
