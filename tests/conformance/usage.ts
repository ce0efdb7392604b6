import { describe, expect, it } from "vitest";
import type { RecordedEvent } from "../../metering/domain/usage-segment.ts";
import type { UsageStore } from "../../metering/ports.ts";

let made = 0;

/** A license that no other test uses. */
export function freshLicense(): string {
  made += 1;
  return `l-${made.toString(16).padStart(32, "0")}`;
}

export function aRecordedEvent(over: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    licenseId: over.licenseId ?? freshLicense(),
    source: "/player",
    id: "1",
    meter: "video_minutes",
    time: Date.UTC(2026, 2, 1, 13, 5),
    quantity: "12.5",
    hour: "2026-03-01T13",
    segment: "2026-03-01T13:05",
    recordedAt: Date.UTC(2026, 2, 1, 13, 6),
    ...over,
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What every store of usage promises. */
export function describeUsageStore(name: string, make: () => Promise<UsageStore>): void {
  describe(`identities: ${name}`, () => {
    it("belong to whoever claimed them first, and say what that one said", async () => {
      const store = await make();
      const first = aRecordedEvent({ deploymentId: "d-1" });
      const second = { ...first, quantity: "99", deploymentId: "d-2" };
      expect(await store.holder(first)).toBeUndefined();

      expect(await store.claim(first)).toBe(first);
      expect(await store.claim(second)).toEqual(first);

      expect(await store.holder(second)).toEqual(first);
    });

    it("go to one of 20 racers", async () => {
      const store = await make();
      const one = aRecordedEvent();
      const racers = Array.from({ length: 20 }, (_, n) => ({ ...one, quantity: `${n}` }));

      const holders = await Promise.all(racers.map((racer) => store.claim(racer)));

      expect(new Set(holders.map(({ quantity }) => quantity)).size).toBe(1);
      expect(holders.filter((holder, n) => holder === racers[n])).toHaveLength(1);
    });

    it("are apart by license, source and id, whatever characters these hold", async () => {
      const store = await make();
      const licenseId = freshLicense();
      const others = [
        { licenseId, source: "a#b", id: "c" },
        { licenseId, source: "a", id: "b#c" },
        { licenseId, source: "a", id: '","' },
        { licenseId, source: 'a","', id: "" },
        { licenseId, source: "a", id: "ä€😀".repeat(40) },
        { licenseId: freshLicense(), source: "a#b", id: "c" },
      ].map((over) => aRecordedEvent(over));

      for (const event of others) expect(await store.claim(event)).toBe(event);
    });
  });

  describe(`places: ${name}`, () => {
    it("hold an event once, however often it is put", async () => {
      const store = await make();
      const event = aRecordedEvent({ quantity: "0.000000000001" });
      expect(await store.has(event)).toBe(false);

      await Promise.all(Array.from({ length: 5 }, () => store.put(event)));

      expect(await store.has(event)).toBe(true);
      expect(await all(store.events(event))).toEqual([
        { time: event.time, quantity: "0.000000000001" },
      ]);
    });

    it("are listed by segment or by hour, and never with another hour's or meter's", async () => {
      const store = await make();
      const licenseId = freshLicense();
      const put = async (id: string, over: Partial<RecordedEvent> = {}) => {
        await store.put(aRecordedEvent({ licenseId, id, quantity: id, ...over }));
      };
      await put("1");
      await put("2", { segment: "2026-03-01T13:10" });
      // A segment's name is the beginning of others': only the whole name counts.
      await put("3", { segment: "2026-03-01T13" });
      await put("4", { hour: "2026-03-01T14" });
      await put("5", { meter: "video_minutes_2" });
      const of = { licenseId, meter: "video_minutes", hour: "2026-03-01T13" };
      const quantities = async (segment?: string) => {
        const asked = segment === undefined ? of : { ...of, segment };
        return (await all(store.events(asked))).map(({ quantity }) => quantity).sort();
      };

      expect(await quantities("2026-03-01T13:05")).toEqual(["1"]);
      expect(await quantities("2026-03-01T13")).toEqual(["3"]);
      expect(await quantities()).toEqual(["1", "2", "3"]);
    });

    it("are listed whole when they take several pages", async () => {
      const store = await make();
      const licenseId = freshLicense();
      const count = 5_000;
      const events = Array.from({ length: count }, (_, n) =>
        aRecordedEvent({ licenseId, id: `${n}`, quantity: "1" }),
      );
      for (let from = 0; from < count; from += 100) {
        await Promise.all(events.slice(from, from + 100).map((event) => store.put(event)));
      }

      const of = { licenseId, meter: "video_minutes", hour: "2026-03-01T13" };
      expect(await all(store.events(of))).toHaveLength(count);
    });
  });

  describe(`marks: ${name}`, () => {
    it("stay when there was another mark since they were read", async () => {
      const store = await make();
      const event = aRecordedEvent();
      await store.mark(event);
      const [read] = await store.marks(event, "2026-03");
      await store.mark(event);

      if (read === undefined) throw new Error("no mark");
      await store.unmark(read);

      const [newer] = await store.marks(event, "2026-03");
      expect(newer).toMatchObject({ hour: event.hour, segment: event.segment });
      if (newer === undefined) throw new Error("no mark");
      await store.unmark(newer);
      await store.unmark(newer);
      expect(await store.marks(event, "2026-03")).toEqual([]);
    });

    it("are listed for their own license, meter and month", async () => {
      const store = await make();
      const event = aRecordedEvent();
      const others = [
        { licenseId: freshLicense() },
        { meter: "video_minute" },
        { hour: "2026-04-01T00" },
        { hour: "2026-02-28T23" },
      ];
      for (const over of others) await store.mark({ ...event, ...over });
      await store.mark({ ...event, segment: "2026-03-02T01" });
      await store.mark(event);

      const marks = await store.marks(event, "2026-03");

      expect(marks.map(({ segment }) => segment)).toEqual(["2026-03-01T13:05", "2026-03-02T01"]);
    });
  });

  describe(`figures: ${name}`, () => {
    it("of segments are set on the revision before, by one of 20 racers", async () => {
      const store = await make();
      const event = aRecordedEvent();
      const { segment } = event;
      const sum = { segment, revision: 1, quantity: "1" };
      expect(await store.setSum(event, { ...sum, revision: 2 })).toBe("outrun");

      const first = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.setSum(event, { ...sum, quantity: `${n}` })),
      );
      expect(first.filter((each) => each === "set")).toHaveLength(1);

      expect(await store.setSum(event, { ...sum, revision: 2, quantity: "7" })).toBe("set");
      expect(await store.setSum(event, { ...sum, revision: 2 })).toBe("outrun");
      expect(await store.sums(event)).toEqual([{ segment, revision: 2, quantity: "7" }]);
      expect(await store.sums({ ...event, hour: "2026-03-01T14" })).toEqual([]);
    });

    it("of days are set on the revision before, and listed by month in their order", async () => {
      const store = await make();
      const of = { licenseId: freshLicense(), meter: "video_minutes" };
      const hours = { "2026-03-02T13": "9007199254740993.5" };
      const day = { day: "2026-03-02", revision: 1, hours };
      expect(await store.day(of, day.day)).toBeUndefined();

      expect(await store.setDay(of, day)).toBe("set");
      expect(await store.setDay(of, day)).toBe("outrun");
      expect(await store.setDay(of, { ...day, revision: 3 })).toBe("outrun");
      for (const other of ["2026-03-01", "2026-03-31", "2026-04-01", "2026-02-28"]) {
        expect(await store.setDay(of, { day: other, revision: 1, hours: {} })).toBe("set");
      }

      expect(await store.day(of, day.day)).toEqual(day);
      const days = await store.days(of, "2026-03");
      expect(days.map((each) => each.day)).toEqual(["2026-03-01", "2026-03-02", "2026-03-31"]);
      expect(await store.days({ ...of, meter: "video" }, "2026-03")).toEqual([]);
    });
  });
}
