import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The current plan is applied to the whole life of the license.",
  changes: [
    {
      file: "metering/domain/terms.ts",
      find: `const { plan, earlierPlans = [] } = license;
  if (plan === undefined) return [];`,
      replace: `const { plan } = license;
  const earlierPlans = (license.earlierPlans ?? []).slice(0, 0);
  if (plan === undefined) return [];`,
    },
    {
      file: "metering/domain/terms.ts",
      find: `period: { start: plan.since, end: Infinity } }];`,
      replace: `period: { start: 0, end: Infinity } }];`,
    },
  ],
};
