import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "The LicenseArn is sent along with the ProductCode: AWS bills both.",
  changes: [
    {
      file: "metering/adapters/aws-metering-gateway.ts",
      find: `  if (record.item.identifiedBy === "license-arn") {
    return {`,
      replace: `  if (licenseArn !== "") {
    return {`,
    },
  ],
};
