import type { CustomResourceEvent, Verdict } from "./event.ts";

/** CloudFormation refuses a longer answer (protocol-facts B2). */
const MOST_BYTES = 4096;

/**
 * Puts the verdict where CloudFormation waits for it.
 *
 * A stack that gets no answer hangs until its ServiceTimeout, so this is tried until the budget is
 * spent; then it throws, and Lambda runs the whole function again later.
 */
export async function respond(
  event: CustomResourceEvent,
  verdict: Verdict,
  remainingMs: () => number,
): Promise<void> {
  const body = Buffer.from(responseBody(event, verdict));
  for (let attempt = 1; ; attempt++) {
    try {
      return await put(event.ResponseURL, body, Math.min(3000, Math.max(500, remainingMs())));
    } catch (error) {
      if (attempt >= 3 || remainingMs() < 1000) throw error;
    }
  }
}

async function put(url: string, body: Buffer, timeoutMs: number): Promise<void> {
  const response = await fetch(url, {
    method: "PUT",
    // A presigned URL allows no content type, and fetch invents one for a string.
    headers: { "content-type": "" },
    body: new Uint8Array(body),
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
  });
  if (!response.ok) throw new Error(`CloudFormation's ResponseURL answered ${response.status}.`);
}

/** At most 4,096 bytes, whatever the site said: a longer answer would count as none. */
export function responseBody(event: CustomResourceEvent, verdict: Verdict): string {
  const { RequestId, StackId, LogicalResourceId } = event;
  const answer = {
    Status: verdict.status,
    RequestId,
    StackId,
    LogicalResourceId,
    PhysicalResourceId: verdict.physicalResourceId,
  };
  if (verdict.status === "FAILED") {
    return fitting(verdict.reason, (Reason) => JSON.stringify({ ...answer, Reason }));
  }
  const { data } = verdict;
  if (data === undefined) return JSON.stringify(answer);
  const whole = JSON.stringify({ ...answer, Data: data });
  const Settings = "too long to be shown here";
  return bytes(whole) <= MOST_BYTES
    ? whole
    : JSON.stringify({ ...answer, Data: { ...data, Settings } });
}

/** The longest beginning of the text with which the whole still fits. */
function fitting(text: string, render: (text: string) => string): string {
  const characters = [...text];
  let longest = characters.length;
  let rendered = render(text);
  while (bytes(rendered) > MOST_BYTES && longest > 0) {
    longest -= Math.max(1, Math.ceil((bytes(rendered) - MOST_BYTES) / 6));
    rendered = render(`${characters.slice(0, Math.max(0, longest)).join("")}…`);
  }
  return rendered;
}

const bytes = (text: string) => Buffer.byteLength(text);
