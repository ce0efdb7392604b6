import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The way a record is identified is looked up when it is sent, not sealed with it.",
  changes: [
    {
      file: "metering/domain/identification.ts",
      find: `return item.identifiedBy ?? identifiedBy(license, item.stamp);`,
      replace: `return license.legacy === undefined || license.legacy.until !== undefined
    ? "license-arn"
    : "product-code";`,
    },
  ],
};
