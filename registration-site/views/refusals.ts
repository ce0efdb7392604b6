/** Why a page could not be shown: what happened, what it means, what to do. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 500 | 503;
  readonly title: string;
  readonly meaning: string;
  readonly next: string;
  /** Whether *Set up your account* in AWS Marketplace is the way on. */
  readonly viaMarketplace: boolean;
}

/** Static text only: nothing that a visitor sent is ever repeated on a refusal. */
export const refusals = {
  "missing-token": {
    status: 400,
    title: "AWS Marketplace did not say who you are",
    meaning:
      "This address expects you to arrive from AWS Marketplace with a registration token, and the request carried none. Your subscription is not affected.",
    next: "Open your subscription in AWS Marketplace and choose “Set up your account”.",
    viaMarketplace: true,
  },
  "expired-token": {
    status: 410,
    title: "This registration link has expired",
    meaning:
      "AWS Marketplace's registration tokens are valid for a few hours. Your subscription is still in place; you don't need to subscribe again.",
    next: "Open your subscription in AWS Marketplace and choose “Set up your account” once more: you get a fresh link.",
    viaMarketplace: true,
  },
  "invalid-token": {
    status: 400,
    title: "AWS Marketplace does not recognise this registration",
    meaning:
      "We asked AWS who the registration token belongs to, and AWS does not know it. It may have been cut off on the way. Your subscription is not affected.",
    next: "Open your subscription in AWS Marketplace and choose “Set up your account” again. If this page comes back, write to support.",
    viaMarketplace: true,
  },
  "other-product": {
    status: 400,
    title: "This registration is for another product",
    meaning:
      "AWS says that the registration token belongs to a different listing. Nothing was set up here.",
    next: "In AWS Marketplace, open the subscription of this product and choose “Set up your account” there. If you did, the listing points to the wrong address: please tell support.",
    viaMarketplace: true,
  },
  unavailable: {
    status: 503,
    title: "AWS Marketplace is not answering at the moment",
    meaning:
      "We could not ask AWS who you are, so nothing was set up. Your subscription is not affected, and nothing was lost.",
    next: "Wait a minute, then choose “Set up your account” in AWS Marketplace again.",
    viaMarketplace: true,
  },
  "signed-out": {
    status: 401,
    title: "You are signed out",
    meaning:
      "This page belongs to one subscription, and your session has ended or never began. There is no password: AWS Marketplace vouches for you.",
    next: "Open your subscription in AWS Marketplace and choose “Set up your account”. You come back here, signed in.",
    viaMarketplace: true,
  },
  "foreign-form": {
    status: 403,
    title: "This form was not sent from this site",
    meaning:
      "Your browser says that the form was filled in at another address. To protect your account nothing was done.",
    next: "Open the page again at this site's own address and send the form from there.",
    viaMarketplace: false,
  },
  "stale-form": {
    status: 403,
    title: "This form is from an earlier session",
    meaning:
      "The page that you sent was opened before you signed in again, so it no longer proves that you meant it. Nothing was changed.",
    next: "Go back to set-up, which now belongs to the current session, and send the form again.",
    viaMarketplace: false,
  },
  "not-a-form": {
    status: 415,
    title: "The request was not a form",
    meaning:
      "This address takes forms as browsers send them (application/x-www-form-urlencoded). Nothing was done.",
    next: "Use the form on the page. A program that registers buyers has to send the same content type as AWS Marketplace.",
    viaMarketplace: false,
  },
  "too-large": {
    status: 413,
    title: "The request was too large",
    meaning: "No form of this site needs more than 64 KB, so the request was not read.",
    next: "Go back to the page and send the form again. If this page comes back, write to support.",
    viaMarketplace: false,
  },
  "bad-choice": {
    status: 400,
    title: "That choice is not on offer",
    meaning:
      "The plan, region or size that was sent is not one of those that the page offers. Nothing was changed.",
    next: "Go back to set-up and choose one of those shown.",
    viaMarketplace: false,
  },
  "license-ended": {
    status: 409,
    title: "This subscription has ended",
    meaning:
      "AWS has told us that the subscription is over, so no new stack can be launched with it. Statements stay available.",
    next: "To use the product again, subscribe once more in AWS Marketplace.",
    viaMarketplace: true,
  },
  "unknown-deployment": {
    status: 404,
    title: "There is no such deployment here",
    meaning: "This subscription has no deployment with that address.",
    next: "See the list of your deployments. If you hold several subscriptions, open the other one from AWS Marketplace.",
    viaMarketplace: false,
  },
  "unknown-statement": {
    status: 404,
    title: "There is no statement for that month",
    meaning: "Nothing was measured or charged for this subscription in that month.",
    next: "See the list of your statements. Months are written like 2026-11.",
    viaMarketplace: false,
  },
  "not-found": {
    status: 404,
    title: "There is no page at this address",
    meaning: "The address may have been cut off or mistyped.",
    next: "Start from the first page.",
    viaMarketplace: false,
  },
  "wrong-method": {
    status: 405,
    title: "This address can't be used that way",
    meaning: "The page exists, but not for this kind of request. Nothing was done.",
    next: "Start from the first page.",
    viaMarketplace: false,
  },
  failure: {
    status: 500,
    title: "Something went wrong on our side",
    meaning:
      "The fault is recorded with the reference below. What you had set up before is still as it was.",
    next: "Try again in a minute. If it goes on, write to support and give the reference.",
    viaMarketplace: false,
  },
} as const satisfies Record<string, Refusal>;

export type RefusalKind = keyof typeof refusals;
