export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
}

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
const ACCOUNT = /^[0-9]{12}$/;

/**
 * What STS says of a caller, or undefined if the answer is anything but exactly that.
 *
 * JSON is asked for, XML is what some endpoints answer anyway (protocol-facts D1).
 */
export function parseCallerIdentity(contentType: string, body: string): CallerIdentity | undefined {
  const found = /^application\/(?:x-amz-json-1\.[01]|json)\b/i.test(contentType)
    ? fromJson(body)
    : /^(?:text|application)\/xml\b/i.test(contentType)
      ? fromXml(body)
      : undefined;
  if (found === undefined || !ACCOUNT.test(found.accountId)) return undefined;
  return found.arn.split(":")[4] === found.accountId ? found : undefined;
}

function fromJson(body: string): CallerIdentity | undefined {
  const result = field(field(parsed(body), "GetCallerIdentityResponse"), "GetCallerIdentityResult");
  const [accountId, arn] = [field(result, "Account"), field(result, "Arn")];
  if (typeof accountId !== "string" || typeof arn !== "string") return undefined;
  return { accountId, arn };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  const isRecord = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isRecord ? (value as Record<string, unknown>)[name] : undefined;
}

/** The whole document in the one shape that AWS sends: no attribute, entity or comment fits in. */
const DOCUMENT = new RegExp(
  String.raw`^\s*(?:<\?xml version="1\.0"(?: encoding="UTF-8")?\?>\s*)?` +
    String.raw`<GetCallerIdentityResponse xmlns="${NAMESPACE.replaceAll(".", "\\.")}">\s*` +
    String.raw`<GetCallerIdentityResult>((?:\s*<[A-Za-z]+>[^<>&]*</[A-Za-z]+>)+)\s*` +
    String.raw`</GetCallerIdentityResult>\s*` +
    String.raw`(?:<ResponseMetadata>\s*<RequestId>[^<>&]*</RequestId>\s*</ResponseMetadata>\s*)?` +
    String.raw`</GetCallerIdentityResponse>\s*$`,
);

function fromXml(body: string): CallerIdentity | undefined {
  const result = DOCUMENT.exec(body)?.[1];
  if (result === undefined) return undefined;
  const elements = [...result.matchAll(/<([A-Za-z]+)>([^<>&]*)<\/([A-Za-z]+)>/g)];
  if (elements.some(([, open, , close]) => open !== close)) return undefined;
  const only = (name: string) => {
    const values = elements.filter(([, open]) => open === name).map(([, , value]) => value);
    return values.length === 1 ? values[0] : undefined;
  };
  const [accountId, arn] = [only("Account"), only("Arn")];
  return accountId === undefined || arn === undefined ? undefined : { accountId, arn };
}
