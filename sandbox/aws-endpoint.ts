import { randomUUID } from "node:crypto";
import { AwsError } from "./aws-service.ts";
import type { AwsService } from "./aws-service.ts";
import type { Faults } from "./faults.ts";
import type { IamStore } from "./iam/iam-store.ts";
import type { SandboxClock } from "./sandbox.ts";
import type { ObservedCall } from "./trail/trail-event.ts";
import type { PlainAnswer, ReceivedRequest, ServerAnswer } from "./server.ts";
import { authenticate } from "./wire/authenticate.ts";
import type { Authenticated, ErrorFamily } from "./wire/authenticate.ts";
import { encodeAnswer, encodeError, wireCallOf } from "./wire/protocols.ts";
import type { WireCall } from "./wire/protocols.ts";
import { encodeXmlError } from "./wire/query-codec.ts";
import { claimedScope } from "./wire/signature-v4.ts";

/** One line of the requests log: who asked what, and what came of it. Holds no credential. */
export interface LoggedCall {
  readonly at: number;
  readonly requestId: string;
  readonly service: string;
  readonly action: string;
  readonly protocol: string;
  readonly caller?: string;
  readonly region?: string;
  /** `ok`, an error code, or the fault that struck. */
  readonly outcome: string;
}

export interface AwsEndpointDeps {
  readonly clock: SandboxClock;
  readonly iam: IamStore;
  readonly faults: Faults;
  readonly services: () => readonly AwsService[];
  readonly log: (call: LoggedCall) => void;
  /** Told of every call whose signature held, before its answer leaves or is lost. */
  readonly observe: (call: ObservedCall) => void;
}

/** Every AWS service of the sandbox behind one address. Undefined: not an AWS request. */
export function awsEndpoint(deps: AwsEndpointDeps) {
  return async (request: ReceivedRequest): Promise<ServerAnswer | undefined> => {
    if (request.method !== "POST") return undefined;
    const call = wireCallOf(
      {
        path: request.path,
        header: (name) => request.header(name),
        body: request.body,
        signingName: claimedScope(request)?.service ?? guessedSigningName(request),
      },
      deps.services(),
    );
    if (call === undefined) return looksLikeAws(request) ? unknownOperation(request) : undefined;
    return answerCall(deps, request, call);
  };
}

async function answerCall(
  deps: AwsEndpointDeps,
  request: ReceivedRequest,
  call: WireCall,
): Promise<ServerAnswer> {
  const { clock, faults } = deps;
  const requestId = randomUUID();
  const name = call.service.signingNames[0] ?? "unknown";
  let identity: { caller?: string; region?: string } = {};
  const log = (outcome: string): void =>
    deps.log({
      at: clock.now(),
      requestId,
      service: name,
      action: call.action,
      protocol: call.protocol,
      ...identity,
      outcome,
    });

  const skew = faults.fires(name, call.action, "skew")?.delayMs ?? 0;
  const date: Record<string, string> =
    skew === 0 ? {} : { date: new Date(clock.now() + skew).toUTCString() };
  const finished = (answer: PlainAnswer): PlainAnswer => ({
    ...answer,
    headers: { ...answer.headers, ...date, "x-amzn-requestid": requestId },
  });

  try {
    const slow = faults.fires(name, call.action, "slow");
    if (slow !== undefined) await realDelay(slow.delayMs ?? 1000);
    if (faults.fires(name, call.action, "lose-request") !== undefined) {
      log("lose-request");
      return "cut";
    }
    const family: ErrorFamily = call.protocol.startsWith("query") ? "query" : "json";
    const now = (): number => clock.now() + skew;
    const judge = { iam: deps.iam, clock: { now } };
    const signed = authenticate(judge, request, family, call.service.signingNames);
    identity = { caller: signed.caller.arn, region: signed.scope.region };
    const output = await observed(deps, { request, call, signed, requestId }, () =>
      strike(faults, name, call, family),
    );
    if (faults.fires(name, call.action, "lose-answer") !== undefined) {
      log("lose-answer");
      return "cut";
    }
    if (faults.fires(name, call.action, "error-after") !== undefined) throw internalError(call);
    log("ok");
    return finished(encodeAnswer(call, output, requestId));
  } catch (error) {
    const known = error instanceof AwsError ? error : internalFailure(error, call);
    log(known.code);
    return finished(encodeError(call, known, requestId));
  }
}

interface SignedCall {
  readonly request: ReceivedRequest;
  readonly call: WireCall;
  readonly signed: Authenticated;
  readonly requestId: string;
}

/** Does what was asked for and tells CloudTrail, whatever comes of it. */
async function observed(
  { clock, observe }: AwsEndpointDeps,
  { request, call, signed, requestId }: SignedCall,
  strikes: () => void,
): Promise<unknown> {
  const { caller, scope } = signed;
  const at = clock.now();
  let input: Record<string, unknown> | undefined;
  const tell = (outcome: ObservedCall["outcome"]): void =>
    observe({
      at,
      requestId,
      service: call.service.signingNames[0] ?? "unknown",
      targetPrefix: call.service.targetPrefix,
      action: call.action,
      region: scope.region,
      caller,
      accessKeyId: scope.accessKeyId,
      userAgent: request.header("user-agent") ?? "",
      input,
      outcome,
    });
  try {
    strikes();
    input = call.decode();
    const bodyBytes = request.body.length;
    const { action } = call;
    const asked = { action, input, caller, region: scope.region, requestId, bodyBytes };
    const output = await call.service.handle(asked);
    tell({ kind: "answered", output });
    return output;
  } catch (error) {
    const known = error instanceof AwsError ? error : internalFailure(error, call);
    tell({ kind: "refused", code: known.code, message: known.message });
    throw known;
  }
}

function strike(faults: Faults, name: string, call: WireCall, family: ErrorFamily): void {
  if (faults.fires(name, call.action, "throttle") !== undefined) {
    const code = family === "query" ? "Throttling" : "ThrottlingException";
    throw new AwsError(code, "Rate exceeded", { status: 400 });
  }
  if (faults.fires(name, call.action, "error") !== undefined) {
    throw internalError(call);
  }
  if (faults.fires(name, call.action, "limit-exceeded") !== undefined) {
    throw new AwsError("LimitExceededException", "You made too many calls in a short period.");
  }
}

const internalError = (call: WireCall): AwsError =>
  new AwsError(internalErrorName(call), "An internal error has occurred.", { status: 500 });

function internalErrorName(call: WireCall): string {
  if (call.protocol.startsWith("query")) return "InternalFailure";
  if (call.service.targetPrefix?.startsWith("AWSMPCommerce") === true) {
    return "InternalServerException";
  }
  return call.service.targetPrefix?.startsWith("AWSMP") === true
    ? "InternalServiceErrorException"
    : "InternalServerError";
}

/** A bug of ours: the caller gets a 500 as from AWS, the console the cause. */
function internalFailure(error: unknown, call: WireCall): AwsError {
  console.error(`The sandbox failed in ${call.action}:`, error);
  return internalError(call);
}

/** An unsigned form still says which API it means; the answer must be in that API's protocol. */
function guessedSigningName(request: ReceivedRequest): string | undefined {
  const version = new URLSearchParams(new TextDecoder().decode(request.body)).get("Version");
  return version === "2011-06-15" ? "sts" : version === "2010-05-15" ? "cloudformation" : undefined;
}

const looksLikeAws = (request: ReceivedRequest): boolean =>
  request.header("x-amz-target") !== undefined ||
  request.header("smithy-protocol") !== undefined ||
  (request.path === "/" && request.header("authorization")?.startsWith("AWS4-") === true);

function unknownOperation(request: ReceivedRequest): PlainAnswer {
  const error = {
    code: "UnknownOperationException",
    message: "The sandbox has no such service; its README lists what it has.",
    status: 404,
  };
  return request.header("content-type")?.startsWith("application/x-www-form-urlencoded") === true
    ? {
        status: error.status,
        headers: { "content-type": "text/xml" },
        body: encodeXmlError(error, "", randomUUID()),
      }
    : {
        status: error.status,
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: JSON.stringify({ __type: error.code, message: error.message }),
      };
}

const realDelay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
