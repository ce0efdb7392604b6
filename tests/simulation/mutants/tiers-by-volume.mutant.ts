import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "Reaching a step reprices everything below it.",
  changes: [
    {
      file: "metering/domain/charges/graduated.ts",
      find: `  let sum = multiplyDecimal(next.above, firstRate);
`,
      replace: `  if (rest.length === 0) return multiplyDecimal(total, next.rate);
  let sum = multiplyDecimal(next.above, firstRate);
`,
    },
  ],
};
