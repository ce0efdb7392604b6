import { READ_ROLE_RESOURCE } from "../template-src/contract.ts";
import type { CallbackDeps, CallbackOutcome } from "./answer-callback.ts";
import type { AuthenticCallback } from "./authenticate-callback.ts";
import { parseRoleArn } from "./domain/aws-names.ts";
import { deploymentSettings } from "./domain/deployment-settings.ts";
import { type Refusal, refusals } from "./domain/refusals.ts";
import { offeredSize } from "./offered-size.ts";
import { recordedAnswer, withAnswer } from "./recorded-answers.ts";

const refused = (refusal: Refusal): CallbackOutcome => ({ kind: "refused", refusal });

/**
 * Update, also the one with older properties that rolls a failed update back. Bound by account and
 * StackId: CloudFormation resends the spent install code, so that says nothing. Accepted whatever
 * became of the subscription, because a refusal would stop the buyer from changing their stack.
 */
export async function updateDeployment(
  deps: CallbackDeps,
  { deploymentId, payload, stack }: AuthenticCallback,
): Promise<CallbackOutcome> {
  const { clock, licenses, product, siteStore } = deps;
  const record = await siteStore.stacks.get(deploymentId);
  if (record === undefined) return refused(refusals.notRegistered());
  const request = { requestType: "Update", requestId: payload.requestId } as const;
  const earlier = recordedAnswer(record, request);
  if (earlier !== undefined) return { kind: "accepted", answer: earlier };
  if (record.deletedAt !== undefined) return refused(refusals.deploymentEnded());

  const readRoleArn = payload.resources[READ_ROLE_RESOURCE];
  if (readRoleArn !== undefined) {
    const role = parseRoleArn(readRoleArn);
    if (role?.accountId !== stack.accountId || role.partition !== stack.partition) {
      return refused(refusals.foreignReadRole());
    }
  }
  const { templateVersion } = payload;
  const size = offeredSize(product, payload.resources);
  const deployment = await licenses.updateDeployment(record.licenseId, deploymentId, (known) =>
    known === undefined || known.state === "ended"
      ? known
      : { ...known, templateVersion, size, readRoleArn: readRoleArn ?? known.readRoleArn },
  );
  if (deployment === undefined) return refused(refusals.notRegistered());
  if (deployment.state === "ended") return refused(refusals.deploymentEnded());
  const license = await licenses.get(record.licenseId);
  if (license === undefined) throw new Error(`license ${record.licenseId} is not known`);

  const settings = deploymentSettings(deployment, license, clock.now());
  const answered = { ...request, answer: { deploymentId, settings } };
  const stored = await siteStore.stacks.update(
    deploymentId,
    (before) => before && withAnswer(before, answered),
  );
  return { kind: "accepted", answer: recordedAnswer(stored, request) ?? answered.answer };
}
