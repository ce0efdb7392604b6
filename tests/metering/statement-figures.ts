import type { Statement } from "../../metering/domain/statement.ts";

/** Where a figure stands in a statement: the keys on the way to it. */
export type Place = readonly (string | number)[];

const PLAIN = /^-?\d+(\.\d+)?$/;

/** Every number of a statement: amounts, units, counts, and the numbers of items. */
export function figuresOf(value: unknown, way: Place = []): Place[] {
  if (typeof value === "number") return [way];
  if (typeof value === "string") {
    return PLAIN.test(value) && way.at(-1) !== "buyerAccountId" ? [way] : [];
  }
  if (Array.isArray(value)) return value.flatMap((each, i) => figuresOf(each, [...way, i]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => figuresOf(each, [...way, key]));
}

/** The same statement with one figure a little higher. */
export function tampered(statement: Statement, place: Place, by = 1n): Statement {
  const copy = structuredClone(statement) as unknown;
  let holder = copy as Record<string | number, unknown>;
  for (const key of place.slice(0, -1)) holder = holder[key] as typeof holder;
  const key = place.at(-1) ?? "";
  const value = holder[key];
  holder[key] = typeof value === "number" ? value + Number(by) : raised(value as string, by);
  return copy as Statement;
}

function raised(text: string, by: bigint): string {
  const decimals = text.split(".")[1]?.length ?? 0;
  const digits = BigInt(text.replace(".", "")) + by;
  const padded = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, "0");
  const whole = padded.slice(0, padded.length - decimals);
  const fraction = decimals === 0 ? "" : `.${padded.slice(-decimals)}`;
  return `${digits < 0n ? "-" : ""}${whole}${fraction}`;
}
