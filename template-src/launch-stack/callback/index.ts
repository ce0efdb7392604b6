import type { CallbackEnvelope, CallbackPayload } from "../../contract.ts";
import { callSite, type SiteOutcome } from "./call-site.ts";
import type { CustomResourceEvent } from "./event.ts";
import { respond } from "./respond.ts";
import { signProof } from "./sign-proof.ts";
import { verdictFor } from "./verdict.ts";

/**
 * The custom resource that registers the stack with the seller: on Create, Update and Delete.
 *
 * Everything ends within 20 seconds, the answer to CloudFormation included, even when the site
 * hangs: a buyer who waits for an hour blames the product.
 */
const SITE_BUDGET_MS = 14_000;
const TOTAL_BUDGET_MS = 19_000;
/** One try may be slow: before it answers a Delete, the site reads the last cost. */
const LIMITS = { tries: 3, perTryMs: 9_000, pauseMs: 500 };

export async function handler(event: CustomResourceEvent): Promise<void> {
  const started = performance.now();
  const remainingOf = (budgetMs: number) => () => started + budgetMs - performance.now();
  const outcome = await register(event, remainingOf(SITE_BUDGET_MS));
  const verdict = verdictFor(event, outcome);
  // Never the envelope: it holds the install code, the session token and the signature.
  console.log(
    JSON.stringify({
      requestType: event.RequestType,
      requestId: event.RequestId,
      site: outcome.kind,
      status: verdict.status,
      ...(outcome.kind === "accepted" ? {} : { reason: outcome.reason }),
    }),
  );
  await respond(event, verdict, remainingOf(TOTAL_BUDGET_MS));
}

/** Never throws: without a verdict, the stack would hang until its ServiceTimeout. */
async function register(
  event: CustomResourceEvent,
  remainingMs: () => number,
): Promise<SiteOutcome> {
  try {
    const url = environment("CALLBACK_URL");
    return await callSite(url, () => envelopeFor(event), LIMITS, remainingMs);
  } catch (error) {
    const reason = `The registration function failed: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: "unavailable", reason };
  }
}

function envelopeFor(event: CustomResourceEvent): CallbackEnvelope {
  const { InstallCode, TemplateVersion, Resources } = event.ResourceProperties;
  const payload: CallbackPayload = {
    version: 1,
    requestType: event.RequestType,
    requestId: event.RequestId,
    stackId: event.StackId,
    logicalResourceId: event.LogicalResourceId,
    ...(event.PhysicalResourceId === undefined
      ? {}
      : { physicalResourceId: event.PhysicalResourceId }),
    installCode: InstallCode,
    templateVersion: TemplateVersion,
    resources: Resources,
  };
  const text = JSON.stringify(payload);
  const proof = signProof({
    credentials: {
      accessKeyId: environment("AWS_ACCESS_KEY_ID"),
      secretAccessKey: environment("AWS_SECRET_ACCESS_KEY"),
      sessionToken: environment("AWS_SESSION_TOKEN"),
    },
    region: environment("AWS_REGION"),
    stsHost: environment("STS_HOST"),
    audience: environment("AUDIENCE"),
    payload: text,
    now: new Date(),
  });
  return { payload: text, proof };
}

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set.`);
  return value;
}
