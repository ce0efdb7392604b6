import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryUsageStore } from "../../metering/adapters/memory-usage.ts";
import { decimalText, parseDecimal, sumDecimals } from "../../metering/domain/money.ts";
import type { UsageStore } from "../../metering/ports.ts";
import { anEvent, aUsageWorld, LICENSE_ID, METER } from "./usage-world.ts";

class Killed extends Error {}

const WRITES = ["claim", "put", "mark", "unmark", "setSum", "setDay"] as const;
const READS = ["holder", "has", "marks", "sums", "days", "day"] as const;

type Call = (name: string, perform: () => Promise<unknown>) => Promise<unknown>;

/** The same store, with something around each of its calls. */
function around(store: UsageStore, call: Call, names: readonly string[]): UsageStore {
  const wrapped = Object.entries(store).map(([name, method]) => {
    const perform = method as (...args: unknown[]) => Promise<unknown>;
    return names.includes(name)
      ? [name, (...args: unknown[]) => call(name, () => perform(...args))]
      : [name, perform];
  });
  return Object.fromEntries(wrapped) as UsageStore;
}

/** Dies at the n-th write (from 1), before or after it, and then for ever. */
function dying(store: UsageStore, nth: number, when: "before" | "after") {
  let writes = 0;
  const call: Call = async (name, perform) => {
    writes += 1;
    if (writes > nth || (writes === nth && when === "before")) throw new Killed(name);
    const answer = await perform();
    if (writes >= nth) throw new Killed(name);
    return answer;
  };
  return { store: around(store, call, WRITES), writes: () => writes };
}

/** Records and rolls up once, as far as it gets. */
async function live(
  store: UsageStore,
  events: readonly unknown[],
  now = "2026-03-01T13:10Z",
): Promise<"done" | "killed"> {
  const world = aUsageWorld({ store, now });
  try {
    await world.record(...events);
    await world.hours();
    return "done";
  } catch (error) {
    if (error instanceof Killed) return "killed";
    throw error;
  }
}

describe("a crash", () => {
  const events = [
    anEvent({ quantity: "1.5" }),
    anEvent({ quantity: "0.25", time: "2026-03-01T12:00:00Z" }),
    anEvent({ quantity: "10", time: "2026-02-28T23:00:00Z" }),
  ];

  it.each(["before", "after"] as const)("%s any write neither loses nor doubles", async (when) => {
    for (let nth = 1; ; nth += 1) {
      const store = memoryUsageStore();
      // Something is there already, and summed.
      await live(store, [anEvent({ quantity: "100" })]);
      const first = dying(store, nth, when);
      const ended = await live(first.store, events);

      // Later, what arrives goes into another segment.
      const world = aUsageWorld({ store, now: "2026-03-01T16:00Z" });
      const kinds = await world.kinds(...events);

      expect(new Set([...kinds, "accepted", "duplicate"]).size).toBe(2);
      expect(await world.hours()).toEqual({ "2026-03-01T12": "0.25", "2026-03-01T13": "101.5" });
      expect(await world.hours("2026-02")).toEqual({ "2026-02-28T23": "10" });
      if (ended === "done") {
        expect(nth).toBeGreaterThan(12);
        return;
      }
    }
  });

  it.each(["before", "after"] as const)("%s two writes in a row does neither", async (when) => {
    for (let nth = 1; nth <= 16; nth += 1) {
      for (let later = 1; later <= 16; later += 1) {
        const store = memoryUsageStore();
        await live(dying(store, nth, when).store, events);
        await live(dying(store, later, when).store, events, "2026-03-01T13:15Z");
        await live(store, events, "2026-03-01T16:00Z");

        expect(await aUsageWorld({ store }).hours()).toEqual({
          "2026-03-01T12": "0.25",
          "2026-03-01T13": "1.5",
        });
      }
    }
  });

  it("of a batch leaves no recorded event unsummed, even if nobody asks again", async () => {
    const store = memoryUsageStore();
    let puts = 0;
    const call: Call = async (_, perform) => {
      puts += 1;
      if (puts === 2) throw new Killed("put");
      return perform();
    };
    await expect(
      aUsageWorld({ store: around(store, call, ["put"]) }).record(anEvent(), anEvent(), anEvent()),
    ).rejects.toThrow(Killed);

    expect(await aUsageWorld({ store }).hours()).toEqual({ "2026-03-01T13": "2" });
  });
});

describe("several at once", () => {
  const events = Array.from({ length: 6 }, (_, n) =>
    anEvent({ quantity: `${10 ** n}`, time: `2026-03-01T${n % 2 === 0 ? "12" : "13"}:05:00Z` }),
  );
  const summed = async (store: UsageStore): Promise<string> => {
    const hours = (await aUsageWorld({ store }).hours()) ?? {};
    return decimalText(sumDecimals(Object.values(hours).map(parseDecimal)));
  };

  it("count one event once, however many senders bring it", async () => {
    const store = memoryUsageStore();
    const world = aUsageWorld({ store });
    const event = anEvent({ quantity: "7" });

    const kinds = await Promise.all(Array.from({ length: 20 }, () => world.kinds(event)));

    expect(kinds.flat().filter((kind) => kind === "accepted")).toHaveLength(1);
    expect(await world.hours()).toEqual({ "2026-03-01T13": "7" });
  });

  it.each(["setSum", "setDay"] as const)(
    "are never set back by a reader that stalled before its %s",
    async (stalls) => {
      const store = memoryUsageStore();
      const world = aUsageWorld({ store });
      await world.record(anEvent({ quantity: "1" }));
      let meanwhile = async () => {
        meanwhile = async () => undefined;
        await world.record(anEvent({ quantity: "2" }));
        expect(await world.hours()).toEqual({ "2026-03-01T13": "3" });
      };
      const call: Call = async (_, perform) => {
        await meanwhile();
        return perform();
      };

      const slow = await aUsageWorld({ store: around(store, call, [stalls]) }).hours();

      expect(slow).toEqual({ "2026-03-01T13": "3" });
      expect(await world.hours()).toEqual({ "2026-03-01T13": "3" });
    },
  );

  it("keep their mark when a reader lost the race for the sum and died", async () => {
    const store = memoryUsageStore();
    const world = aUsageWorld({ store });
    await world.record(anEvent({ quantity: "1" }));
    const call: Call = async () => Promise.resolve("outrun");
    await expect(aUsageWorld({ store: around(store, call, ["setSum"]) }).hours()).rejects.toThrow(
      "changed under 10 attempts",
    );

    expect(await world.hours()).toEqual({ "2026-03-01T13": "1" });
  });

  it("keep their mark when another hour of the day was set meanwhile", async () => {
    const store = memoryUsageStore();
    const world = aUsageWorld({ store });
    await world.record(anEvent({ quantity: "2", time: "2026-03-01T12:00:00Z" }));
    // The first reader knows of 12 o'clock alone, and sets the day after the second has read it.
    let letFirstGo: () => void = () => undefined;
    const gate = new Promise<void>((open) => (letFirstGo = open));
    let first: Promise<unknown> = Promise.resolve();
    await new Promise<void>((arrived) => {
      const waits: Call = async (_, perform) => {
        arrived();
        await gate;
        return perform();
      };
      first = aUsageWorld({ store: around(store, waits, ["setDay"]) }).hours();
    });
    await world.record(anEvent({ quantity: "1" }));
    const letsGo: Call = async (_, perform) => {
      letFirstGo();
      await first;
      return perform();
    };

    await aUsageWorld({ store: around(store, letsGo, ["setDay"]) }).hours();

    expect(await world.hours()).toEqual({ "2026-03-01T12": "2", "2026-03-01T13": "1" });
  });

  it("in any order of their reads and writes, with readers between and deaths, come to the same", async () => {
    const story = fc.record({
      /** Which events each sender sends; the last one sends everything. */
      senders: fc.array(fc.subarray(events, { minLength: 1 }), { minLength: 1, maxLength: 3 }),
      readers: fc.integer({ min: 1, max: 3 }),
      deaths: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), story, async (scheduler, { senders, readers, deaths }) => {
        const store = memoryUsageStore();
        let calls = 0;
        const scheduled = (nth: number) => {
          let own = 0;
          const call: Call = async (name, perform) => {
            own += 1;
            if (own === nth) throw new Killed(name);
            await scheduler.schedule(Promise.resolve(), `${name} ${(calls += 1)}`);
            return perform();
          };
          return around(store, call, [...WRITES, ...READS]);
        };
        const seen: string[] = [];
        const ignoreDeath = (error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        };
        const works = [
          ...senders.map((each, n) =>
            aUsageWorld({ store: scheduled(deaths[n] ?? Infinity) }).record(...each),
          ),
          ...Array.from({ length: readers }, async (_, n) => {
            const reader = aUsageWorld({ store: scheduled(deaths[n + 1] ?? Infinity) });
            for (let look = 0; look < 2; look += 1) {
              const hours = (await reader.hours()) ?? {};
              seen.push(decimalText(sumDecimals(Object.values(hours).map(parseDecimal))));
            }
          }),
        ].map((work) => work.catch(ignoreDeath));
        await scheduler.waitFor(Promise.all(works));

        // Whoever got no answer sends again.
        await aUsageWorld({ store, now: "2026-03-01T13:20Z" }).record(...events);

        expect(await summed(store)).toBe("111111");
        // Whatever was seen is a set of events, each of them once: no digit but 0 and 1.
        for (const sum of seen) expect(sum).toMatch(/^[01]{1,6}$/);
        expect(await store.marks({ licenseId: LICENSE_ID, meter: METER }, "2026-03")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("who were all answered are all counted, without anybody sending again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const store = memoryUsageStore();
        const call: Call = async (name, perform) => {
          await scheduler.schedule(Promise.resolve(), name);
          return perform();
        };
        const slow = around(store, call, [...WRITES, ...READS]);
        const works = [
          aUsageWorld({ store: slow }).record(...events.slice(0, 4)),
          aUsageWorld({ store: slow }).record(...events.slice(2)),
          aUsageWorld({ store: slow }).hours(),
          aUsageWorld({ store: slow }).hours(),
        ];
        await scheduler.waitFor(Promise.all(works));

        expect(await summed(store)).toBe("111111");
      }),
      { numRuns: 300 },
    );
  });
});
