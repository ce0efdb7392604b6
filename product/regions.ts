/**
 * The AWS regions that a product can run in, by partition: the one place that lists them.
 *
 * Everything that builds a host name from a region checks the region against this list first.
 */
export type Partition = "aws" | "aws-cn" | "aws-us-gov" | "aws-eusc";

export const regionsOf: Readonly<Record<Partition, readonly string[]>> = {
  aws: [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
  "aws-eusc": ["eusc-de-east-1"],
};

/** Where a Marketplace product can be sold and launched without a partition of its own. */
export const commercialRegions: readonly string[] = regionsOf.aws;

/** The partition a region belongs to, or undefined when nobody has told us about it. */
export function partitionOf(region: string): Partition | undefined {
  const partitions = Object.keys(regionsOf) as Partition[];
  return partitions.find((partition) => regionsOf[partition].includes(region));
}
