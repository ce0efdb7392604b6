import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { UsageResult } from "../../metering/domain/usage-admission.ts";
import { USAGE_PATH, USAGE_TOKEN_PATH } from "../../template-src/contract.ts";
import { type UsageRefusal, usageRefusals } from "../domain/usage-refusals.ts";
import type { UsageSender, UsageUseCases } from "../usage-use-cases.ts";
import type { SiteDeps } from "./site-deps.ts";

const PROOF_LIMIT_BYTES = 32 * 1024;
/** What most gateways in front of a site take at once, and more than a batch needs. */
const EVENTS_LIMIT_BYTES = 1024 * 1024;
const LONGEST_BATCH = 500;

const ONE = "application/cloudevents+json";
const SEVERAL = "application/cloudevents-batch+json";

/** What the check of the token leaves for the route. */
interface UsageEnv {
  Variables: { sender: UsageSender };
}

/** Read by programs alone: no session, no page, problems as `application/problem+json`. */
export function usageRoutes(
  useCases: UsageUseCases,
  { log }: Pick<SiteDeps, "log">,
): Hono<UsageEnv> {
  const app = new Hono<UsageEnv>();
  app.post(
    USAGE_TOKEN_PATH,
    bodyLimit({
      maxSize: PROOF_LIMIT_BYTES,
      onError: (c) => problem(c, usageRefusals.tooLarge(PROOF_LIMIT_BYTES)),
    }),
    async (c) => {
      const outcome = await useCases.token(await jsonBody(c));
      switch (outcome.kind) {
        case "issued":
          return c.json(outcome.answer);
        case "refused":
          return problem(c, outcome.refusal);
      }
    },
  );
  app.post(
    USAGE_PATH,
    // Who it is comes first: a stranger's body is not even read.
    async (c, next) => {
      const authorization = c.req.header("authorization");
      const outcome = await useCases.authorize(bearerOf(authorization));
      if (outcome.kind === "refused") return problem(c, outcome.refusal);
      c.set("sender", outcome.sender);
      return next();
    },
    bodyLimit({
      maxSize: EVENTS_LIMIT_BYTES,
      onError: (c) => problem(c, usageRefusals.tooLarge(EVENTS_LIMIT_BYTES)),
    }),
    async (c) => {
      const sent = await eventsOf(c);
      if (sent.kind === "refused") return problem(c, sent.refusal);
      const results = await useCases.record(c.get("sender"), sent.events);
      return sent.kind === "batch" ? c.json(answerTo(results)) : answerToOne(c, results);
    },
  );
  app.onError((error, c) => {
    log("error", "a usage request failed", { error: error.stack ?? String(error) });
    return problem(c, usageRefusals.failure());
  });
  return app;
}

type Sent =
  | { readonly kind: "one" | "batch"; readonly events: readonly unknown[] }
  | { readonly kind: "refused"; readonly refusal: UsageRefusal };

const refused = (refusal: UsageRefusal): Sent => ({ kind: "refused", refusal });

/** The events of the body in any of the three forms of CloudEvents over HTTP, not yet checked. */
async function eventsOf(c: Context): Promise<Sent> {
  if (c.req.header("content-encoding") !== undefined)
    return refused(usageRefusals.notACloudEvent());
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const isBinary = c.req.header("ce-specversion") !== undefined && type === "application/json";
  if (type !== ONE && type !== SEVERAL && !isBinary) {
    return refused(usageRefusals.notACloudEvent());
  }
  const body = await jsonBody(c);
  if (body === undefined) return refused(usageRefusals.notJson());
  if (type === SEVERAL) {
    if (!Array.isArray(body)) return refused(usageRefusals.notJson());
    return body.length > LONGEST_BATCH
      ? refused(usageRefusals.tooMany(LONGEST_BATCH))
      : { kind: "batch", events: body };
  }
  return { kind: "one", events: [isBinary ? binaryEvent(c, body) : body] };
}

/** Binary mode: the attributes are headers, percent-encoded; the body is the data. */
function binaryEvent(c: Context, data: unknown): unknown {
  const attributes = Object.entries(c.req.header())
    .filter(([name]) => name.startsWith("ce-"))
    .map(([name, value]) => [name.slice("ce-".length), decoded(value)] as const);
  return { ...Object.fromEntries(attributes), data };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Undefined for what is not JSON in UTF-8. */
async function jsonBody(c: Context): Promise<unknown> {
  try {
    const bytes = await c.req.arrayBuffer();
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    // Anything else is the stream's own, such as the limit's.
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? "")?.[1];
}

/** In the order of the events. Counts first, for those who only want to know whether all is well. */
function answerTo(results: readonly UsageResult[]) {
  const count = (kind: UsageResult["kind"]) => results.filter((each) => each.kind === kind).length;
  const [accepted, duplicate] = [count("accepted"), count("duplicate")];
  return {
    accepted,
    duplicate,
    refused: results.length - accepted - duplicate,
    results: results.map(({ kind, source, id, ...rest }) => ({
      verdict: kind,
      ...(source === undefined ? {} : { source }),
      ...(id === undefined ? {} : { id }),
      ...rest,
    })),
  };
}

/** One event's verdict is also the answer's status, for senders that look no further. */
function answerToOne(c: Context, results: readonly UsageResult[]): Response {
  const [result] = results;
  if (result === undefined) throw new Error("an event has no verdict");
  switch (result.kind) {
    case "accepted":
    case "duplicate":
      return c.json(answerTo(results));
    case "conflict":
      return problem(c, { status: 409, code: result.kind, message: result.message });
    case "invalid":
      return problem(c, { status: 400, code: result.kind, message: result.message });
    case "too-late":
    case "too-early":
    case "outside-license":
    case "unknown-meter":
      return problem(c, { status: 422, code: result.kind, message: result.message });
  }
}

type Problem = Omit<UsageRefusal, "status"> & {
  readonly status: UsageRefusal["status"] | 409 | 422;
};

/** RFC 9457. */
function problem(c: Context, { status, code, message, retryAfterSeconds }: Problem): Response {
  if (retryAfterSeconds !== undefined) c.header("retry-after", String(retryAfterSeconds));
  if (status === 401) c.header("www-authenticate", 'Bearer realm="usage"');
  const body = {
    type: `urn:launchmeter:problem:${code}`,
    title: code.replaceAll("-", " "),
    status,
    detail: message,
    code,
  };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}
