import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { CoreLog } from "../core-deps.ts";

export interface SqsLifecycleDeps {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Applies one EventBridge envelope; throws when it has to be delivered again. */
  readonly apply: (envelope: unknown) => Promise<"applied" | "ignored" | "malformed">;
  readonly log: CoreLog;
}

const LONG_POLL_SECONDS = 20;
/** How much longer than it was asked to wait AWS may take; the SDK alone would wait for ever. */
const ANSWER_MARGIN_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface Poller {
  /** Ends the poll under way and waits for the message at hand. */
  stop(): Promise<void>;
}

/** Applies marketplace notifications from the queue until stopped. */
export function pollLifecycleQueue(deps: SqsLifecycleDeps): Poller {
  const stopping = new AbortController();
  const ended = poll(deps, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function poll(deps: SqsLifecycleDeps, signal: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await receiveOnce(deps, LONG_POLL_SECONDS, signal);
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (signal.aborted) return;
      deps.log("error", "the marketplace queue could not be read", { error: nameOf(error) });
      await pause(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** One poll; answers how many messages were taken off the queue. */
export async function receiveOnce(
  deps: SqsLifecycleDeps,
  waitSeconds: number,
  signal?: AbortSignal,
): Promise<number> {
  const { client, queueUrl } = deps;
  const late = AbortSignal.timeout(waitSeconds * 1_000 + ANSWER_MARGIN_MS);
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: waitSeconds,
    }),
    { abortSignal: signal === undefined ? late : AbortSignal.any([signal, late]) },
  );
  let taken = 0;
  for (const message of Messages) if (await applyMessage(deps, message)) taken += 1;
  return taken;
}

/**
 * A message leaves the queue only after it was applied. What can't be applied stays and comes
 * again until the queue's redrive policy sets it aside for a person; its content is not logged.
 */
async function applyMessage(deps: SqsLifecycleDeps, message: Message): Promise<boolean> {
  const { client, queueUrl, apply, log } = deps;
  const messageId = message.MessageId ?? "unknown";
  try {
    const envelope = parsed(message.Body);
    const outcome = envelope === undefined ? "malformed" : await apply(envelope);
    if (outcome === "malformed") {
      log("error", "a marketplace message is left for the dead-letter queue", { messageId });
      return false;
    }
    const gone = { QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle };
    const abortSignal = AbortSignal.timeout(ANSWER_MARGIN_MS);
    await client.send(new DeleteMessageCommand(gone), { abortSignal });
    return true;
  } catch (error) {
    log("error", "a marketplace message was not applied and will come again", {
      messageId,
      error: nameOf(error),
    });
    return false;
  }
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(finished, ms);
    signal.addEventListener("abort", finished, { once: true });
    function finished() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finished);
      done();
    }
  });
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : "unknown");
