/**
 * Names that the launch stack, the registration site and the metering service share.
 *
 * Every one is a contract with stacks that already run in buyers' accounts: adding is safe,
 * renaming or removing breaks them. This file imports nothing.
 */

/** Parameters a launch link fills in. Everything that could redirect trust is baked instead. */
export const launchParameters = {
  installCode: "InstallCode",
  externalIds: "ExternalIds",
  size: "Size",
} as const;

/** The key of the cost-allocation tag on every resource; its value is the stack's own GUID. */
export const COST_TAG_KEY = "launchmeter:deployment";

/**
 * The one STS request that proves the account: signed in the stack, sent by the site.
 *
 * Both sides build it from these constants and the five pieces of `AccountProof`, nothing else
 * travels (protocol-facts D1: reconstruct, don't validate).
 */
export const PROOF_REQUEST = {
  method: "POST",
  path: "/",
  body: "Action=GetCallerIdentity&Version=2011-06-15",
  contentType: "application/x-www-form-urlencoded",
  /** Signed; value: the audience baked into the template (the site's origin). */
  audienceHeader: "x-launchmeter-audience",
  /** Signed; value: lowercase hex SHA-256 of the payload string's UTF-8 bytes. */
  payloadHashHeader: "x-launchmeter-payload-sha256",
} as const;

/** The pieces of a SigV4 request that the site can't know by itself. */
export interface AccountProof {
  readonly accessKeyId: string;
  readonly sessionToken: string;
  /** The region whose STS endpoint the request is for; also the credential scope's region. */
  readonly region: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string;
  /** 64 lowercase hex characters. */
  readonly signature: string;
}

/** The body of every callback: JSON, POSTed to the baked callback URL. */
export interface CallbackEnvelope {
  /** JSON of a `CallbackPayload`. A string, so that the hash covers exactly these bytes. */
  readonly payload: string;
  readonly proof: AccountProof;
}

export interface CallbackPayload {
  readonly version: 1;
  readonly requestType: "Create" | "Update" | "Delete";
  /** CloudFormation's RequestId: unique per attempt together with the StackId. */
  readonly requestId: string;
  readonly stackId: string;
  readonly logicalResourceId: string;
  /** Present on Update and Delete. */
  readonly physicalResourceId?: string;
  /** Spent on Create; CloudFormation resends the spent one with Update and Delete. */
  readonly installCode: string;
  readonly templateVersion: string;
  /** What the stack made, e.g. `readRoleArn`. Unknown names are accepted. */
  readonly resources: Readonly<Record<string, string>>;
}

/** HTTP 200. Holds no secret, so that a replay within STS's 15 minutes gives nothing away. */
export interface CallbackAnswer {
  readonly deploymentId: string;
  /** Strings only: they become attributes of the custom resource and then stack outputs. */
  readonly settings: Readonly<Record<string, string>>;
}

/** HTTP 4xx or 5xx. `message` is what the buyer reads in the CloudFormation console. */
export interface CallbackRefusal {
  readonly error: { readonly code: string; readonly message: string };
}

/** The name, in `CallbackPayload.resources`, of the seller's read-only cost role. */
export const READ_ROLE_RESOURCE = "readRoleArn";

/**
 * The seller's roles that read cost have names that begin with this; the read role in every
 * buyer's account lets in no other principal of the seller's account.
 */
export const SELLER_ROLE_PREFIX = "launchmeter-";

/** What the seller's session in the read role says of itself: which license, which deployment. */
export const SESSION_TAG_KEYS = ["launchmeter:license", "launchmeter:deployment"] as const;

/** Where, on the registration site, the stack's callback is received. */
export const CALLBACK_PATH = "/callback";

/** Where, on the registration site, a product proves its stack and gets a token for usage … */
export const USAGE_TOKEN_PATH = "/v1/usage/token";

/** … and where it sends usage with that token. */
export const USAGE_PATH = "/v1/usage";

/**
 * The payload of a request for a usage token, in the same envelope as a callback's. Its proof is
 * signed for the audience `<the site's origin><USAGE_TOKEN_PATH>`, so that a callback's proof gets
 * no token and this one registers nothing.
 */
export interface UsageTokenPayload {
  readonly version: 1;
  readonly purpose: "usage-token";
  /** Never used before, so that no two proofs are alike: each is good for one token. */
  readonly requestId: string;
  readonly stackId: string;
}

/** HTTP 200. The token is a secret; it ends after minutes, and with the deployment. */
export interface UsageTokenAnswer {
  readonly token: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly deploymentId: string;
  /** What the product may put into its events' `source`, so that no two deployments share one. */
  readonly source: string;
}
