import { createHash } from "node:crypto";
import type { MovableClock } from "../clock.ts";
import { base62Text, uuid } from "../random.ts";

/** A standard queue: at least once, roughly in order, hidden while somebody works on a message. */
export interface Queue {
  send(body: string, options?: SendOptions): QueueMessage;
  receive(options: ReceiveOptions): Promise<readonly ReceivedMessage[]>;
  /** False: this receipt handle was never given out. Deleting twice is fine. */
  remove(receiptHandle: string): boolean;
  changeVisibility(receiptHandle: string, timeoutMs: number): boolean;
  counts(): { visible: number; hidden: number; delayed: number };
  /** Lets waiting receivers go home. */
  close(): void;
  snapshot(): QueueSnapshot;
  restore(snapshot: QueueSnapshot): void;
}

export interface SendOptions {
  /** Sandbox time from which it can be received; now when left out. */
  readonly availableAt?: number;
  readonly delayMs?: number;
  /** Received before everything that waits already. */
  readonly overtakes?: boolean;
}

export interface ReceiveOptions {
  readonly max: number;
  /** Real time: a long poll must end although the sandbox clock may be years away. */
  readonly waitMs: number;
  /** Sandbox time. */
  readonly visibilityMs: number;
}

export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly md5: string;
  readonly sentAt: number;
  readonly order: number;
  /** Every one ever given out still deletes, as at AWS; only the newest changes visibility. */
  receiptHandles: string[];
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
}

export interface ReceivedMessage {
  readonly message: QueueMessage;
  readonly receiptHandle: string;
}

export interface QueueSnapshot {
  readonly messages: readonly QueueMessage[];
  readonly nextOrder: number;
}

export interface QueueDeps {
  readonly clock: MovableClock;
  readonly random: () => number;
  readonly changed: () => void;
}

/** Message retention of the lifecycle queue: the maximum, so that an outage loses no event. */
const RETENTION_MS = 14 * 24 * 60 * 60 * 1000;

export function createQueue({ clock, random, changed }: QueueDeps): Queue {
  let messages: QueueMessage[] = [];
  let nextOrder = 1;
  let closed = false;
  const room = waitingRoom(clock);
  const byHandle = (handle: string): QueueMessage | undefined =>
    messages.find(({ receiptHandles }) => receiptHandles.includes(handle));
  const nextVisible = (): number => {
    const now = clock.now();
    const instants = messages.map(({ visibleAt }) => visibleAt).filter((instant) => instant > now);
    return Math.min(...instants);
  };

  return {
    send(body, { availableAt, delayMs = 0, overtakes = false } = {}) {
      const orders = messages.map(({ order }) => order);
      const message: QueueMessage = {
        messageId: uuid(random),
        body,
        md5: createHash("md5").update(body).digest("hex"),
        sentAt: clock.now(),
        order: overtakes ? Math.min(nextOrder, ...orders) - 1 : nextOrder,
        receiptHandles: [],
        visibleAt: availableAt ?? clock.now() + delayMs,
        receiveCount: 0,
      };
      nextOrder += 1;
      messages.push(message);
      changed();
      room.wakeAll();
      return message;
    },
    async receive(options) {
      const deadline = performance.now() + options.waitMs;
      for (;;) {
        const now = clock.now();
        messages = messages.filter(({ sentAt }) => now < sentAt + RETENTION_MS);
        const taken = take(messages, options, now, random);
        if (taken.length > 0) changed();
        const leftMs = deadline - performance.now();
        if (taken.length > 0 || leftMs <= 0 || closed) return taken;
        await room.wait(leftMs, nextVisible());
      }
    },
    remove(receiptHandle) {
      const message = byHandle(receiptHandle);
      if (message === undefined) return RECEIPT_HANDLE.test(receiptHandle);
      messages = messages.filter((other) => other !== message);
      changed();
      return true;
    },
    changeVisibility(receiptHandle, timeoutMs) {
      const message = byHandle(receiptHandle);
      if (message?.receiptHandles.at(-1) !== receiptHandle) return false;
      message.visibleAt = clock.now() + timeoutMs;
      changed();
      room.wakeAll();
      return true;
    },
    counts: () => countsOf(messages, clock.now()),
    close() {
      closed = true;
      room.close();
    },
    snapshot: () => ({ messages, nextOrder }),
    restore(snapshot) {
      messages = [...snapshot.messages];
      ({ nextOrder } = snapshot);
    },
  };
}

const RECEIPT_HANDLE_LENGTH = 64;
const RECEIPT_HANDLE = /^[A-Za-z0-9]{64}$/;

/** Gives out what is visible and hides it for the visibility timeout. */
function take(
  messages: readonly QueueMessage[],
  { max, visibilityMs }: ReceiveOptions,
  now: number,
  random: () => number,
): ReceivedMessage[] {
  const visible = messages
    .filter(({ visibleAt }) => visibleAt <= now)
    .sort((left, right) => left.order - right.order);
  return visible.slice(0, max).map((message) => {
    const receiptHandle = base62Text(random, RECEIPT_HANDLE_LENGTH);
    message.receiptHandles.push(receiptHandle);
    message.visibleAt = now + visibilityMs;
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    return { message, receiptHandle };
  });
}

function countsOf(messages: readonly QueueMessage[], now: number) {
  const hidden = messages.filter(({ visibleAt }) => visibleAt > now);
  const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
  return { visible: messages.length - hidden.length, hidden: hidden.length - delayed, delayed };
}

/** Where long polls wait: for a message, for the clock to jump, or for their time to be up. */
function waitingRoom(clock: MovableClock) {
  const waiting = new Set<() => void>();
  const wakeAll = (): void => {
    for (const wake of [...waiting]) wake();
  };
  const stopListening = clock.onAdvanced(wakeAll);
  return {
    wakeAll,
    wait: (realMs: number, nextInstant: number): Promise<void> =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(1, Math.min(realMs, nextInstant - clock.now())));
        waiting.add(wake);
      }),
    close() {
      stopListening();
      wakeAll();
    },
  };
}
