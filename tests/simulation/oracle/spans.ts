/** Stretches of time, and how often a whole unit fits into them. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const both = (a: Span, b: Span): Span => ({
  from: Math.max(a.from, b.from),
  to: Math.min(a.to, b.to),
});

export const isSome = ({ from, to }: Span): boolean => from < to;

export function clipped(spans: readonly Span[], within: Span): Span[] {
  return spans.map((span) => both(span, within)).filter(isSome);
}

/** Units that begin and end within. */
export function wholes(spans: readonly Span[], unit: number): bigint {
  return spans.reduce((sum, { from, to }) => {
    const count = Math.floor(to / unit) - Math.ceil(from / unit);
    return count > 0 ? sum + BigInt(count) : sum;
  }, 0n);
}

export function monthSpan(month: string): Span {
  const [year = "", number = ""] = month.split("-");
  return {
    from: Date.UTC(Number(year), Number(number) - 1),
    to: Date.UTC(Number(year), Number(number)),
  };
}

export const monthAt = (instant: number): string => new Date(instant).toISOString().slice(0, 7);
export const dayAt = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

export function monthsFrom(first: number, last: number): string[] {
  const months: string[] = [];
  for (let at = monthSpan(monthAt(first)).from; at <= last; at = monthSpan(monthAt(at)).to) {
    months.push(monthAt(at));
  }
  return months;
}
