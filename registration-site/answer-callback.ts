import { authenticateCallback, type AuthenticCallback } from "./authenticate-callback.ts";
import type { CoreDeps } from "./core-deps.ts";
import type { Refusal } from "./domain/refusals.ts";
import { endDeployment } from "./end-deployment.ts";
import type { SiteUseCases } from "./ports.ts";
import { registerDeployment } from "./register-deployment.ts";
import { updateDeployment } from "./update-deployment.ts";
import type { CallbackAnswer } from "../template-src/contract.ts";

export type CallbackDeps = Pick<
  CoreDeps,
  "audience" | "clock" | "identity" | "licenses" | "log" | "metering" | "product" | "siteStore"
>;

/** What became of an authentic callback. */
export type CallbackOutcome =
  | { readonly kind: "accepted"; readonly answer: CallbackAnswer }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The stack's callback, for Create, Update and Delete (design §4.5). */
export async function answerCallback(
  deps: CallbackDeps,
  envelope: unknown,
): ReturnType<SiteUseCases["callback"]> {
  const authentication = await authenticateCallback(deps, envelope);
  const outcome =
    authentication.kind === "refused"
      ? authentication
      : await answerAuthentic(deps, authentication.callback);
  if (outcome.kind === "accepted") return outcome;
  const { status, code, message } = outcome.refusal;
  deps.log("info", "a callback was refused", { status, code });
  return { kind: "refused", status, refusal: { error: { code, message } } };
}

async function answerAuthentic(
  deps: CallbackDeps,
  callback: AuthenticCallback,
): Promise<CallbackOutcome> {
  const { requestType } = callback.payload;
  const outcome = await answerByType(deps, callback);
  if (outcome.kind === "accepted") {
    const { deploymentId, stack } = callback;
    const { accountId, region } = stack;
    deps.log("info", "a callback was accepted", { requestType, deploymentId, accountId, region });
  }
  return outcome;
}

function answerByType(deps: CallbackDeps, callback: AuthenticCallback): Promise<CallbackOutcome> {
  switch (callback.payload.requestType) {
    case "Create":
      return registerDeployment(deps, callback);
    case "Update":
      return updateDeployment(deps, callback);
    case "Delete":
      return endDeployment(deps, callback);
  }
}
