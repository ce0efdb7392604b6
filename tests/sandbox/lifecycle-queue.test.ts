import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { ReceiveMessageCommandInput } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { sandboxControl } from "../../sandbox/control-client.ts";
import type { Sandbox } from "../../sandbox/create-sandbox.ts";
import type { LifecycleEvent } from "../../sandbox/marketplace/lifecycle-events.ts";
import { aProduct, aSandbox, BUYER, clientOf, SELLER, START } from "./a-sandbox.ts";

const SECOND = 1000;

const sqsOf = (sandbox: Sandbox) => new SQSClient(clientOf(sandbox, sandbox.sellerCredentials));

async function receive(sandbox: Sandbox, options: Partial<ReceiveMessageCommandInput> = {}) {
  const { Messages = [] } = await sqsOf(sandbox).send(
    new ReceiveMessageCommand({
      QueueUrl: sandbox.lifecycleQueueUrl,
      MaxNumberOfMessages: 10,
      ...options,
    }),
  );
  return Messages;
}

async function receivedEvents(sandbox: Sandbox): Promise<LifecycleEvent[]> {
  return (await receive(sandbox)).map(({ Body }) => JSON.parse(Body ?? "") as LifecycleEvent);
}

const types = (events: readonly LifecycleEvent[]) => events.map((event) => event["detail-type"]);

describe("lifecycle events", () => {
  it("announce an agreement and its license in EventBridge's envelope", async () => {
    const sandbox = await aSandbox();
    const { agreementId, licenseArn } = await sandboxControl(sandbox.origin).subscribe();

    const [created, updated] = await receivedEvents(sandbox);

    const envelope = {
      version: "0",
      source: "aws.agreement-marketplace",
      account: SELLER,
      region: "us-east-1",
      resources: [`arn:aws:aws-marketplace::aws:agreement:${agreementId}`],
    };
    const parties = { acceptor: { accountId: BUYER }, proposer: { accountId: SELLER } };
    expect(created).toMatchObject({
      ...envelope,
      "detail-type": "Purchase Agreement Created - Proposer",
      detail: {
        catalog: "AWSMarketplace",
        agreement: {
          id: agreementId,
          intent: "NEW",
          status: "ACTIVE",
          endTime: "9999-01-01T00:00:00Z",
        },
        resaleAuthorization: { id: null },
        ...parties,
      },
    });
    expect(created?.detail).not.toHaveProperty("license");
    expect(updated).toMatchObject({
      ...envelope,
      "detail-type": "License Updated - Manufacturer",
      detail: {
        agreement: { id: agreementId },
        product: { code: aProduct.productCode, id: aProduct.productId },
        license: { arn: licenseArn },
        ...parties,
      },
    });
    expect(updated?.time).toMatch(/^2026-11-10T12:00:\d\dZ$/);
  });

  it("announce the end, with the license going when it was asked to", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const { agreementId } = await control.subscribe();
    await receive(sandbox, { VisibilityTimeout: 43_200 });
    await control.cancel(agreementId, { deprovisionAfterMs: 31 * SECOND });

    const [ended, ...more] = await receivedEvents(sandbox);
    await control.moveClock({ advanceBy: 31 * SECOND });
    const later = await receivedEvents(sandbox);

    expect(ended?.["detail-type"]).toBe("Purchase Agreement Ended - Proposer");
    expect(ended?.detail["agreement"]).toEqual({ id: agreementId, status: "CANCELLED" });
    expect(ended?.detail).not.toHaveProperty("offer");
    expect(more).toEqual([]);
    expect(types(later)).toContain("License Deprovisioned - Manufacturer");
  });

  it("come twice, late or out of order when a fault says so", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    const updated = "License Updated - Manufacturer";
    const created = "Purchase Agreement Created - Proposer";
    await control.setFaults([
      { service: "events", action: updated, kind: "duplicate", count: 1 },
      { service: "events", action: updated, kind: "reorder", count: 1 },
      { service: "events", action: created, kind: "delay", delayMs: 60_000, count: 1 },
    ]);
    await control.subscribe();
    const first = await receivedEvents(sandbox);
    await control.moveClock({ advanceBy: 60_000 });
    const second = await receivedEvents(sandbox);

    expect(types(first)).toEqual([updated, updated]);
    expect(new Set(first.map(({ id }) => id)).size).toBe(1);
    expect(types(second)).toContain(created);
  });
});

describe("SQS", () => {
  it("hides a message for its visibility timeout in sandbox time, then gives it again", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    await control.subscribe();

    const [first] = await receive(sandbox, { VisibilityTimeout: 60, MaxNumberOfMessages: 1 });
    const others = await receive(sandbox);
    await control.moveClock({ advanceBy: 61 * SECOND });
    const again = await receive(sandbox);

    expect(others.map(({ MessageId }) => MessageId)).not.toContain(first?.MessageId);
    expect(again.map(({ MessageId }) => MessageId)).toContain(first?.MessageId);
    expect(first?.Attributes?.ApproximateReceiveCount).toBe("1");
  });

  it("forgets deleted messages, one by one and in batches", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    await control.subscribe();
    await control.subscribe();
    const [first, ...rest] = await receive(sandbox);
    const client = sqsOf(sandbox);
    const QueueUrl = sandbox.lifecycleQueueUrl;

    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    const batch = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          ...rest.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle })),
          { Id: "bad", ReceiptHandle: "nonsense" },
        ],
      }),
    );
    await control.moveClock({ advanceBy: 3600 * SECOND });

    expect(batch.Successful).toHaveLength(3);
    expect(batch.Failed).toMatchObject([{ Id: "bad", Code: "ReceiptHandleIsInvalid" }]);
    expect(await receive(sandbox)).toEqual([]);
  });

  it("answers a long poll as soon as a message comes", async () => {
    const sandbox = await aSandbox();
    const poll = receive(sandbox, { WaitTimeSeconds: 20 });
    const control = sandboxControl(sandbox.origin);
    while (!(await control.requests()).some(({ outcome }) => outcome !== "ok")) {
      // The poll's first, badly timed attempt shows that it is on its way.
    }
    const startedAt = performance.now();
    await control.subscribe();

    expect((await poll).length).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("answers a long poll when a jump of the clock makes a message visible", async () => {
    const sandbox = await aSandbox();
    const control = sandboxControl(sandbox.origin);
    await control.subscribe({ licenseAfterMs: 3600 * SECOND });
    await receive(sandbox, { VisibilityTimeout: 43_200 });
    const poll = receive(sandbox, { WaitTimeSeconds: 20 });
    await control.moveClock({ advanceBy: 3600 * SECOND });

    expect(types((await poll).map(({ Body }) => JSON.parse(Body ?? "") as LifecycleEvent))).toEqual(
      ["License Updated - Manufacturer"],
    );
  });

  it("changes a message's visibility, by its newest receipt handle only", async () => {
    const sandbox = await aSandbox();
    await sandboxControl(sandbox.origin).subscribe();
    const change = (handle: string | undefined) =>
      sqsOf(sandbox).send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: sandbox.lifecycleQueueUrl,
          ReceiptHandle: handle,
          VisibilityTimeout: 0,
        }),
      );
    const [first] = await receive(sandbox);
    await change(first?.ReceiptHandle);
    const [again] = await receive(sandbox, { MaxNumberOfMessages: 1 });

    expect(again?.MessageId).toBe(first?.MessageId);
    await expect(change(first?.ReceiptHandle)).rejects.toMatchObject({
      name: "ReceiptHandleIsInvalid",
    });
  });

  it("sends, counts and finds its queue", async () => {
    const sandbox = await aSandbox();
    const client = sqsOf(sandbox);
    const { QueueUrl } = await client.send(
      new GetQueueUrlCommand({ QueueName: "launchmeter-lifecycle" }),
    );
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "hällo", DelaySeconds: 5 }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));

    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );

    expect(QueueUrl).toBe(sandbox.lifecycleQueueUrl);
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesDelayed: "1",
    });
  });

  it("refuses another queue, another region and another account", async () => {
    const sandbox = await aSandbox();
    const QueueUrl = sandbox.lifecycleQueueUrl;
    const receiveBy = (client: SQSClient, url: string) =>
      client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    const buyer = new SQSClient(clientOf(sandbox, sandbox.buyerCredentials(BUYER)));
    const elsewhere = new SQSClient(clientOf(sandbox, sandbox.sellerCredentials, "eu-west-1"));

    await expect(receiveBy(sqsOf(sandbox), `${QueueUrl}-2`)).rejects.toMatchObject({
      name: "QueueDoesNotExist",
    });
    await expect(receiveBy(elsewhere, QueueUrl)).rejects.toMatchObject({
      name: "QueueDoesNotExist",
    });
    await expect(receiveBy(buyer, QueueUrl)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });
});

describe("the license's own times", () => {
  it("are those its events tell, to the second", async () => {
    const sandbox = await aSandbox({ startAt: START + 789 });
    const control = sandboxControl(sandbox.origin);
    await control.subscribe({ licenseAfterMs: 61 * SECOND });

    const [agreement] = await control.agreements();
    const updated = (await control.events()).at(-1);

    expect(new Date(agreement?.license.activatedAt ?? 0).toISOString()).toBe(
      updated?.time.replace("Z", ".000Z"),
    );
    expect((agreement?.license.activatedAt ?? 0) - (agreement?.acceptedAt ?? 0)).toBe(61 * SECOND);
  });
});
