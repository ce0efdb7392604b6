import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Each day's cost is cut to whole cents before it is summed.",
  changes: [
    {
      file: "metering/domain/counted-cost.ts",
      find: `const total = sorted.reduce((sum, day) => addDecimal(sum, day.usd), ZERO);`,
      replace: `const cents = ({ digits, scale }: Decimal): Decimal => ({
    digits: (digits * 100n) / 10n ** BigInt(scale),
    scale: 2,
  });
  const total = sorted.reduce((sum, day) => addDecimal(sum, cents(day.usd)), ZERO);`,
    },
  ],
};
