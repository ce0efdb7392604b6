import { decode as decodeCbor, encode as encodeCbor, Token, Type } from "cborg";
import { AwsError } from "../aws-service.ts";
import type { AwsService } from "../aws-service.ts";
import { decodeForm, encodeXmlAnswer, encodeXmlError } from "./query-codec.ts";

/**
 * The protocols that the AWS SDKs speak to us. An error has to use the protocol of its request:
 * an XML client that gets JSON fails with a parse error instead of the reason.
 */
export type ProtocolName = "json-1.0" | "json-1.1" | "query" | "query-json" | "cbor";

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** What a request asks for, before anybody looked at who is asking. */
export interface WireCall {
  readonly protocol: ProtocolName;
  readonly service: AwsService;
  readonly action: string;
  /** Reads the body; throws `AwsError("SerializationException")` when it isn't what it says. */
  decode(): Record<string, unknown>;
}

export interface WireRequest {
  readonly path: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  /** Signing name in the credential scope, if there is one. */
  readonly signingName: string | undefined;
}

const OPERATION_PATH = /^\/service\/([A-Za-z0-9_.]+)\/operation\/([A-Za-z0-9_]+)$/;

/** Told apart as measured on the SDKs (feasibility §7): path, then target, then scope. */
export function wireCallOf(
  request: WireRequest,
  services: readonly AwsService[],
): WireCall | undefined {
  return cborCall(request, services) ?? jsonCall(request, services) ?? queryCall(request, services);
}

function cborCall(request: WireRequest, services: readonly AwsService[]): WireCall | undefined {
  const [, prefix, action] = OPERATION_PATH.exec(request.path) ?? [];
  if (prefix === undefined || action === undefined) return undefined;
  const service = services.find(({ targetPrefix }) => targetPrefix === prefix);
  if (service === undefined || request.header("smithy-protocol") !== "rpc-v2-cbor") {
    return undefined;
  }
  const decode = () => structure(() => (request.body.length === 0 ? {} : cborValue(request.body)));
  return { protocol: "cbor", service, action, decode };
}

function jsonCall(request: WireRequest, services: readonly AwsService[]): WireCall | undefined {
  const target = request.header("x-amz-target");
  if (target === undefined) return undefined;
  const dot = target.lastIndexOf(".");
  const prefix = target.slice(0, dot);
  const service = services.find(({ targetPrefix }) => targetPrefix === prefix);
  if (dot < 0 || service === undefined) return undefined;
  const old = request.header("content-type")?.includes("json-1.0") === true;
  return {
    protocol: old ? "json-1.0" : "json-1.1",
    service,
    action: target.slice(dot + 1),
    decode: () => structure(() => JSON.parse(utf8(request.body) || "{}")),
  };
}

function queryCall(request: WireRequest, services: readonly AwsService[]): WireCall | undefined {
  const form = request.header("content-type")?.startsWith("application/x-www-form-urlencoded");
  if (form !== true || request.signingName === undefined) return undefined;
  const signingName = request.signingName;
  const service = services.find(
    ({ signingNames, xmlNamespace }) =>
      xmlNamespace !== undefined && signingNames.includes(signingName),
  );
  if (service === undefined) return undefined;
  const { action, input } = decodeForm(utf8(request.body));
  const json = request.header("accept")?.includes("application/json") === true;
  return { protocol: json ? "query-json" : "query", service, action, decode: () => input };
}

export function encodeAnswer(call: WireCall, output: unknown, requestId: string): WireAnswer {
  const { protocol, service, action } = call;
  switch (protocol) {
    case "cbor":
      return answer(200, protocol, encodeCbor(output ?? {}, CBOR_OPTIONS));
    case "json-1.0":
    case "json-1.1":
      return answer(200, protocol, JSON.stringify(withEpochSeconds(output ?? {})));
    case "query-json": {
      const body = { [`${action}Result`]: output, ResponseMetadata: { RequestId: requestId } };
      return answer(
        200,
        protocol,
        JSON.stringify({ [`${action}Response`]: withEpochSeconds(body) }),
      );
    }
    case "query":
      return answer(
        200,
        protocol,
        encodeXmlAnswer(action, service.xmlNamespace ?? "", output, requestId),
      );
  }
}

export function encodeError(call: WireCall, error: AwsError, requestId: string): WireAnswer {
  const { protocol, service } = call;
  switch (protocol) {
    case "cbor": {
      const body = encodeCbor(
        { __type: error.code, message: error.message, ...error.fields },
        CBOR_OPTIONS,
      );
      return answer(error.status, protocol, body);
    }
    case "json-1.0":
    case "json-1.1": {
      const body = { __type: error.code, message: error.message, ...error.fields };
      return answer(error.status, protocol, JSON.stringify(withEpochSeconds(body)), {
        "x-amzn-errortype": error.code,
      });
    }
    case "query-json": {
      const fault = { Code: error.code, Message: error.message, Type: "Sender" };
      return answer(error.status, protocol, JSON.stringify({ Error: fault, RequestId: requestId }));
    }
    case "query":
      return answer(
        error.status,
        protocol,
        encodeXmlError(error, service.xmlNamespace ?? "", requestId),
      );
  }
}

const CONTENT_TYPES: Record<ProtocolName, string> = {
  "json-1.0": "application/x-amz-json-1.0",
  "json-1.1": "application/x-amz-json-1.1",
  query: "text/xml",
  "query-json": "application/json",
  cbor: "application/cbor",
};

function answer(
  status: number,
  protocol: ProtocolName,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): WireAnswer {
  const contentType = { "content-type": CONTENT_TYPES[protocol] };
  const smithy: Record<string, string> =
    protocol === "cbor" ? { "smithy-protocol": "rpc-v2-cbor" } : {};
  return { status, headers: { ...contentType, ...smithy, ...headers }, body };
}

/** JSON carries instants as epoch seconds with fractions. */
function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, withEpochSeconds(child)]),
  );
}

/** CBOR carries them as tag 1 around epoch seconds; read back, they are plain numbers. */
const EPOCH_SECONDS_TAG = 1;

const CBOR_OPTIONS = {
  ignoreUndefinedProperties: true,
  typeEncoders: {
    Date: (date: unknown) => {
      const seconds = (date as Date).getTime() / 1000;
      return [new Token(Type.tag, EPOCH_SECONDS_TAG), new Token(Type.float, seconds)];
    },
  },
};

const cborValue = (body: Uint8Array): unknown =>
  decodeCbor(body, { tags: { [EPOCH_SECONDS_TAG]: (decode) => decode() } });

const utf8 = (body: Uint8Array): string => new TextDecoder().decode(body);

function structure(decode: () => unknown): Record<string, unknown> {
  let value: unknown;
  try {
    value = decode();
  } catch {
    throw new AwsError("SerializationException", "The request body could not be read.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AwsError("SerializationException", "The request body is not a structure.");
  }
  return value as Record<string, unknown>;
}
