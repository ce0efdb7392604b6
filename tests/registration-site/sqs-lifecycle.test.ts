import { SQSClient } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { pollLifecycleQueue, receiveOnce } from "../../registration-site/adapters/sqs-lifecycle.ts";
import { aWorld, deliver, lifecycleEnvelope, NOW } from "./core-world.ts";
import { type JsonCall, startJsonService } from "./json-service.ts";

const licenseId = `l-${"e".repeat(32)}`;
const updated = JSON.stringify(lifecycleEnvelope("License Updated - Manufacturer", { licenseId }));

/** A queue over real HTTP: messages come again until they are deleted. */
async function aQueue(bodies: readonly string[]) {
  const messages = new Map(bodies.map((body, n) => [`receipt-${n}`, body]));
  const waiting: (() => void)[] = [];
  const problems: string[] = [];
  const service = await startJsonService(async ({ action, input }: JsonCall) => {
    const problem = problems.shift();
    if (problem !== undefined) return { error: problem };
    if (action === "DeleteMessage") {
      messages.delete(String(input.ReceiptHandle));
      return { body: {} };
    }
    if (messages.size === 0 && input.WaitTimeSeconds !== 0) {
      await new Promise<void>((done) => waiting.push(done));
    }
    const Messages = [...messages].map(([ReceiptHandle, Body], n) => ({
      MessageId: `message-${n}`,
      ReceiptHandle,
      Body,
    }));
    return { body: { Messages } };
  });
  const client = new SQSClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
    md5: false,
  });
  const lines: string[] = [];
  const world = aWorld({ url: "http://127.0.0.1:1" });
  const deps = {
    client,
    queueUrl: `${service.url}/999988887777/events`,
    apply: (envelope: unknown) => deliver(world, envelope),
    log: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
  };
  const close = async () => {
    waiting.forEach((answer) => answer());
    client.destroy();
    await service.close();
  };
  return { messages, problems, deps, lines, world, calls: service.calls, close };
}

it("applies a message, then takes it off the queue", async () => {
  const queue = await aQueue([updated]);

  expect(await receiveOnce(queue.deps, 0)).toBe(1);

  expect(await queue.world.licenses.get(licenseId)).toMatchObject({ activatedAt: NOW });
  expect(queue.messages.size).toBe(0);
  await queue.close();
});

it("gives up on a queue that never answers, so that the next poll can find it well again", async () => {
  const service = await startJsonService(() => new Promise<{ body: unknown }>(() => undefined));
  const queue = await aQueue([]);
  const client = new SQSClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  });

  await expect(receiveOnce({ ...queue.deps, client }, 0)).rejects.toThrow();

  client.destroy();
  await Promise.all([service.close(), queue.close()]);
}, 8_000);

it("takes what is not for us off the queue, too", async () => {
  const queue = await aQueue([JSON.stringify({ ...JSON.parse(updated), source: "aws.s3" })]);

  expect(await receiveOnce(queue.deps, 0)).toBe(1);

  expect(queue.messages.size).toBe(0);
  await queue.close();
});

it("leaves a message that can't be read for the dead-letter queue and applies the others", async () => {
  const queue = await aQueue(["{not json: private-content", "null", updated]);

  expect(await receiveOnce(queue.deps, 0)).toBe(1);

  expect([...queue.messages.keys()]).toEqual(["receipt-0", "receipt-1"]);
  expect(queue.lines.join()).toContain("dead-letter");
  expect(queue.lines.join()).not.toContain("private-content");
  await queue.close();
});

it("keeps a message that could not be applied, and applies it when it comes again", async () => {
  const queue = await aQueue([updated]);
  let attempts = 0;
  const apply = async (envelope: unknown) => {
    attempts += 1;
    if (attempts === 1) throw new Error("the store is down: private-content");
    return queue.deps.apply(envelope);
  };

  expect(await receiveOnce({ ...queue.deps, apply }, 0)).toBe(0);
  expect(queue.messages.size).toBe(1);
  expect(await receiveOnce({ ...queue.deps, apply }, 0)).toBe(1);

  expect(await queue.world.licenses.get(licenseId)).toMatchObject({ activatedAt: NOW });
  expect(queue.lines.join()).not.toContain("private-content");
  await queue.close();
});

it("polls long, goes on after a failed poll, and stops in the middle of one", async () => {
  const queue = await aQueue([updated]);
  queue.problems.push("InternalError");
  const applied = new Promise<void>((done) => {
    const apply = queue.deps.apply;
    queue.deps.apply = async (envelope) => {
      const outcome = await apply(envelope);
      done();
      return outcome;
    };
  });

  const poller = pollLifecycleQueue(queue.deps);
  await applied;
  await poller.stop();

  expect(queue.lines.join()).toContain("could not be read");
  const polls = queue.calls.filter(({ action }) => action === "ReceiveMessage");
  expect(polls[0]?.input).toMatchObject({ WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
  await queue.close();
});
