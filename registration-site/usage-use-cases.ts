import type { License } from "../metering/domain/license.ts";
import type { UsageResult } from "../metering/domain/usage-admission.ts";
import type { UsageTokenAnswer } from "../template-src/contract.ts";
import { attestStack, type Attestation } from "./attest-stack.ts";
import { deploymentIdOf } from "./authenticate-callback.ts";
import type { CoreDeps } from "./core-deps.ts";
import { PROOF_LIFE_MS } from "./domain/account-proof.ts";
import { parseStackId } from "./domain/aws-names.ts";
import { parseEnvelope } from "./domain/callback-payload.ts";
import { type UsageRefusal, usageRefusals } from "./domain/usage-refusals.ts";
import {
  parseUsageTokenPayload,
  USAGE_TOKEN_LIFE_MS,
  usageBar,
  usageProofAudience,
  usageSourceOf,
  type UsageTokenClaims,
} from "./domain/usage-token.ts";
import { sha256 } from "./hash.ts";
import { rateLimiter } from "./rate-limit.ts";

export interface UsageDeps extends Pick<
  CoreDeps,
  "audience" | "clock" | "identity" | "licenses" | "log" | "siteStore"
> {
  readonly tokens: UsageTokens;
  /** Metering's: records each event once, and answers what became of each, in order. */
  readonly recordUsage: (batch: {
    readonly license: License;
    readonly deploymentId: string;
    readonly events: readonly unknown[];
  }) => Promise<readonly UsageResult[]>;
}

/** Tokens that this site signs and nobody else can. */
export interface UsageTokens {
  issue(claims: UsageTokenClaims, expiresAt: number): Promise<string>;
  /** Undefined for anything but a token of ours that has not ended. Never throws. */
  verify(token: string): Promise<UsageTokenClaims | undefined>;
}

/** What the routes of usage ask for. */
export interface UsageUseCases {
  /** A token for a deployment that proves its stack, good for minutes. */
  token(
    envelope: unknown,
  ): Promise<
    | { readonly kind: "issued"; readonly answer: UsageTokenAnswer }
    | { readonly kind: "refused"; readonly refusal: UsageRefusal }
  >;
  /** Who is behind a token, as deployment and license are now. */
  authorize(
    token: string | undefined,
  ): Promise<
    | { readonly kind: "authorized"; readonly sender: UsageSender }
    | { readonly kind: "refused"; readonly refusal: UsageRefusal }
  >;
  record(sender: UsageSender, events: readonly unknown[]): Promise<readonly UsageResult[]>;
}

export interface UsageSender {
  readonly license: License;
  readonly deploymentId: string;
}

const refused = (refusal: UsageRefusal) => ({ kind: "refused", refusal }) as const;

/** Whoever hasn't been proven yet shares this one: each costs a question to AWS. */
const UNPROVEN = { burst: 100, perSecond: 20 };
/** A fleet may start at once; afterwards each of its members asks every few minutes. */
const TOKENS = { burst: 60, perSecond: 1 };
const BATCHES = { burst: 100, perSecond: 20 };

export function createUsageUseCases(deps: UsageDeps): UsageUseCases {
  const unproven = rateLimiter(deps, UNPROVEN);
  const tokens = rateLimiter(deps, TOKENS);
  const batches = rateLimiter(deps, BATCHES);
  return {
    async token(envelope) {
      const waits = unproven("everybody");
      if (waits !== undefined) return refused(usageRefusals.tooManyTokens(waits));
      const outcome = await issueToken(deps, envelope, tokens);
      if (outcome.kind === "refused") {
        const { status, code } = outcome.refusal;
        deps.log("info", "a usage token was refused", { status, code });
      }
      return outcome;
    },
    async authorize(token) {
      if (token === undefined) return refused(usageRefusals.noToken());
      const claims = await deps.tokens.verify(token);
      if (claims === undefined) return refused(usageRefusals.badToken());
      const waits = batches(claims.deploymentId);
      if (waits !== undefined) return refused(usageRefusals.tooManyRequests(waits));
      const found = await findSender(deps, claims);
      if (found.kind === "found") return { kind: "authorized", sender: found.sender };
      const { status, code } = found.refusal;
      deps.log("info", "usage was refused", { status, code, deploymentId: claims.deploymentId });
      return found;
    },
    record: ({ license, deploymentId }, events) =>
      deps.recordUsage({ license, deploymentId, events }),
  };
}

/** Deployment and license as they are now, or why this deployment may not send usage. */
async function findSender(
  { clock, licenses }: Pick<UsageDeps, "clock" | "licenses">,
  { deploymentId, licenseId }: UsageTokenClaims,
) {
  const deployment = await licenses.deployment(licenseId, deploymentId);
  const license = await licenses.get(licenseId);
  const bar = usageBar(deployment, license, clock.now());
  if (bar !== undefined) return refused(bar);
  if (deployment === undefined || license === undefined) throw new Error("nobody, yet let in");
  return { kind: "found", deployment, sender: { license, deploymentId } } as const;
}

async function issueToken(
  deps: UsageDeps,
  sent: unknown,
  tokens: (key: string) => number | undefined,
): ReturnType<UsageUseCases["token"]> {
  const envelope = parseEnvelope(sent);
  const payload = envelope && parseUsageTokenPayload(envelope.payload);
  const stack = payload && parseStackId(payload.stackId);
  if (!envelope || !payload || !stack) return refused(usageRefusals.malformedProof());
  const audience = usageProofAudience(deps.audience);
  const problem = refusalOf(await attestStack(deps, envelope, { audience, stack }));
  if (problem !== undefined) return refused(problem);

  const deploymentId = deploymentIdOf(stack.stackId);
  const waits = tokens(deploymentId);
  if (waits !== undefined) return refused(usageRefusals.tooManyTokens(waits));
  const record = await deps.siteStore.stacks.get(deploymentId);
  if (record === undefined) return refused(usageRefusals.notRegistered());
  const { licenseId } = record;
  const found = await findSender(deps, { deploymentId, licenseId });
  if (found.kind === "refused") return found;
  if (found.deployment.accountId !== stack.accountId) return refused(usageRefusals.notRegistered());
  if (!(await isFirstUse(deps, deploymentId, envelope.payload))) {
    return refused(usageRefusals.usedProof());
  }

  const now = deps.clock.now();
  const expiresAt = Math.floor((now + USAGE_TOKEN_LIFE_MS) / 1_000) * 1_000;
  const token = await deps.tokens.issue({ deploymentId, licenseId }, expiresAt);
  deps.log("info", "a usage token was issued", { deploymentId, licenseId });
  return {
    kind: "issued",
    answer: {
      token,
      expiresAt: new Date(expiresAt).toISOString(),
      deploymentId,
      source: usageSourceOf(deploymentId),
    },
  };
}

/**
 * Unlike the callback's, this answer is a secret, so a captured proof must be worth nothing: each
 * is remembered for as long as it could be replayed, in one small item for each deployment.
 */
async function isFirstUse(
  { clock, siteStore }: Pick<UsageDeps, "clock" | "siteStore">,
  deploymentId: string,
  payload: string,
): Promise<boolean> {
  const name = sha256(payload).slice(0, 32);
  const now = clock.now();
  let isFirst = false;
  await siteStore.usageProofs.update(deploymentId, (known) => {
    isFirst = known === undefined || !Object.hasOwn(known.used, name);
    if (!isFirst) return known;
    // Signed up to a proof's life ahead of our clock, and good for as long behind it.
    const replayable = Object.entries(known?.used ?? {}).filter(
      ([, usedAt]) => usedAt > now - 2 * PROOF_LIFE_MS - 1_000,
    );
    return { used: { ...Object.fromEntries(replayable), [name]: now } };
  });
  return isFirst;
}

function refusalOf(attestation: Attestation): UsageRefusal | undefined {
  switch (attestation.kind) {
    case "attested":
      return undefined;
    case "malformed":
      return usageRefusals.malformedProof();
    case "unknown-region":
      return usageRefusals.unknownRegion();
    case "stale":
      return usageRefusals.staleProof();
    case "not-attested":
      return usageRefusals.notAttested();
    case "aws-unreachable":
      return usageRefusals.awsUnreachable();
    case "not-a-role":
      return usageRefusals.notARole();
    case "foreign-stack":
      return usageRefusals.foreignStack(attestation);
  }
}
