import type { Deployment, License } from "../metering/domain/license.ts";
import { READ_ROLE_RESOURCE } from "../template-src/contract.ts";
import type { CallbackDeps, CallbackOutcome } from "./answer-callback.ts";
import type { AuthenticCallback } from "./authenticate-callback.ts";
import { claimCost, releaseCost } from "./cost-claims.ts";
import { parseRoleArn } from "./domain/aws-names.ts";
import { neededScope } from "./needed-scope.ts";
import { deploymentSettings } from "./domain/deployment-settings.ts";
import { type InstallCodeRecord, judgeCode } from "./domain/install-code.ts";
import { type Refusal, refusals } from "./domain/refusals.ts";
import { finishDeployment } from "./finish-deployment.ts";
import { offeredSize } from "./offered-size.ts";
import { installCodeId } from "./issue-install-code.ts";
import { recordedAnswer, withAnswer } from "./recorded-answers.ts";
import type { StackRecord } from "./site-store.ts";

const refused = (refusal: Refusal): CallbackOutcome => ({ kind: "refused", refusal });

/**
 * Create. All that can be refused is refused before anything is written; then five writes, each
 * of them conditional and the same when repeated, so that a retry after a crash anywhere ends in
 * the same deployment:
 *
 * 1. the stack's record: from now on a Delete finds the stack and leaves its mark there;
 * 2. the code is spent: of any number of stacks with one code, one gets past this;
 * 3. the cost is claimed, before a deployment could be metered for it;
 * 4. the plan is fixed on the license, where it is also seen whether it still lives;
 * 5. the deployment itself.
 *
 * The answer is recorded last, on the item that a Delete marks: if one came meanwhile, this stack
 * is already being taken down, and so is the deployment.
 */
export async function registerDeployment(
  deps: CallbackDeps,
  callback: AuthenticCallback,
): Promise<CallbackOutcome> {
  const { deploymentId, payload } = callback;
  const known = await deps.siteStore.stacks.get(deploymentId);
  const earlier = recordedAnswer(known, { requestType: "Create", requestId: payload.requestId });
  if (earlier !== undefined) return { kind: "accepted", answer: earlier };
  if (known?.deletedAt !== undefined) return refused(refusals.deploymentEnded());

  const admission = await admit(deps, callback, known);
  if (admission.kind === "refused") return admission;
  const { codeId, code, license, readRoleArn } = admission;

  const stack = await deps.siteStore.stacks.update(
    deploymentId,
    (before) => before ?? newStack(callback, code.licenseId),
  );
  if (stack?.licenseId !== code.licenseId) return refused(refusals.otherLicense());
  const spent = await deps.siteStore.installCodes.update(codeId, (before) =>
    before === undefined || before.spentBy !== undefined
      ? before
      : { ...before, spentBy: { deploymentId, at: deps.clock.now() } },
  );
  if (spent?.spentBy?.deploymentId !== deploymentId) return refused(refusals.codeSpent());

  const claimed = await claimFor(deps, callback, license);
  if (claimed !== undefined) return refused(claimed);
  const fixed = await fixPlan(deps, license);
  if (fixed === undefined) {
    await releaseCost(deps, claimantOf(callback, license));
    return refused(refusals.changedMeanwhile());
  }
  const deployment = await deps.licenses.updateDeployment(
    code.licenseId,
    deploymentId,
    (before) => before ?? newDeployment(deps, callback, { license: fixed, code, readRoleArn }),
  );
  if (deployment === undefined) throw new Error(`deployment ${deploymentId} was not stored`);
  const current = (await deps.licenses.get(code.licenseId)) ?? fixed;
  // A plan that was picked meanwhile may count more cost than was claimed; its change looked for
  // deployments before this one was there.
  const late =
    current.plan?.id === fixed.plan?.id ? undefined : await claimFor(deps, callback, current);
  if (late !== undefined) {
    await finishDeployment(deps, deployment, "any");
    return refused(late);
  }
  return recordAnswer(deps, callback, { license: fixed, deployment });
}

type Admission =
  | {
      readonly kind: "admitted";
      readonly codeId: string;
      readonly code: InstallCodeRecord;
      readonly license: License;
      readonly readRoleArn: string;
    }
  | Extract<CallbackOutcome, { kind: "refused" }>;

const turnedAway = (refusal: Refusal): Admission => ({ kind: "refused", refusal });

/** Everything that can be found wrong without writing. */
async function admit(
  deps: CallbackDeps,
  { payload, stack, deploymentId }: AuthenticCallback,
  known: StackRecord | undefined,
): Promise<Admission> {
  if (!deps.product.launchStack.regions.includes(stack.region)) {
    return turnedAway(refusals.regionNotOffered(stack.region));
  }
  const readRoleArn = payload.resources[READ_ROLE_RESOURCE];
  const readRole = readRoleArn === undefined ? undefined : parseRoleArn(readRoleArn);
  if (readRoleArn === undefined || readRole === undefined) {
    return turnedAway(refusals.missingReadRole());
  }
  // Otherwise the stack of one account could have another account's cost read and billed.
  if (readRole.accountId !== stack.accountId || readRole.partition !== stack.partition) {
    return turnedAway(refusals.foreignReadRole());
  }

  const codeId = installCodeId(payload.installCode);
  const code = codeId === undefined ? undefined : await deps.siteStore.installCodes.get(codeId);
  const verdict = judgeCode(code, deploymentId, deps.clock.now());
  if (verdict === "spent-by-another") return turnedAway(refusals.codeSpent());
  if (verdict === "expired") return turnedAway(refusals.codeExpired());
  if (codeId === undefined || code === undefined) return turnedAway(refusals.codeUnknown());
  if (known !== undefined && known.licenseId !== code.licenseId) {
    return turnedAway(refusals.otherLicense());
  }

  const license = await deps.licenses.get(code.licenseId);
  if (license === undefined) return turnedAway(refusals.codeUnknown());
  if (license.endingAt !== undefined || license.endedAt !== undefined) {
    return turnedAway(refusals.licenseEnded());
  }
  if (license.activatedAt === undefined) return turnedAway(refusals.notActivated());
  return { kind: "admitted", codeId, code, license, readRoleArn };
}

function newStack({ stack }: AuthenticCallback, licenseId: string): StackRecord {
  return { licenseId, accountId: stack.accountId, stackId: stack.stackId, answers: [] };
}

function claimantOf({ stack, deploymentId }: AuthenticCallback, { licenseId }: License) {
  return { deploymentId, licenseId, accountId: stack.accountId, partition: stack.partition };
}

async function claimFor(
  deps: CallbackDeps,
  callback: AuthenticCallback,
  license: License,
): Promise<Refusal | undefined> {
  const scope = neededScope(deps.product, license, deps.clock.now());
  if (scope === undefined) return undefined;
  const claimed = await claimCost(deps, claimantOf(callback, license), scope);
  return claimed === "taken" ? refusals.scopeTaken(callback.stack.accountId) : undefined;
}

/** Undefined when the license changed its plan or came to its end since it was looked at. */
async function fixPlan(
  { licenses }: Pick<CallbackDeps, "licenses">,
  seen: License,
): Promise<License | undefined> {
  const license = await licenses.update(seen.licenseId, (known) =>
    known?.plan === undefined || known.plan.id !== seen.plan?.id || known.plan.fixed === true
      ? known
      : { ...known, plan: { ...known.plan, fixed: true } },
  );
  if (license === undefined || license.plan?.id !== seen.plan?.id) return undefined;
  return license.endingAt === undefined && license.endedAt === undefined ? license : undefined;
}

function newDeployment(
  { clock, product }: Pick<CallbackDeps, "clock" | "product">,
  { payload, stack, deploymentId }: AuthenticCallback,
  from: { license: License; code: InstallCodeRecord; readRoleArn: string },
): Deployment {
  const { accountId, partition, region, stackId } = stack;
  return {
    deploymentId,
    licenseId: from.license.licenseId,
    accountId,
    partition,
    region,
    stackId,
    templateVersion: payload.templateVersion,
    size: offeredSize(product, payload.resources),
    readRoleArn: from.readRoleArn,
    // Ours, from the code's record: the value in the stack is the buyer's to edit (feasibility §4).
    externalIds: from.code.externalIds,
    // A stranger can be sent a link with somebody else's code; its holder decides.
    state: accountId === from.license.buyerAccountId ? "active" : "awaiting-confirmation",
    registeredAt: clock.now(),
  };
}

async function recordAnswer(
  deps: CallbackDeps,
  { deploymentId, payload }: AuthenticCallback,
  of: { license: License; deployment: Deployment },
): Promise<CallbackOutcome> {
  const { clock, siteStore } = deps;
  const { requestId } = payload;
  const settings = deploymentSettings(of.deployment, of.license, clock.now());
  const answered = {
    requestType: "Create",
    requestId,
    answer: { deploymentId, settings },
  } as const;
  const stack = await siteStore.stacks.update(deploymentId, (before) =>
    before === undefined || before.deletedAt !== undefined ? before : withAnswer(before, answered),
  );
  if (stack?.deletedAt !== undefined || of.deployment.state === "ended") {
    await finishDeployment(deps, of.deployment, "any");
    return refused(refusals.deploymentEnded());
  }
  const answer = recordedAnswer(stack, answered);
  if (answer === undefined) throw new Error(`stack ${deploymentId} lost its record`);
  return { kind: "accepted", answer };
}
