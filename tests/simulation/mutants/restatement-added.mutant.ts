import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What AWS says of a day is added to what it said before, instead of set.",
  changes: [
    {
      file: "metering/measure-cost.ts",
      find: `      const { deploymentId } = deployment;
      await deps.costs.put({`,
      replace: `      const { deploymentId } = deployment;
      const old = await deps.costs.month({ deploymentId, ...view, month });
      const { addDecimal, decimalText, parseDecimal } = await import("./domain/money.ts");
      for (const [day, figure] of Object.entries(read)) {
        const texts = [figure.usd.Usage ?? "0", old?.days[day]?.usd.Usage ?? "0"] as const;
        const usage = addDecimal(parseDecimal(texts[0]), parseDecimal(texts[1]));
        read[day] = { ...figure, usd: { ...figure.usd, Usage: decimalText(usage) } };
      }
      await deps.costs.put({`,
    },
  ],
};
