import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meterOfType, parseUsageEvent } from "../../metering/domain/usage-event.ts";

const event = {
  specversion: "1.0",
  id: "e-1",
  source: "urn:launchmeter:deployment:d-1",
  type: "com.example.usage.video_minutes",
  time: "2026-03-01T13:05:00Z",
  data: { quantity: "12.50" },
};
const parsed = (over: object) => parseUsageEvent({ ...event, ...over });

it("takes a CloudEvent, and keeps of it what bills", () => {
  expect(parsed({ subject: "movie 7", data: { quantity: "12.50", movie: [1] } })).toEqual({
    kind: "event",
    event: {
      source: "urn:launchmeter:deployment:d-1",
      id: "e-1",
      meter: "video_minutes",
      time: Date.UTC(2026, 2, 1, 13, 5),
      quantity: "12.5",
    },
  });
});

describe("a quantity", () => {
  it.each([
    ["0", "0"],
    ["0.000000000001", "0.000000000001"],
    ["999999999999999.999999999999", "999999999999999.999999999999"],
    [7, "7"],
    [9007199254740991 / 10, undefined],
    [999999999999999, "999999999999999"],
  ])("%j is kept exactly as %j, or refused", (quantity, kept) => {
    const outcome = parsed({ data: { quantity } });
    expect(outcome.kind === "event" ? outcome.event.quantity : undefined).toBe(kept);
  });

  it.each([
    ...["-1", "-0", "+1", "1e3", "1E3", " 1", "1 ", "1,5", ".5", "5.", "01", "", "NaN", "Infinity"],
    ...["0x10", "１", "0.0000000000001", "1000000000000000"],
    ...[0.1, -1, 1e15, 2 ** 53, NaN, null, true, [], {}, ["1"], undefined],
  ])("%j is refused with a sentence that names it", (quantity) => {
    expect(parsed({ data: { quantity } })).toMatchObject({
      kind: "invalid",
      id: "e-1",
      message: expect.stringMatching(/^data\.quantity is /) as string,
    });
  });

  it("is taken from the event's own data, not from a prototype", () => {
    const data = JSON.parse('{"__proto__": {"quantity": "5"}}') as object;
    expect(parsed({ data })).toMatchObject({ kind: "invalid" });
    expect(parsed({ data: Object.create({ quantity: "5" }) as object })).toMatchObject({
      kind: "invalid",
    });
  });

  it("of any decimal text survives unchanged but for trailing zeros", () => {
    const digits = fc.stringMatching(/^(?:0|[1-9]\d{0,14})(?:\.\d{0,11}[1-9])?$/);
    fc.assert(
      fc.property(digits, (quantity) => {
        const outcome = parsed({ data: { quantity } });
        return outcome.kind === "event" && outcome.event.quantity === quantity;
      }),
    );
  });
});

describe("a time", () => {
  it.each([
    ["2026-03-01T13:05:00.123456789Z", "2026-03-01T13:05:00.123Z"],
    ["2026-03-01T13:59:59.9999999Z", "2026-03-01T13:59:59.999Z"],
    ["2026-03-01T01:05:00+05:30", "2026-02-28T19:35:00.000Z"],
    ["2024-02-29T23:59:59-00:00", "2024-02-29T23:59:59.000Z"],
  ])("%s is %s", (time, instant) => {
    const outcome = parsed({ time });
    expect(outcome.kind === "event" && new Date(outcome.event.time).toISOString()).toBe(instant);
  });

  it.each([
    ...["2026-03-01", "2026-03-01T13:05", "2026-03-01T13:05:00", "2026-03-01 13:05:00Z"],
    ...["2026-02-29T13:05:00Z", "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z"],
    ...["2026-03-01T13:05:60Z", "2026-03-01T13:05:00+24:00", "1772370300", 1772370300, null, {}],
    ...["2026-03-01T13:05:00Z\n", "+002026-03-01T13:05:00Z", "２026-03-01T13:05:00Z"],
  ])("%j is refused", (time) => {
    expect(parsed({ time })).toMatchObject({
      kind: "invalid",
      message: expect.stringMatching(/^time is /) as string,
    });
  });
});

describe("a type", () => {
  it.each([
    ["com.example.usage.video_minutes", "video_minutes"],
    ["com.example.usage.usage.seats", "seats"],
    ["x.usage.A-1", "A-1"],
  ])("%s names the meter %s", (type, meter) => {
    expect(meterOfType(type)).toBe(meter);
  });

  it.each([
    ...["video_minutes", "usage.video_minutes", ".usage.video_minutes", "com.example.usage."],
    ...["com.example.usage.video minutes", "com.example.usage.1x", "com.example.Usage.x"],
    ...["com.example.usage.x#y", `com.example.usage.${"x".repeat(65)}`, "com.example.usage.x\n"],
  ])("%j names none", (type) => {
    expect(meterOfType(type)).toBeUndefined();
  });
});

describe("what is no usage event", () => {
  it.each([
    ["specversion", { specversion: "0.3" }],
    ["specversion", { specversion: 1 }],
    ["id", { id: "" }],
    ["id", { id: 7 }],
    ["id", { id: "x".repeat(129) }],
    ["id", { id: "a\u0000b" }],
    ["source", { source: undefined }],
    ["source", { source: "" }],
    ["source", { source: "a b" }],
    ["source", { source: "/ä" }],
    ["source", { source: "/".repeat(257) }],
    ["type", { type: null }],
    ["datacontenttype", { datacontenttype: "text/xml" }],
    ["data_base64", { data: undefined, data_base64: "e30=" }],
    ["data_base64", { data_base64: "e30=" }],
    ["data", { data: null }],
    ["data", { data: "12.5" }],
    ["data", { data: [{ quantity: "1" }] }],
    ["subject", { subject: "" }],
    ["dataschema", { dataschema: 5 }],
    ['"Movie"', { Movie: "x" }],
    ["movie", { movie: { nested: true } }],
    ["movie", { movie: 1.5 }],
  ])("is refused for its %s: %j", (name, over) => {
    const outcome = parsed(over);
    if (outcome.kind !== "invalid") throw new Error("it was taken");
    expect(outcome.message.startsWith(`${name} `)).toBe(true);
  });

  it.each([undefined, null, 7, "text", [], [event]])("is refused as a whole: %j", (value) => {
    expect(parseUsageEvent(value)).toMatchObject({ kind: "invalid" });
  });

  it("takes JSON's null for an attribute that is not there", () => {
    expect(parsed({ subject: null, movie: null })).toMatchObject({ kind: "event" });
  });

  it("never repeats more than a line of what was sent", () => {
    const outcome = parsed({ time: `${"x\n".repeat(10_000)}` });
    expect(outcome.kind === "invalid" && outcome.message.length).toBeLessThan(300);
    expect(outcome.kind === "invalid" && outcome.message).not.toContain("\n");
  });

  it("is refused in words, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const outcome = parseUsageEvent({ ...event, ...(value as object) });
        return outcome.kind === "event" || outcome.message.length > 0;
      }),
    );
  });
});
