import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService } from "../aws-service.ts";
import type { Iam } from "../aws-service.ts";
import type { Queue, ReceivedMessage } from "../sqs/queue.ts";

export const LIFECYCLE_QUEUE = "launchmeter-lifecycle";
export const QUEUE_REGION = "us-east-1";

export interface SqsDeps {
  readonly queue: Queue;
  readonly iam: Iam;
  readonly sellerAccountId: string;
  readonly origin: () => string;
}

const DEFAULT_VISIBILITY_SECONDS = 30;
const MAX_WAIT_SECONDS = 20;
const MAX_VISIBILITY_SECONDS = 43_200;
const MAX_BATCH = 10;

type Input = Readonly<Record<string, unknown>>;

/** The one queue that EventBridge delivers the seller's lifecycle events to (protocol-facts A6). */
export function sqsService(deps: SqsDeps): AwsService {
  const { queue } = deps;
  const actions: Record<string, (input: Input) => unknown> = {
    GetQueueUrl: ({ QueueName: name }) => {
      if (name !== LIFECYCLE_QUEUE) throw noSuchQueue();
      return { QueueUrl: queueUrl(deps) };
    },
    GetQueueAttributes: () => ({ Attributes: attributes(deps) }),
    SendMessage: ({ MessageBody: body, DelaySeconds: delay }) => {
      const delayMs = seconds(delay ?? 0, "DelaySeconds", 900) * 1000;
      const sent = queue.send(text(body, "MessageBody"), delayMs > 0 ? { delayMs } : {});
      return { MessageId: sent.messageId, MD5OfMessageBody: sent.md5 };
    },
    ReceiveMessage: (input) => receive(queue, input),
    DeleteMessage: ({ ReceiptHandle: handle }) => {
      if (!queue.remove(text(handle, "ReceiptHandle"))) throw badReceiptHandle();
      return {};
    },
    DeleteMessageBatch: ({ Entries: entries }) =>
      batch(entries, ({ ReceiptHandle: handle }) => queue.remove(text(handle, "ReceiptHandle"))),
    ChangeMessageVisibility: ({ ReceiptHandle: handle, VisibilityTimeout: timeout }) => {
      const ms = seconds(timeout, "VisibilityTimeout", MAX_VISIBILITY_SECONDS) * 1000;
      if (!queue.changeVisibility(text(handle, "ReceiptHandle"), ms)) throw badReceiptHandle();
      return {};
    },
  };

  return {
    signingNames: ["sqs"],
    targetPrefix: "AmazonSQS",
    async handle(request: AwsRequest): Promise<unknown> {
      const action = Object.hasOwn(actions, request.action) ? actions[request.action] : undefined;
      if (action === undefined) {
        throw new AwsError("UnknownOperationException", `SQS here has no ${request.action}.`);
      }
      authorize(deps, request);
      return await action(request.input);
    },
  };
}

export const queueUrl = ({
  origin,
  sellerAccountId,
}: Pick<SqsDeps, "origin" | "sellerAccountId">) =>
  `${origin()}/${sellerAccountId}/${LIFECYCLE_QUEUE}`;

function authorize(deps: SqsDeps, { action, caller, input, region }: AwsRequest): void {
  const arn = `arn:aws:sqs:${QUEUE_REGION}:${deps.sellerAccountId}:${LIFECYCLE_QUEUE}`;
  if (action !== "GetQueueUrl") {
    // Only the path counts: after a restart the port may be another one.
    const path = new URL(text(input["QueueUrl"], "QueueUrl"), "http://localhost").pathname;
    if (path !== `/${deps.sellerAccountId}/${LIFECYCLE_QUEUE}`) throw noSuchQueue();
  }
  if (region !== QUEUE_REGION) throw noSuchQueue();
  const owner = caller.accountId === deps.sellerAccountId;
  if (!owner || !deps.iam.isAllowed(caller, `sqs:${action}`, arn)) {
    throw new AwsError(
      "AccessDeniedException",
      `User: ${caller.arn} is not authorized to perform: sqs:${action.toLowerCase()} on resource: ${arn}`,
      { status: 403 },
    );
  }
}

async function receive(queue: Queue, input: Input): Promise<unknown> {
  const max = seconds(input["MaxNumberOfMessages"] ?? 1, "MaxNumberOfMessages", MAX_BATCH);
  if (max < 1) throw outOfRange("MaxNumberOfMessages", MAX_BATCH);
  const wait = seconds(input["WaitTimeSeconds"] ?? 0, "WaitTimeSeconds", MAX_WAIT_SECONDS);
  const visibility = seconds(
    input["VisibilityTimeout"] ?? DEFAULT_VISIBILITY_SECONDS,
    "VisibilityTimeout",
    MAX_VISIBILITY_SECONDS,
  );
  const received = await queue.receive({
    max,
    waitMs: wait * 1000,
    visibilityMs: visibility * 1000,
  });
  return received.length === 0 ? {} : { Messages: received.map(toWire) };
}

const toWire = ({ message, receiptHandle }: ReceivedMessage) => ({
  MessageId: message.messageId,
  ReceiptHandle: receiptHandle,
  MD5OfBody: message.md5,
  Body: message.body,
  Attributes: {
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  },
});

function batch(entries: unknown, act: (entry: Input) => boolean): unknown {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new AwsError(
      "EmptyBatchRequest",
      "There should be at least one DeleteMessageBatchRequestEntry in the request.",
    );
  }
  if (entries.length > MAX_BATCH) {
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      "Maximum number of entries per request are 10.",
    );
  }
  const list = entries as Input[];
  const ids = list.map(({ Id }) => text(Id, "Id"));
  if (new Set(ids).size < ids.length) {
    throw new AwsError("BatchEntryIdsNotDistinct", "Ids of a batch must be distinct.");
  }
  const done = list.map((entry, index) => ({ Id: ids[index], ok: act(entry) }));
  return {
    Successful: done.filter(({ ok }) => ok).map(({ Id }) => ({ Id })),
    Failed: done
      .filter(({ ok }) => !ok)
      .map(({ Id }) => ({ Id, SenderFault: true, Code: "ReceiptHandleIsInvalid" })),
  };
}

function attributes(deps: SqsDeps): Record<string, string> {
  const { visible, hidden, delayed } = deps.queue.counts();
  return {
    QueueArn: `arn:aws:sqs:${QUEUE_REGION}:${deps.sellerAccountId}:${LIFECYCLE_QUEUE}`,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(hidden),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(DEFAULT_VISIBILITY_SECONDS),
  };
}

function seconds(value: unknown, name: string, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
    throw outOfRange(name, max);
  }
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

const outOfRange = (name: string, max: number): AwsError =>
  new AwsError("InvalidParameterValue", `Value for parameter ${name} is invalid. At most ${max}.`);

const noSuchQueue = (): AwsError =>
  new AwsError("QueueDoesNotExist", "The specified queue does not exist.");

const badReceiptHandle = (): AwsError =>
  new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
