import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake:
    "The chain's key is the hour: two workers that saw the same head seal two hours of the same money.",
  changes: [
    {
      file: "metering/domain/chain.ts",
      find: `    n: head === undefined ? 0 : head.n + 1,`,
      replace: `    n: (slot.hour - Date.UTC(2024, 0, 1)) / 3_600_000,`,
    },
    {
      file: "metering/adapters/memory-ledger.ts",
      find: `      if (item.n < chainOf(key).length) return "taken";
      if (item.n > chainOf(key).length) throw new Error(\`item \${item.n} would leave a gap\`);`,
      replace: `      if (chainOf(key)[item.n] !== undefined) return "taken";`,
    },
    {
      file: "metering/adapters/memory-ledger.ts",
      find: `      return [...chainOf(key)];`,
      replace: `      return chainOf(key).filter((item) => item !== undefined);`,
    },
  ],
};
