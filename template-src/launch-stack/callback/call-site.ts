import type { CallbackAnswer, CallbackEnvelope } from "../../contract.ts";

/** What the site said, or why it said nothing. */
export type SiteOutcome =
  | { readonly kind: "accepted"; readonly answer: CallbackAnswer }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly reason: string };

export interface CallLimits {
  readonly tries: number;
  readonly perTryMs: number;
  readonly pauseMs: number;
}

/**
 * Posts the envelope until the site gives a definite answer or the time is up.
 *
 * `makeEnvelope` is called for every try, so that each carries a fresh signature.
 */
export async function callSite(
  url: string,
  makeEnvelope: () => CallbackEnvelope,
  limits: CallLimits,
  remainingMs: () => number,
): Promise<SiteOutcome> {
  const host = new URL(url).host;
  let outcome: SiteOutcome = unavailable(host, "was not asked in time");
  for (let attempt = 1; attempt <= limits.tries && remainingMs() > 0; attempt++) {
    outcome = await callOnce(url, host, makeEnvelope(), Math.min(limits.perTryMs, remainingMs()));
    if (outcome.kind !== "unavailable") return outcome;
    const pause = Math.min(limits.pauseMs * attempt, remainingMs());
    if (attempt < limits.tries && pause > 0) await new Promise((wake) => setTimeout(wake, pause));
  }
  return outcome;
}

async function callOnce(
  url: string,
  host: string,
  envelope: CallbackEnvelope,
  timeoutMs: number,
): Promise<SiteOutcome> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(envelope),
      // The proof is for this site alone: it does not follow a redirect to another.
      redirect: "manual",
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    });
    return readOutcome(host, response.status, await response.text());
  } catch (error) {
    return unavailable(host, whatHappened(error));
  }
}

function readOutcome(host: string, status: number, text: string): SiteOutcome {
  const body = parsed(text);
  if (status === 200) {
    const { deploymentId, settings } = body as Partial<CallbackAnswer>;
    return typeof deploymentId === "string" && deploymentId !== ""
      ? { kind: "accepted", answer: { deploymentId, settings: settings ?? {} } }
      : unavailable(host, "answered without a deployment id");
  }
  const { message } = (body.error ?? {}) as { message?: unknown };
  const said = typeof message === "string" && message !== "" ? message : undefined;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return {
      kind: "refused",
      reason: said ?? `The registration site ${host} refused this stack with status ${status}.`,
    };
  }
  return said === undefined
    ? unavailable(host, `answered with status ${status}`)
    : { kind: "unavailable", reason: said };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function unavailable(host: string, what: string): SiteOutcome {
  return {
    kind: "unavailable",
    reason:
      `The registration site ${host} ${what}. Nothing is wrong with your account: ` +
      `wait a few minutes and launch the stack again from the same page.`,
  };
}

/** fetch hides the reason in `cause`: "fetch failed" tells a buyer nothing. */
function whatHappened(error: unknown): string {
  if (!(error instanceof Error)) return "could not be reached";
  if (error.name === "TimeoutError") return "did not answer in time";
  const { cause } = error;
  const detail =
    cause instanceof Error
      ? String((cause as NodeJS.ErrnoException).code ?? cause.message)
      : error.message;
  return `could not be reached (${detail})`;
}
