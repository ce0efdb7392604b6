import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryUsageStore } from "../../metering/adapters/memory-usage.ts";
import { DAY, monthOf } from "../../metering/domain/calendar.ts";
import { oldestOpenMonth } from "../../metering/domain/open-months.ts";
import { refusalOf } from "../../metering/domain/usage-admission.ts";
import type { UsageStore } from "../../metering/ports.ts";
import { aLicense, anEvent, at, aUsageWorld, LICENSE_ID, METER } from "./usage-world.ts";

describe("an event", () => {
  it("is counted in the hour of its own time, exactly", async () => {
    const world = aUsageWorld();

    await world.record(
      anEvent({ quantity: "0.1", time: "2026-03-01T12:59:59.999Z" }),
      anEvent({ quantity: "0.2", time: "2026-03-01T13:00:00Z" }),
      anEvent({ quantity: "0.1", time: "2026-03-01T13:00:00Z" }),
      anEvent({ quantity: "5", time: "2026-02-28T23:59:59Z" }),
    );

    expect(await world.hours()).toEqual({ "2026-03-01T12": "0.1", "2026-03-01T13": "0.3" });
    expect(await world.hours("2026-02")).toEqual({ "2026-02-28T23": "5" });
    expect(await world.hours("2026-03", "seats")).toBeUndefined();
  });

  it("that comes again is a duplicate, counted once", async () => {
    const world = aUsageWorld();
    const event = anEvent({ quantity: "2.50" });

    expect(await world.kinds(event)).toEqual(["accepted"]);
    expect(await world.kinds(event)).toEqual(["duplicate"]);
    // The same amount, written otherwise.
    expect(await world.kinds({ ...event, time: "2026-03-01T14:05:00.000+01:00" })).toEqual([
      "duplicate",
    ]);
    expect(await world.kinds({ ...event, data: { quantity: "2.5", more: 1 } })).toEqual([
      "duplicate",
    ]);

    expect(await world.hours()).toEqual({ "2026-03-01T13": "2.5" });
  });

  it.each([
    ["quantity", { quantity: "3" }],
    ["time within the hour", { time: "2026-03-01T13:05:01Z" }],
    ["month", { time: "2026-02-01T13:05:00Z" }],
    ["meter", { meter: "seats" }],
  ])("that comes again with another %s is a conflict, and the first stays", async (_, over) => {
    const world = aUsageWorld();
    await world.record(anEvent({ id: "one", quantity: "2" }));

    const [again] = await world.record(anEvent({ id: "one", quantity: "2", ...over }));

    expect(again).toMatchObject({ kind: "conflict", id: "one", source: "/player" });
    expect(again).toHaveProperty("message", expect.stringContaining("2 of video_minutes"));
    expect(await world.hours()).toEqual({ "2026-03-01T13": "2" });
    expect(await world.hours("2026-02")).toBeUndefined();
    expect(await world.hours("2026-03", "seats")).toBeUndefined();
  });

  it("of one id may come from several sources", async () => {
    const world = aUsageWorld();
    const event = anEvent();

    await world.record(event, { ...event, source: "/other" });

    expect(await world.hours()).toEqual({ "2026-03-01T13": "2" });
  });

  it("twice in one batch is accepted once: the first of two that differ", async () => {
    const world = aUsageWorld();
    const event = anEvent({ id: "one", quantity: "2" });
    const other = anEvent({ id: "one", quantity: "3" });

    expect(await world.kinds(event, anEvent(), event, other)).toEqual([
      "accepted",
      "accepted",
      "duplicate",
      "conflict",
    ]);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "3" });
  });

  it("that is bad costs the others nothing, and verdicts stay in order", async () => {
    const world = aUsageWorld();
    const good = Array.from({ length: 40 }, () => anEvent({ quantity: "1.5" }));
    const events: unknown[] = [...good];
    events.splice(7, 0, "nonsense", anEvent({ quantity: "-1" }), anEvent({ meter: "unheard" }));

    const results = await world.record(...events);

    expect(results.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 7 }, () => "accepted"),
      ...["invalid", "invalid", "unknown-meter"],
      ...Array.from({ length: 33 }, () => "accepted"),
    ]);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "60" });
  });
});

describe("time", () => {
  const verdictAt = async (time: string, now: string, license = aLicense()) => {
    const world = aUsageWorld({ now });
    world.license = license;
    const [kind] = await world.kinds(anEvent({ time }));
    return { kind, hours: await world.hours(time.slice(0, 7)) };
  };
  const taken = (time: string) => ({ kind: "accepted", hours: { [time.slice(0, 13)]: "1" } });
  const refused = (kind: string) => ({ kind, hours: undefined });

  it("lets last month's usage in until the 15th begins, and never the month's before", async () => {
    const march = "2026-03-31T23:59:59Z";
    expect(await verdictAt(march, "2026-04-14T23:59:59.999Z")).toEqual(taken(march));
    expect(await verdictAt(march, "2026-04-15T00:00:00Z")).toEqual(refused("too-late"));
    expect(await verdictAt("2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")).toEqual(
      refused("too-late"),
    );
    expect(await verdictAt("2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z")).toEqual(
      taken("2026-03-01T00:00:00Z"),
    );
  });

  it("lets in what is at most five minutes ahead of our clock", async () => {
    const time = "2026-03-01T13:05:00Z";
    expect(await verdictAt(time, "2026-03-01T13:00:00Z")).toEqual(taken(time));
    expect(await verdictAt(time, "2026-03-01T12:59:59.999Z")).toEqual(refused("too-early"));
  });

  it("lets in only what metering will still compute a day later", () => {
    const license = { activatedAt: 0 };
    const meters = new Set([METER]);
    const instants = fc.integer({ min: at("2025-12-01T00:00Z"), max: at("2028-03-31T00:00Z") });
    const ages = fc.integer({ min: 0, max: 70 * 24 * 3_600_000 });
    fc.assert(
      fc.property(instants, ages, (now, age) => {
        const time = now - age;
        const isOpen = monthOf(time) >= oldestOpenMonth(now + DAY);
        return (
          (refusalOf({ meter: METER, time }, { now, license, meters }) === undefined) === isOpen
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps to the license's life to the millisecond", async () => {
    const ended = aLicense({ endedAt: at("2026-03-01T13:05:30Z") });
    const now = "2026-03-01T13:10Z";
    expect(await verdictAt("2026-01-15T10:19:59.999Z", "2026-01-16T00:00Z")).toEqual(
      refused("outside-license"),
    );
    const first = "2026-01-15T10:20:00Z";
    expect(await verdictAt(first, "2026-01-16T00:00Z")).toEqual(taken(first));
    const last = "2026-03-01T13:05:29.999Z";
    expect(await verdictAt(last, now, ended)).toEqual(taken(last));
    expect(await verdictAt("2026-03-01T13:05:30Z", now, ended)).toEqual(refused("outside-license"));
    const never = aLicense({ activatedAt: undefined });
    expect(await verdictAt("2026-03-01T13:05:00Z", now, never)).toEqual(refused("outside-license"));
  });

  it("lets usage of before the license's end in for half an hour after it", async () => {
    const license = aLicense({ endedAt: at("2026-03-01T13:05:30Z") });
    const time = "2026-03-01T13:00:00Z";
    expect(await verdictAt(time, "2026-03-01T13:35:29.999Z", license)).toEqual(taken(time));
    expect(await verdictAt(time, "2026-03-01T13:35:30Z", license)).toEqual(refused("too-late"));
  });

  it("does not make a late duplicate too late, nor a late conflict another event", async () => {
    const world = aUsageWorld();
    const event = anEvent({ id: "one" });
    await world.record(event);
    world.now = at("2026-06-01T00:00Z");

    expect(await world.kinds(event)).toEqual(["duplicate"]);
    expect(await world.kinds(anEvent({ id: "one", quantity: "2" }))).toEqual(["conflict"]);
    expect(await world.kinds(anEvent())).toEqual(["too-late"]);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "1" });
  });

  it("says too late of an event whose recording was begun, but never finished in time", async () => {
    const store = memoryUsageStore();
    const dying: UsageStore = {
      ...store,
      put: async () => Promise.reject(new Error("died before it")),
    };
    const event = anEvent();
    await expect(aUsageWorld({ store: dying }).record(event)).rejects.toThrow("died before it");

    const world = aUsageWorld({ store, now: "2026-06-01T00:00Z" });

    expect(await world.kinds(event)).toEqual(["too-late"]);
    expect(await world.hours()).toBeUndefined();
  });

  it("raises an hour that is long past by what comes late, in a segment of its own", async () => {
    const world = aUsageWorld();
    await world.record(anEvent({ quantity: "10" }));
    const before = await world.usage.month(LICENSE_ID, METER, "2026-03");
    const asked: (string | undefined)[] = [];
    const inner = { ...world.store };
    world.store.events = (of) => (asked.push(of.segment), inner.events(of));
    world.now = at("2026-04-10T08:30Z");

    await world.record(anEvent({ quantity: "0.5" }));

    const after = await world.usage.month(LICENSE_ID, METER, "2026-03");
    expect(after?.hours).toEqual({ "2026-03-01T13": "10.5" });
    expect(after?.revision).toBeGreaterThan(before?.revision ?? 0);
    expect(asked).toEqual(["2026-04-10T08"]);
  });
});

describe("a month that is cut to a license's life", () => {
  it("counts the hours of beginning and end by event", async () => {
    const world = aUsageWorld({ now: "2026-03-01T13:59Z" });
    await world.record(
      anEvent({ quantity: "1", time: "2026-03-01T10:29:59.999Z" }),
      anEvent({ quantity: "2", time: "2026-03-01T10:30:00Z" }),
      anEvent({ quantity: "4", time: "2026-03-01T11:00:00Z" }),
      anEvent({ quantity: "8", time: "2026-03-01T12:30:00Z" }),
      anEvent({ quantity: "16", time: "2026-03-01T12:30:00.001Z" }),
      anEvent({ quantity: "32", time: "2026-03-01T13:00:00Z" }),
    );
    const life = { start: at("2026-03-01T10:30Z"), end: at("2026-03-01T12:30:00.001Z") };

    const usage = await world.usage.month(LICENSE_ID, METER, "2026-03", life);

    expect(usage?.hours).toEqual({
      "2026-03-01T10": "2",
      "2026-03-01T11": "4",
      "2026-03-01T12": "8",
    });
    const open = await world.usage.month(LICENSE_ID, METER, "2026-03", { ...life, end: Infinity });
    expect(open?.hours).toMatchObject({ "2026-03-01T12": "24", "2026-03-01T13": "32" });
  });
});
