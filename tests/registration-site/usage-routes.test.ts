import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NOW, OTHER_ACCOUNT } from "./core-world.ts";
import { startStrictSts, type StrictSts } from "./strict-sts.ts";
import { anEvent, aUsageSite, METER, tokenPayload, type UsageSite, whyNot } from "./usage-world.ts";

let sts: StrictSts;
let site: UsageSite;
let token: string;

beforeAll(async () => void (sts = await startStrictSts()));
afterAll(() => sts.close());
beforeEach(async () => {
  site = await aUsageSite(sts);
  token = await site.token();
});

const hours = async () => (await site.usage.month(site.licenseId, METER, "2026-11"))?.hours;
const HOUR = new Date(NOW - 60_000).toISOString().slice(0, 13);

describe("one event", () => {
  it("is recorded, and its verdict is the answer's status too", async () => {
    const event = anEvent();
    const first = await site.send(token, event);
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({
      accepted: 1,
      duplicate: 0,
      refused: 0,
      results: [{ verdict: "accepted", source: event["source"], id: event["id"] }],
    });
    expect(await (await site.send(token, event)).json()).toMatchObject({ duplicate: 1 });
    expect(await hours()).toEqual({ [HOUR]: "1.5" });
  });

  it.each([
    ["409 conflict", (event: object) => ({ ...event, data: { quantity: "2" } })],
    ["400 invalid", () => anEvent({ data: { quantity: -2 } })],
    ["400 invalid", () => anEvent({ specversion: "0.3" })],
    ["400 invalid", () => "text"],
    ["422 unknown-meter", () => anEvent({ type: "com.example.usage.seats" })],
    ["422 too-early", () => anEvent({ time: new Date(NOW + 301_000).toISOString() })],
    ["422 outside-license", () => anEvent({ time: new Date(NOW - 7_200_000).toISOString() })],
  ])("is refused as %s", async (why, change) => {
    const event = anEvent();
    await site.send(token, event);
    const body = JSON.stringify(change(event));

    expect(await whyNot(await site.send(token, body))).toBe(why);
    expect(await hours()).toEqual({ [HOUR]: "1.5" });
  });

  it("may come in binary mode, its attributes percent-encoded in headers", async () => {
    const event = anEvent({ id: "é 1" });
    const headers = {
      "content-type": "application/json; charset=utf-8",
      authorization: `Bearer ${token}`,
      "ce-specversion": "1.0",
      "ce-id": encodeURIComponent("é 1"),
      "ce-source": String(event["source"]),
      "ce-type": String(event["type"]),
      "ce-time": String(event["time"]),
      "ce-movie": "7",
    };
    const response = await site.post("/v1/usage", '{"quantity": "1.5"}', headers);

    expect(await response.json()).toMatchObject({ accepted: 1, results: [{ id: "é 1" }] });
    // The same event in structured mode is the same event.
    expect(await (await site.send(token, event)).json()).toMatchObject({ duplicate: 1 });
  });
});

describe("a batch", () => {
  it("answers 200 with a verdict for each, in order, whatever became of them", async () => {
    const conflicting = anEvent();
    await site.send(token, conflicting);
    const events = [
      anEvent({ data: { quantity: 7 } }),
      7,
      { ...conflicting, data: { quantity: "9" } },
      anEvent({ type: "com.example.usage.seats" }),
      conflicting,
      anEvent({ time: "yesterday" }),
    ];

    const response = await site.send(token, events);
    const answer = (await response.json()) as { results: { verdict: string; message?: string }[] };

    expect(response.status).toBe(200);
    expect(answer).toMatchObject({ accepted: 1, duplicate: 1, refused: 4 });
    expect(answer.results.map(({ verdict }) => verdict)).toEqual([
      ...["accepted", "invalid", "conflict", "unknown-meter", "duplicate", "invalid"],
    ]);
    for (const { verdict, message } of answer.results) {
      expect(message === undefined).toBe(verdict === "accepted" || verdict === "duplicate");
    }
    expect(await hours()).toEqual({ [HOUR]: "8.5" });
  });

  it("of 500 is taken, of 501 is not, and an empty one is", async () => {
    const events = Array.from({ length: 501 }, () => anEvent({ data: { quantity: "1" } }));

    expect(await whyNot(await site.send(token, events))).toBe("413 too-many-events");
    expect(await hours()).toBeUndefined();
    expect(await whyNot(await site.send(token, []))).toBe("200");
    expect(await whyNot(await site.send(token, events.slice(1)))).toBe("200");
    expect(await hours()).toEqual({ [HOUR]: "500" });
  });
});

describe("what is not sent as CloudEvents", () => {
  it.each([
    ["text/plain", "{}", "415 not-a-cloud-event"],
    ["application/json", "[]", "415 not-a-cloud-event"],
    ["", "{}", "415 not-a-cloud-event"],
    ["application/cloudevents+xml", "<a/>", "415 not-a-cloud-event"],
    ["application/cloudevents-batch+json", "{}", "400 not-json"],
    ["application/cloudevents-batch+json", "[", "400 not-json"],
    ["application/cloudevents+json", "", "400 not-json"],
    ["application/cloudevents+json", "[]", "400 invalid"],
    ["APPLICATION/CloudEvents+JSON; charset=utf-8", "{}", "400 invalid"],
  ])("as %j with %j is refused", async (type, body, why) => {
    expect(await whyNot(await site.send(token, body, type))).toBe(why);
  });

  it("in bytes that are no UTF-8 is refused, not guessed", async () => {
    const text = JSON.stringify(anEvent({ id: "caf" }));
    const bytes = Buffer.concat([
      Buffer.from(text.slice(0, text.indexOf("caf") + 3)),
      Buffer.from([0xe9]),
      Buffer.from(text.slice(text.indexOf("caf") + 3)),
    ]);
    const response = await site.app.request("/v1/usage", {
      method: "POST",
      body: bytes,
      headers: {
        "content-type": "application/cloudevents+json",
        authorization: `Bearer ${token}`,
      },
    });
    expect(await whyNot(response)).toBe("400 not-json");
  });

  it("packed is refused", async () => {
    const headers = {
      "content-type": "application/cloudevents+json",
      "content-encoding": "gzip",
      authorization: `Bearer ${token}`,
    };
    expect(await whyNot(await site.post("/v1/usage", "x", headers))).toBe("415 not-a-cloud-event");
  });

  it("of more than 1 MB is refused", async () => {
    const large = anEvent({ data: { quantity: "1", note: "x".repeat(1024 * 1024) } });
    expect(await whyNot(await site.send(token, large))).toBe("413 too-large");
  });
});

describe("who is not let in", () => {
  it("is told what to do, and nothing is read of what they sent", async () => {
    const response = await site.send(undefined, "not even JSON");
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="usage"');
    expect(await whyNot(response)).toBe("401 no-token");
    const basic = { authorization: "Basic dXNlcjpwYXNz" };
    expect(await whyNot(await site.post("/v1/usage", "{}", basic))).toBe("401 no-token");
  });

  it("is slowed down after 60 tokens at once, one deployment apart from the other", async () => {
    const theirs = await site.deploy({ accountId: OTHER_ACCOUNT });
    const ask = async ({ role, stackId }: { role: UsageSite["role"]; stackId: string }) =>
      whyNot(await site.askToken(await site.proof(role, tokenPayload(stackId))));
    for (let n = 1; n < 60; n += 1) expect(await ask(site)).toBe("200");

    expect(await ask(site)).toBe("429 too-many-requests");
    expect(await ask(theirs)).toBe("200");
    site.world.now += 1_000;
    expect(await ask(site)).toBe("200");
    expect(await ask(site)).toBe("429 too-many-requests");
  });

  it("is slowed down before AWS is asked, when nobody in particular asks too often", async () => {
    sts.seen.length = 0;
    const outcomes: string[] = [];
    const envelope = await site.proof(site.role, tokenPayload(site.stackId), { audience: "x" });
    for (let n = 0; n < 110; n += 1) outcomes.push(await whyNot(await site.askToken(envelope)));

    expect(outcomes.at(-1)).toBe("429 too-many-requests");
    expect(sts.seen).toHaveLength(99);
    const response = await site.askToken(envelope);
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it("is slowed down after 100 batches at once, and loses nothing by it", async () => {
    for (let n = 0; n < 100; n += 1) await site.send(token, []);
    const event = anEvent();

    const response = await site.send(token, [event]);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await whyNot(response)).toBe("429 too-many-requests");
    site.world.now += 1_000;
    expect(await (await site.send(token, [event])).json()).toMatchObject({ accepted: 1 });
  });
});

it("answers a failure of the store as one that may be repeated, and logs it without the events", async () => {
  const broken = await aUsageSite(sts, {
    recordUsage: async () => Promise.reject(new Error("the store is away")),
  });
  const response = await broken.send(await broken.token(), [anEvent({ id: "secret-id" })]);

  expect(response.headers.get("retry-after")).toBe("5");
  expect(await whyNot(response)).toBe("503 site-failure");
  expect(broken.world.lines.join("\n")).toContain("the store is away");
  expect(broken.world.lines.join("\n")).not.toContain("secret-id");
});
