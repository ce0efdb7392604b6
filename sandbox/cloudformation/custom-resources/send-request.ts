import { createHash } from "node:crypto";
import { fail, randomText, text } from "../resources/resource-type.ts";
import { Interrupted, type Engine } from "../stacks/engine.ts";
import type { Stack } from "../stacks/stack.ts";
import { asText, isObject, type Json, type JsonObject } from "../template/template.ts";
import { readAnswer, type CustomAnswer } from "./custom-answer.ts";

/** What a custom resource's function is asked to do. */
export interface CustomRequest {
  readonly requestType: "Create" | "Update" | "Delete";
  readonly logicalId: string;
  readonly resourceType: string;
  readonly properties: JsonObject;
  readonly oldProperties?: JsonObject;
  readonly physicalId?: string;
  /** Which operation and phase of it asks; the same attempt has the same RequestId. */
  readonly attempt: string;
}

const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600;
/** A PUT that the function did not wait for may still be on its way when its process has ended. */
const GRACE_MS = 150;

type Settled = Exclude<CustomAnswer, { kind: "foreign" }>;

/**
 * Invokes the function behind ServiceToken and waits for its answer at the ResponseURL. Never
 * throws for what the function does: silence is a failure, too.
 */
export async function sendRequest(
  engine: Engine,
  stack: Stack,
  request: CustomRequest,
  abandon: AbortSignal,
): Promise<Settled> {
  const fn = functionBehind(engine, stack, request);
  const requestId = stableRequestId(stack, request);
  const identity = { requestId, stackId: stack.id, logicalResourceId: request.logicalId };
  const undo: (() => void)[] = [];
  const answer = new Promise<Settled>((resolve, reject) => {
    const failed = (reason: string) => resolve({ kind: "failed", reason, physicalId: undefined });
    const responseUrl = engine.responseUrls.open((arrival) => {
      const read = readAnswer(arrival, identity);
      if (read.kind !== "foreign") resolve(read);
    });
    const silence =
      "CloudFormation did not receive a response from your Custom Resource. Please check your " +
      `logs for requestId [${requestId}].`;
    const timer = setTimeout(() => failed(silence), serviceTimeoutMs(request));
    undo.push(
      () => responseUrl.close(),
      () => clearTimeout(timer),
      whenAborted(abandon, () => failed("Resource creation cancelled")),
      whenAborted(engine.stopping, () => reject(new Interrupted())),
    );
    // Once Lambda has given up, nobody is left who could answer: no need to wait out the timeout.
    const event = eventOf(stack, request, requestId, responseUrl.url);
    void engine.functions.invokeAsync(fn, event).finished.then(() => {
      const grace = setTimeout(() => failed(silence), GRACE_MS);
      undo.push(() => clearTimeout(grace));
    });
  });
  return answer.finally(() => undo.forEach((step) => step()));
}

function serviceTimeoutMs({ properties }: CustomRequest): number {
  return Number(text(properties, "ServiceTimeout") ?? DEFAULT_SERVICE_TIMEOUT_SECONDS) * 1000;
}

/** Calls back at once when it has happened already; gives back how to stop listening. */
function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback();
  signal.addEventListener("abort", callback);
  return () => signal.removeEventListener("abort", callback);
}

function functionBehind(engine: Engine, stack: Stack, request: CustomRequest) {
  const token = text(request.properties, "ServiceToken");
  if (token === undefined) fail("Value of property ServiceToken must be of type String");
  const found = engine.functions.find(token, stack.accountId, stack.region);
  return (
    found ??
    fail(
      `Invalid service token: ${token} is no function in ${stack.region} of account ${stack.accountId}. ` +
        "The sandbox runs functions that stacks made there.",
    )
  );
}

/** The same attempt, begun again after a restart, is the same request to the function. */
function stableRequestId(stack: Stack, request: CustomRequest): string {
  const { requestType, logicalId, physicalId, attempt } = request;
  const hex = createHash("sha256")
    .update(JSON.stringify([stack.id, requestType, logicalId, physicalId ?? null, attempt]))
    .digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}

function eventOf(stack: Stack, request: CustomRequest, requestId: string, url: string): Json {
  return {
    RequestType: request.requestType,
    ServiceToken: text(request.properties, "ServiceToken") ?? "",
    ResponseURL: url,
    StackId: stack.id,
    RequestId: requestId,
    LogicalResourceId: request.logicalId,
    ...(request.physicalId === undefined ? {} : { PhysicalResourceId: request.physicalId }),
    ResourceType: request.resourceType,
    ResourceProperties: asStrings(request.properties),
    ...(request.oldProperties === undefined
      ? {}
      : { OldResourceProperties: asStrings(request.oldProperties) }),
  };
}

/** Numbers and booleans arrive as strings (protocol-facts B5). */
export function asStrings(value: Json): Json {
  if (Array.isArray(value)) return (value as Json[]).map(asStrings);
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asStrings(one)]));
  }
  return value === null ? null : asText(value);
}

/** What CloudFormation calls a custom resource whose function never named it. */
export function fallbackPhysicalId(engine: Engine, stack: Stack, logicalId: string): string {
  return `${stack.name}-${logicalId}-${randomText(engine.context, 12)}`;
}
