import { randomUUID } from "node:crypto";
import {
  type CallbackEnvelope,
  USAGE_PATH,
  USAGE_TOKEN_PATH,
  type UsageTokenAnswer,
  type UsageTokenPayload,
} from "../template-src/contract.ts";
import { signProof } from "../template-src/launch-stack/callback/sign-proof.ts";

/** Runs in the buyer's account, inside the product: no dependency but Node's own. */
export interface UsageClientOptions {
  /** The registration site's origin, `https://…`. */
  readonly site: string;
  /** `{ "Ref": "AWS::StackId" }` of the launch stack. */
  readonly stackId: string;
  /** The stack's region. */
  readonly region: string;
  /** Of a role that CloudFormation made for the stack. Asked for each token. */
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  }>;
  readonly timeoutMs?: number;
  readonly now?: () => Date;
}

export interface UsageToSend {
  /** Made once and kept with the event: sent again, it has to be the same. */
  readonly id: string;
  /** Ends in `.usage.` and the meter's name. */
  readonly type: string;
  /** When it was used (RFC 3339). */
  readonly time: string;
  readonly data: { readonly quantity: string | number };
  /** The deployment's own when left out. */
  readonly source?: string;
}

export interface SentUsage {
  readonly id?: string;
  readonly source?: string;
  readonly verdict: string;
  /** Why it was not recorded. */
  readonly message?: string;
}

/** No answer, or one that judges no event: the same events may, and have to, be sent again. */
export class UsageNotSent extends Error {
  override readonly name = "UsageNotSent";
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, status?: number, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const EVENTS_AT_ONCE = 500;
const TIMEOUT_MS = 10_000;
/** Well before its end, by whatever the product's clock says. */
const RENEW_AFTER_MS = 10 * 60_000;

const URL_SUFFIX: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-eusc": "amazonaws.eu",
};

export function usageClient(options: UsageClientOptions) {
  const now = options.now ?? (() => new Date());
  let current: { readonly answer: UsageTokenAnswer; readonly renewAt: number } | undefined;

  async function token(): Promise<UsageTokenAnswer> {
    if (current !== undefined && now().getTime() < current.renewAt) return current.answer;
    const envelope = await proofOf(options, now());
    const response = await post(options, USAGE_TOKEN_PATH, JSON.stringify(envelope), {
      "content-type": "application/json",
    });
    if (!response.ok) throw await notSent(response);
    const answer = (await response.json()) as UsageTokenAnswer;
    current = { answer, renewAt: now().getTime() + RENEW_AFTER_MS };
    return answer;
  }

  async function sendBatch(events: readonly UsageToSend[]): Promise<readonly SentUsage[]> {
    for (let attempt = 1; ; attempt += 1) {
      const { token: bearer, source } = await token();
      const batch = events.map((event) => ({ specversion: "1.0", source, ...event }));
      const response = await post(options, USAGE_PATH, JSON.stringify(batch), {
        "content-type": "application/cloudevents-batch+json",
        authorization: `Bearer ${bearer}`,
      });
      // The site may have changed its key, or the clock here stands still: one new token, once.
      if (response.status === 401 && attempt === 1) {
        current = undefined;
        continue;
      }
      if (!response.ok) throw await notSent(response);
      return ((await response.json()) as { results: readonly SentUsage[] }).results;
    }
  }

  return {
    /** What became of each event, in order. Throws `UsageNotSent` when that is not known. */
    async send(events: readonly UsageToSend[]): Promise<readonly SentUsage[]> {
      const results: SentUsage[] = [];
      for (let from = 0; from < events.length; from += EVENTS_AT_ONCE) {
        results.push(...(await sendBatch(events.slice(from, from + EVENTS_AT_ONCE))));
      }
      return results;
    },
  };
}

/** The proof of the callback, for another address and with words of its own. */
async function proofOf(
  { site, stackId, region, credentials }: UsageClientOptions,
  now: Date,
): Promise<CallbackEnvelope> {
  const words: UsageTokenPayload = {
    version: 1,
    purpose: "usage-token",
    requestId: randomUUID(),
    stackId,
  };
  const payload = JSON.stringify(words);
  const partition = stackId.split(":")[1] ?? "aws";
  const proof = signProof({
    credentials: await credentials(),
    region,
    stsHost: `sts.${region}.${URL_SUFFIX[partition] ?? "amazonaws.com"}`,
    audience: `${new URL(site).origin}${USAGE_TOKEN_PATH}`,
    payload,
    now,
  });
  return { payload, proof };
}

async function post(
  { site, timeoutMs = TIMEOUT_MS }: UsageClientOptions,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  try {
    return await fetch(new URL(path, site), {
      method: "POST",
      body,
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    throw new UsageNotSent(`${new URL(site).host} gave no answer: ${(cause as Error).message}`);
  }
}

async function notSent(response: Response): Promise<UsageNotSent> {
  const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
  const seconds = /^\d{1,6}$/.exec(response.headers.get("retry-after") ?? "")?.[0];
  return new UsageNotSent(
    detail ?? `The registration site answered ${response.status}.`,
    response.status,
    seconds === undefined ? undefined : parseInt(seconds, 10),
  );
}
