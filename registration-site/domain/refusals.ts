/**
 * Why a callback is refused: the status for machines, the sentence for the buyer, who reads it in
 * the CloudFormation console. Every sentence says what happened and what to do next, and repeats
 * nothing that the client sent except its own account, region and stack.
 */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 503;
  readonly code: string;
  readonly message: string;
}

const refusal = (status: Refusal["status"], code: string, message: string): Refusal => ({
  status,
  code,
  message,
});

const FRESH_LINK =
  "Delete this stack, open the set-up page from AWS Marketplace again, and use a fresh Launch Stack link.";

export const refusals = {
  malformed: () =>
    refusal(
      400,
      "malformed-callback",
      "The registration site could not read this stack's message. Use the published template unchanged.",
    ),
  unknownRegion: () =>
    refusal(
      403,
      "unknown-region",
      "The proof of account was made for a region that the registration site does not know. Launch the stack in one of the regions on the set-up page.",
    ),
  staleProof: () =>
    refusal(
      401,
      "stale-proof",
      "The proof of account was signed more than 5 minutes before or after now, so it may be a copy. Try again; if this repeats, the clock of the signing machine is wrong.",
    ),
  notAttested: () =>
    refusal(
      403,
      "account-not-proven",
      "AWS did not confirm the proof of account: the signature does not match, or its credentials are no longer valid. Use the published template unchanged and try again.",
    ),
  notARole: () =>
    refusal(
      403,
      "account-not-proven",
      "AWS confirmed an identity that is not this stack's own registration role. Only the function that the stack created can register it.",
    ),
  awsUnreachable: () =>
    refusal(
      503,
      "aws-unreachable",
      "The registration site could not reach AWS to confirm this account. Nothing was changed; try again in a few minutes.",
    ),
  foreignStack: (proven: { accountId: string; region: string }) =>
    refusal(
      403,
      "foreign-stack",
      `AWS confirmed account ${proven.accountId} in ${proven.region}, but the stack that was named lies elsewhere. A stack can only be registered from its own account and region.`,
    ),
  regionNotOffered: (region: string) =>
    refusal(
      403,
      "region-not-offered",
      `This product is not offered in ${region}. Delete this stack and launch it in one of the regions on the set-up page.`,
    ),
  missingReadRole: () =>
    refusal(
      400,
      "missing-read-role",
      "The stack did not name its cost-reading role. Use the published template unchanged.",
    ),
  foreignReadRole: () =>
    refusal(
      403,
      "foreign-read-role",
      "The cost-reading role that the stack named belongs to another account than the stack. Use the published template unchanged.",
    ),
  codeUnknown: () =>
    refusal(
      404,
      "install-code-unknown",
      `The install code is not known. It may have been changed while copying. ${FRESH_LINK}`,
    ),
  codeExpired: () =>
    refusal(
      410,
      "install-code-expired",
      `The install code is older than 24 hours and has expired. ${FRESH_LINK}`,
    ),
  codeSpent: () =>
    refusal(
      409,
      "install-code-spent",
      `The install code was already used by another stack; each works once. ${FRESH_LINK}`,
    ),
  otherLicense: () =>
    refusal(
      409,
      "other-subscription",
      `This stack is already bound to another subscription than the one this install code was made for. ${FRESH_LINK}`,
    ),
  notActivated: () =>
    refusal(
      409,
      "subscription-not-active",
      "AWS Marketplace has not activated this subscription yet; that usually takes a few minutes. Wait until the set-up page says that it is active, delete this stack, and launch it again with the same link.",
    ),
  licenseEnded: () =>
    refusal(
      410,
      "subscription-ended",
      "The subscription that this install code was made for has ended. Delete this stack, subscribe again in AWS Marketplace, and launch from the set-up page of the new subscription.",
    ),
  scopeTaken: (accountId: string) =>
    refusal(
      409,
      "cost-already-metered",
      `The AWS cost of account ${accountId} is already metered for another deployment of this product, and the same cost is never billed twice. Delete this stack, and either delete the other deployment first or launch in another account.`,
    ),
  notRegistered: () =>
    refusal(
      404,
      "stack-not-registered",
      `This stack is not registered with the seller, so it cannot be updated. ${FRESH_LINK}`,
    ),
  deploymentEnded: () =>
    refusal(
      410,
      "deployment-ended",
      `This deployment was deleted or turned away and does not come back. ${FRESH_LINK}`,
    ),
  changedMeanwhile: () =>
    refusal(
      503,
      "changed-meanwhile",
      "The subscription changed while this stack was being registered. Nothing is lost; try again.",
    ),
} as const;
