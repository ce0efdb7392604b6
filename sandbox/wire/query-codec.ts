/**
 * The AWS Query protocol: a form in, XML out.
 *
 * `A.member.1.B=x` is a list of structures, `A.entry.1.key=x` a map; values stay strings, as the
 * wire has no types.
 */
type Tree = Map<string, Tree | string>;

export function decodeForm(body: string): { action: string; input: Record<string, unknown> } {
  const root: Tree = new Map();
  for (const [name, value] of new URLSearchParams(body)) insert(root, name.split("."), value);
  const input = plainMap(root);
  const { Action: action, ...rest } = input;
  delete rest["Version"];
  return { action: typeof action === "string" ? action : "", input: rest };
}

function insert(tree: Tree, path: readonly string[], value: string): void {
  const [head = "", ...tail] = path;
  if (tail.length === 0) {
    tree.set(head, value);
    return;
  }
  const known = tree.get(head);
  const child: Tree = known instanceof Map ? known : new Map<string, Tree | string>();
  tree.set(head, child);
  insert(child, tail, value);
}

function plain(node: Tree | string | undefined): unknown {
  if (!(node instanceof Map)) return node;
  const [only] = node.keys();
  if (node.size === 1 && only === "member") return numbered(node.get("member")) ?? plainMap(node);
  if (node.size === 1 && only === "entry") return entries(node.get("entry")) ?? plainMap(node);
  return plainMap(node);
}

/** The children `1`, `2`, … in their order; undefined when they are something else. */
function numbered(node: Tree | string | undefined): unknown[] | undefined {
  if (!(node instanceof Map)) return undefined;
  const keys = [...node.keys()];
  if (!keys.every((key) => /^\d{1,6}$/.test(key))) return undefined;
  return keys
    .sort((left, right) => Number(left) - Number(right))
    .map((key) => plain(node.get(key)));
}

function entries(node: Tree | string | undefined): Record<string, unknown> | undefined {
  const list = numbered(node) as { key?: unknown; value?: unknown }[] | undefined;
  if (list === undefined) return undefined;
  return Object.fromEntries(list.map(({ key, value }) => [String(key), value]));
}

/** `fromEntries` defines own properties, so a name like `__proto__` is only a name. */
const plainMap = (node: Tree): Record<string, unknown> =>
  Object.fromEntries([...node].map(([name, child]) => [name, plain(child)]));

export function encodeXmlAnswer(
  action: string,
  xmlNamespace: string,
  output: unknown,
  requestId: string,
): string {
  const result = xmlOf(output);
  return (
    `<${action}Response xmlns="${escapeXml(xmlNamespace)}">` +
    `<${action}Result>${result}</${action}Result>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
    `</${action}Response>`
  );
}

export function encodeXmlError(
  error: { code: string; message: string; status: number },
  xmlNamespace: string,
  requestId: string,
): string {
  const type = error.status >= 500 ? "Receiver" : "Sender";
  return (
    `<ErrorResponse xmlns="${escapeXml(xmlNamespace)}"><Error><Type>${type}</Type>` +
    `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}

function xmlOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<member>${xmlOf(item)}</member>`).join("");
  if (typeof value === "object") {
    return Object.entries(value)
      .filter(([, child]) => child !== undefined && child !== null)
      .map(([name, child]) => `<${name}>${xmlOf(child)}</${name}>`)
      .join("");
  }
  return typeof value === "string" ? escapeXml(value) : JSON.stringify(value);
}

const XML_ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"\r]/g, (character) => XML_ESCAPES[character] ?? character)
    // XML 1.0 has no way to write these, so a client could not read the answer.
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
