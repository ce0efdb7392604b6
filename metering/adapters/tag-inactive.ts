import type { CostReading, CostRequest } from "../ports.ts";

/**
 * What the payer must do when a deployment's cost tag shows nothing although its account costs
 * something (protocol-facts E2). Billing zero instead would give the product away unseen.
 */
export function tagInactive(
  { deployment, from }: CostRequest,
  costTagKey: string,
): Omit<Extract<CostReading, { kind: "unreadable" }>, "requests"> {
  const { accountId } = deployment;
  const backfillFrom = `${from.slice(0, 7)}-01T00:00:00Z`;
  return {
    kind: "unreadable",
    reason: "tag-inactive",
    message:
      `Account ${accountId} had AWS cost since ${from}, but none of it carries the tag ${costTagKey}: the tag is not activated for cost allocation. ` +
      `The account that pays the bill (the organization's management account, or ${accountId} itself if it stands alone) opens Billing and Cost Management → Cost allocation tags, selects ${costTagKey} and chooses Activate; ` +
      `the key is listed up to 24 hours after the stack was made, and shows cost up to 24 hours after that. ` +
      `Activation does not reach back: for the days before it, choose "Backfill tags" there, or run: aws ce start-cost-allocation-tag-backfill --backfill-from ${backfillFrom}`,
  };
}
