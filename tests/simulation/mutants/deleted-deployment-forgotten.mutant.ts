import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What a stack cost before it was deleted leaves the sum with it.",
  changes: [
    {
      file: "metering/domain/counted-cost.ts",
      find: `const used = input.deployments.filter(({ state }) => state !== "awaiting-confirmation");`,
      replace: `const used = input.deployments.filter(({ goneAt }) => goneAt === undefined);`,
    },
  ],
};
