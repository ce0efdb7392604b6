import type {
  AccountProof,
  CallbackEnvelope,
  CallbackPayload,
} from "../../template-src/contract.ts";

/** CloudFormation's own answer is capped at 4 KB, its properties are a handful of ARNs. */
const LONGEST_PAYLOAD = 16_384;
const MOST_RESOURCES = 50;

const REQUEST_ID = /^[A-Za-z0-9-]{8,128}$/;
const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/;
/** Also keeps `__proto__` out. */
const RESOURCE_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
/** Printable ASCII: no line break can reach a header, a log or a page. */
const RESOURCE_VALUE = /^[\x20-\x7e]{0,2048}$/;

type Fields = Readonly<Record<string, unknown>>;

/** The envelope with its types checked: what arrived is JSON from anyone. */
export function parseEnvelope(envelope: unknown): CallbackEnvelope | undefined {
  const { payload, proof } = fieldsOf(envelope);
  const { accessKeyId, sessionToken, region, date, signature } = fieldsOf(proof);
  const pieces = [payload, accessKeyId, sessionToken, region, date, signature];
  if (!pieces.every((piece) => typeof piece === "string")) return undefined;
  // Only the five pieces that travel; whatever else came is left behind.
  const checked = { accessKeyId, sessionToken, region, date, signature } as AccountProof;
  return { payload: payload as string, proof: checked };
}

/** What the stack says, or undefined if it is not said in the contract's form. */
export function parsePayload(payload: string): CallbackPayload | undefined {
  if (payload.length > LONGEST_PAYLOAD) return undefined;
  const said = fieldsOf(parsed(payload));
  const { requestType, physicalResourceId, installCode } = said;
  const resources = parseResources(said.resources);
  if (said.version !== 1 || resources === undefined) return undefined;
  if (requestType !== "Create" && requestType !== "Update" && requestType !== "Delete") {
    return undefined;
  }
  if (physicalResourceId !== undefined && typeof physicalResourceId !== "string") return undefined;
  const { requestId, stackId, logicalResourceId, templateVersion } = said;
  if (!matches(requestId, REQUEST_ID) || !matches(logicalResourceId, LOGICAL_ID)) return undefined;
  if (!matches(templateVersion, VERSION)) return undefined;
  if (typeof stackId !== "string" || typeof installCode !== "string") return undefined;
  return {
    version: 1,
    requestType,
    requestId,
    stackId,
    logicalResourceId,
    ...(physicalResourceId === undefined ? {} : { physicalResourceId }),
    installCode,
    templateVersion,
    resources,
  };
}

function parseResources(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const wellFormed = entries.every(
    ([name, text]) => RESOURCE_NAME.test(name) && matches(text, RESOURCE_VALUE),
  );
  if (!wellFormed || entries.length > MOST_RESOURCES) return undefined;
  return Object.fromEntries(entries);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Own fields only: nothing is read from a prototype. */
function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.assign(Object.create(null) as object, value) as Fields;
}
