/** What a region is part of: its partition and that partition's DNS suffix. */
export function partitionOf(region: string): { partition: string; urlSuffix: string } {
  if (region.startsWith("cn-")) return { partition: "aws-cn", urlSuffix: "amazonaws.com.cn" };
  if (region.startsWith("us-gov-")) return { partition: "aws-us-gov", urlSuffix: "amazonaws.com" };
  if (region.startsWith("eusc-")) return { partition: "aws-eusc", urlSuffix: "amazonaws.eu" };
  return { partition: "aws", urlSuffix: "amazonaws.com" };
}

/** Three zones everywhere; an account sees at least that many in almost every region. */
export function availabilityZones(region: string): string[] {
  return ["a", "b", "c"].map((letter) => `${region}${letter}`);
}

export interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
}

/** AWS::NoValue is not a value: the evaluator removes whatever holds it. */
export function pseudoParameters(place: Place): Record<string, string | readonly string[]> {
  const { partition, urlSuffix } = partitionOf(place.region);
  return {
    "AWS::AccountId": place.accountId,
    "AWS::Region": place.region,
    "AWS::Partition": partition,
    "AWS::URLSuffix": urlSuffix,
    "AWS::StackId": place.stackId,
    "AWS::StackName": place.stackName,
    "AWS::NotificationARNs": [],
  };
}

export const PSEUDO_PARAMETERS = [
  ...["AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix", "AWS::StackId"],
  ...["AWS::StackName", "AWS::NotificationARNs", "AWS::NoValue"],
];
