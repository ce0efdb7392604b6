/** Why a request for or with a usage token is refused, in words for the product's developer. */
export interface UsageRefusal {
  readonly status: 400 | 401 | 403 | 413 | 415 | 429 | 503;
  readonly code: string;
  readonly message: string;
  /** When to come back, for those who should. */
  readonly retryAfterSeconds?: number;
}

const refusal = (
  status: UsageRefusal["status"],
  code: string,
  message: string,
  retryAfterSeconds?: number,
): UsageRefusal => ({
  status,
  code,
  message,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

/** Sentences repeat nothing that the client sent except its own account and region. */
export const usageRefusals = {
  malformedProof: () =>
    refusal(
      400,
      "malformed-proof",
      "The request for a usage token was not understood: it has to be JSON with a payload and a proof, as the guide describes. No token was issued.",
    ),
  unknownRegion: () =>
    refusal(
      403,
      "unknown-region",
      "The proof was signed for a region that this site does not know. Sign it for the region of the stack.",
    ),
  staleProof: () =>
    refusal(
      401,
      "stale-proof",
      "The proof was signed more than 5 minutes before or after now. Sign a new one; if this repeats, the clock of the signing machine is wrong.",
    ),
  usedProof: () =>
    refusal(
      401,
      "used-proof",
      "This proof has already been used: each gets one token. Sign a new one, with another requestId.",
    ),
  notAttested: () =>
    refusal(
      403,
      "account-not-proven",
      "AWS did not confirm the proof: the signature does not match what was sent and where, or its credentials are no longer valid. Sign for this site's own address, with the stack's credentials.",
    ),
  notARole: () =>
    refusal(
      403,
      "account-not-proven",
      "AWS confirmed an identity that is not a role of this stack. Only a role that CloudFormation made for the stack, and named after it, can send usage.",
    ),
  foreignStack: ({ accountId, region }: { accountId: string; region: string }) =>
    refusal(
      403,
      "foreign-stack",
      `AWS confirmed account ${accountId} in ${region}, but the stack that was named lies elsewhere. A stack can only speak for itself.`,
    ),
  awsUnreachable: () =>
    refusal(
      503,
      "aws-unreachable",
      "The site could not reach AWS to confirm the proof. Keep the usage and try again.",
      5,
    ),
  tooManyTokens: (retryAfterSeconds: number) =>
    refusal(
      429,
      "too-many-requests",
      "Too many usage tokens were asked for. One token serves for minutes and for any number of events: keep it until it ends, and come back later.",
      retryAfterSeconds,
    ),
  tooManyRequests: (retryAfterSeconds: number) =>
    refusal(
      429,
      "too-many-requests",
      "Too many requests came from this deployment. Send events in batches, and come back later with the same ones: none is lost.",
      retryAfterSeconds,
    ),
  noToken: () =>
    refusal(
      401,
      "no-token",
      "Usage is taken with a token: send the header Authorization: Bearer and a token from /v1/usage/token.",
    ),
  badToken: () =>
    refusal(
      401,
      "bad-token",
      "This token is not one of this site's, or it has ended. Get a new one from /v1/usage/token and send the same events again.",
    ),
  notRegistered: () =>
    refusal(
      403,
      "not-registered",
      "This stack is not registered with the seller, so it can't send usage.",
    ),
  notConfirmed: () =>
    refusal(
      403,
      "not-confirmed",
      "This deployment waits for the subscription's holder to confirm it on the set-up page. Keep the usage and send it then.",
    ),
  notActivated: () =>
    refusal(
      403,
      "subscription-not-active",
      "AWS Marketplace has not activated this subscription yet. Keep the usage and send it in a few minutes.",
    ),
  deploymentEnded: () =>
    refusal(
      403,
      "deployment-ended",
      "This deployment was deleted or turned away: it can't send usage any more.",
    ),
  licenseEnded: (endedAt: string) =>
    refusal(
      403,
      "subscription-ended",
      `The subscription ended at ${endedAt}, and the time for its last usage is over.`,
    ),
  notACloudEvent: () =>
    refusal(
      415,
      "not-a-cloud-event",
      "Usage is sent as CloudEvents 1.0: application/cloudevents+json for one event, application/cloudevents-batch+json for several, or application/json with the event's attributes in ce- headers.",
    ),
  notJson: () =>
    refusal(
      400,
      "not-json",
      "The body is not JSON in UTF-8: one event is an object, a batch is a list of them. Nothing was recorded.",
    ),
  tooLarge: (bytes: number) =>
    refusal(
      413,
      "too-large",
      `The body is larger than ${bytes} bytes. Send fewer events at once. Nothing was recorded.`,
    ),
  tooMany: (most: number) =>
    refusal(
      413,
      "too-many-events",
      `A batch has at most ${most} events. Send them in several. Nothing was recorded.`,
    ),
  failure: () =>
    refusal(
      503,
      "site-failure",
      "The site failed while recording; the fault is recorded. Some events may be in, none is in twice: send the same ones again.",
      5,
    ),
} as const;
