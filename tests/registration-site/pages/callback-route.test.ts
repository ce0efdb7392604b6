import { describe, expect, it } from "vitest";
import type { CallbackEnvelope } from "../../../template-src/contract.ts";
import { aSite } from "./site.ts";

const envelope: CallbackEnvelope = {
  payload: '{"version":1}',
  proof: {
    accessKeyId: "ASIAEXAMPLE",
    sessionToken: "IQoJb3JpZ2luX2VjE",
    region: "eu-central-1",
    date: "20261121T093000Z",
    signature: "ab".repeat(32),
  },
};

const send = (site: ReturnType<typeof aSite>, body: string) =>
  site.app.request("/callback", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

describe("the callback address", () => {
  it("hands the envelope on as it is and answers what the use case answered", async () => {
    const answer = { deploymentId: "d-1", settings: { plan: "share" } };
    const site = aSite({ callbackAnswer: { kind: "accepted", answer } });

    const response = await send(site, JSON.stringify(envelope));

    expect([response.status, await response.json()]).toEqual([200, answer]);
    expect(site.memory.calls).toEqual([{ name: "callback", input: envelope }]);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
  });

  it.each([400, 401, 403, 404, 409, 410, 503] as const)(
    "passes a refusal on with its status %i",
    async (status) => {
      const refusal = { error: { code: "a-code", message: "What happened and what to do." } };
      const site = aSite({ callbackAnswer: { kind: "refused", status, refusal } });

      const response = await send(site, JSON.stringify(envelope));

      expect([response.status, await response.json()]).toEqual([status, refusal]);
      expect(response.headers.has("retry-after")).toBe(status === 503);
    },
  );

  const { proof } = envelope;
  it.each([
    ["no JSON", "<script>alert(1)</script>"],
    ["nothing", ""],
    ["an array", "[]"],
    ["no proof", JSON.stringify({ payload: "{}" })],
    ["a payload that is no string", JSON.stringify({ ...envelope, payload: {} })],
    ["a short signature", JSON.stringify({ ...envelope, proof: { ...proof, signature: "ab" } })],
    ["an odd date", JSON.stringify({ ...envelope, proof: { ...proof, date: "yesterday" } })],
    [
      "an endless region",
      JSON.stringify({ ...envelope, proof: { ...proof, region: "x".repeat(99) } }),
    ],
  ])("refuses %s with 400 in words, and repeats none of it", async (_, body) => {
    const site = aSite();

    const response = await send(site, body);
    const text = await response.text();

    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "malformed-request" } });
    expect(text).not.toContain("script");
    expect(site.memory.calls).toEqual([]);
  });

  it("refuses more than 64 KB unread, with or without a content length", async () => {
    const site = aSite();
    const large = JSON.stringify({ ...envelope, padding: "x".repeat(70_000) });
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    const streamed = new Request("http://localhost/callback", {
      method: "POST",
      body: stream,
      duplex: "half",
    });

    expect((await send(site, large)).status).toBe(413);
    expect((await site.app.request(streamed)).status).toBe(413);
    expect(site.memory.calls).toEqual([]);
  });

  it("answers a failure of ours as JSON without the exception, and logs it", async () => {
    const site = aSite();
    Object.defineProperty(site.memory, "callbackAnswer", {
      get: () => {
        throw new Error("table LaunchmeterSite is gone");
      },
    });

    const response = await send(site, JSON.stringify(envelope));
    const text = await response.text();

    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "site-failure" } });
    expect(text).not.toContain("LaunchmeterSite");
    expect(JSON.stringify(site.logged)).toContain("LaunchmeterSite");
    expect(JSON.stringify(site.logged)).not.toContain(envelope.proof.sessionToken);
  });

  it("is for POST only", async () => {
    const response = await aSite().app.request("/callback");

    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });
});
