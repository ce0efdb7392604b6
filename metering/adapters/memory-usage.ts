import type { RecordedEvent } from "../domain/usage-segment.ts";
import type { SegmentSum, UsageDay, UsageMark, UsageMeter, UsageStore } from "../ports.ts";

/** Usage in memory: the twin of the DynamoDB adapter, held to the same conformance suite. */
export function memoryUsageStore(): UsageStore {
  return { ...memoryEvents(), ...memoryMarks(), ...memoryFigures() };
}

const textOf = (...parts: readonly string[]) => JSON.stringify(parts);
const meterText = ({ licenseId, meter }: UsageMeter) => textOf(licenseId, meter);
const hourText = (of: UsageMeter & { hour: string }) => textOf(of.licenseId, of.meter, of.hour);

function memoryEvents(): Pick<UsageStore, "claim" | "holder" | "put" | "has" | "events"> {
  const identities = new Map<string, RecordedEvent>();
  const places = new Map<string, Map<string, RecordedEvent>>();
  const identityOf = (event: Pick<RecordedEvent, "licenseId" | "source" | "id">) =>
    textOf(event.licenseId, event.source, event.id);
  return {
    async claim(event) {
      const key = identityOf(event);
      const holder = identities.get(key);
      if (holder !== undefined) return holder;
      identities.set(key, Object.freeze(event));
      return event;
    },
    async holder(id) {
      return identities.get(identityOf(id));
    },
    async put(event) {
      const place = places.get(hourText(event)) ?? new Map<string, RecordedEvent>();
      places.set(hourText(event), place.set(identityOf(event), event));
    },
    async has(event) {
      return places.get(hourText(event))?.has(identityOf(event)) === true;
    },
    async *events(of) {
      for (const event of [...(places.get(hourText(of))?.values() ?? [])]) {
        const { time, quantity } = event;
        if (of.segment === undefined || of.segment === event.segment) yield { time, quantity };
      }
    },
  };
}

function memoryMarks(): Pick<UsageStore, "mark" | "marks" | "unmark"> {
  const marks = new Map<string, UsageMark>();
  const keyOf = (of: Omit<UsageMark, "token">) => textOf(hourText(of), of.segment);
  let made = 0;
  return {
    async mark({ licenseId, meter, hour, segment }) {
      made += 1;
      const mark = { licenseId, meter, hour, segment, token: `${made}` };
      marks.set(keyOf(mark), mark);
    },
    async marks(of, month) {
      const mine = [...marks.values()].filter(
        (mark) => meterText(mark) === meterText(of) && mark.hour.startsWith(month),
      );
      return sortedBy(mine, ({ hour, segment }) => textOf(hour, segment));
    },
    async unmark(mark) {
      if (marks.get(keyOf(mark))?.token === mark.token) marks.delete(keyOf(mark));
    },
  };
}

function memoryFigures(): Pick<UsageStore, "sums" | "setSum" | "days" | "day" | "setDay"> {
  const sums = new Map<string, Map<string, SegmentSum>>();
  const days = new Map<string, Map<string, UsageDay>>();
  function set<T extends { readonly revision: number }>(
    all: Map<string, Map<string, T>>,
    place: string,
    key: string,
    value: T,
  ): "set" | "outrun" {
    const there = all.get(place) ?? new Map<string, T>();
    if ((there.get(key)?.revision ?? 0) !== value.revision - 1) return "outrun";
    all.set(place, there.set(key, Object.freeze(value)));
    return "set";
  }
  return {
    async sums(of) {
      return sortedBy([...(sums.get(hourText(of))?.values() ?? [])], ({ segment }) => segment);
    },
    async setSum(of, sum) {
      return set(sums, hourText(of), of.segment, sum);
    },
    async days(of, month) {
      const all = [...(days.get(meterText(of))?.values() ?? [])];
      const mine = all.filter(({ day }) => day.startsWith(month));
      return sortedBy(mine, ({ day }) => day);
    },
    async day(of, day) {
      return days.get(meterText(of))?.get(day);
    },
    async setDay(of, day) {
      return set(days, meterText(of), day.day, day);
    },
  };
}

function sortedBy<T>(all: readonly T[], by: (one: T) => string): T[] {
  return [...all].sort((a, b) => (by(a) < by(b) ? -1 : 1));
}
