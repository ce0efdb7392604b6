import type { Instant } from "./license.ts";
import { decimalText, parseDecimal } from "./money.ts";

/** What a CloudEvent says that was used, checked; everything else that it says is left behind. */
export interface UsageEvent {
  /** With `id`, the event's identity (CloudEvents 1.0), for the whole life of a license. */
  readonly source: string;
  readonly id: string;
  readonly meter: string;
  /** When it was used, by the event's own `time`. */
  readonly time: Instant;
  /** Exact decimal text in its shortest form. */
  readonly quantity: string;
}

export type ParsedEvent =
  | { readonly kind: "event"; readonly event: UsageEvent }
  | {
      readonly kind: "invalid";
      /** As far as they could be read, so that the sender finds the event again. */
      readonly source?: string | undefined;
      readonly id?: string | undefined;
      readonly message: string;
    };

/** Together with our own fields, an event's identity stays within 1 KB: one write unit. */
const LONGEST_SOURCE = 256;
const LONGEST_ID = 128;

/** A URI reference is printable ASCII without spaces (RFC 3986). */
const SOURCE = /^[\x21-\x7e]+$/;
const CONTROL = /\p{Cc}/u;
const TYPE = /^[\x21-\x7e]+\.usage\.([A-Za-z][A-Za-z0-9_-]{0,63})$/;
/** Below 10¹⁵ with at most 12 decimals; no sign, exponent, leading zero or space. */
const QUANTITY = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$/;
const TIME =
  /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const ATTRIBUTE = /^[a-z0-9]+$/;
const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json(?:\s*;.*)?$/i;

/** The meter that an event's type names: `com.example.usage.video_minutes` → `video_minutes`. */
export function meterOfType(type: string): string | undefined {
  return TYPE.exec(type)?.[1];
}

/** `attributes` is what JSON made of the event: anything, from anyone. */
export function parseUsageEvent(attributes: unknown): ParsedEvent {
  if (!isObject(attributes)) {
    return { kind: "invalid", message: "It is not a CloudEvent: a JSON object was expected." };
  }
  // JSON's null stands for an attribute that is not there (CloudEvents, JSON format).
  const said = new Map(Object.entries(attributes).filter(([, value]) => value !== null));
  const problem =
    CHECKS.map((check) => check(said)).find((found) => found !== undefined) ??
    extensionProblem(said);
  const { source, id, type, time } = Object.fromEntries(said) as Record<string, string>;
  if (problem !== undefined) {
    const named = (value: unknown, longest: number) =>
      typeof value === "string" && value.length <= longest ? value : undefined;
    return {
      kind: "invalid",
      source: named(source, LONGEST_SOURCE),
      id: named(id, LONGEST_ID),
      message: problem,
    };
  }
  const { quantity } = said.get("data") as { quantity: string | number };
  return {
    kind: "event",
    event: {
      source: source ?? "",
      id: id ?? "",
      meter: meterOfType(type ?? "") ?? "",
      time: instantOf(time ?? "") ?? NaN,
      quantity: decimalText(parseDecimal(String(quantity))),
    },
  };
}

type Said = ReadonlyMap<string, unknown>;

/** Each answers what is wrong, in words for whoever wrote the sender; the first one counts. */
const CHECKS: readonly ((said: Said) => string | undefined)[] = [
  (said) =>
    said.get("specversion") === "1.0"
      ? undefined
      : `specversion is ${quoted(said.get("specversion"))}: only CloudEvents "1.0" is understood.`,
  (said) => {
    const id = said.get("id");
    if (typeof id === "string" && id !== "" && id.length <= LONGEST_ID && !CONTROL.test(id)) {
      return undefined;
    }
    return `id is ${quoted(id)}: it has to be a text of 1 to ${LONGEST_ID} characters, unique for the source.`;
  },
  (said) => {
    const source = said.get("source");
    const isSource =
      typeof source === "string" && SOURCE.test(source) && source.length <= LONGEST_SOURCE;
    if (isSource) return undefined;
    return `source is ${quoted(source)}: it has to be a URI reference of at most ${LONGEST_SOURCE} characters.`;
  },
  (said) => {
    const type = said.get("type");
    if (typeof type === "string" && meterOfType(type) !== undefined) return undefined;
    return `type is ${quoted(type)}: it has to end in ".usage." and the meter's name, like "com.example.usage.video_minutes".`;
  },
  (said) => {
    const time = said.get("time");
    if (typeof time === "string" && instantOf(time) !== undefined) return undefined;
    return `time is ${quoted(time)}: it has to be when this was used, like "2026-03-01T13:05:00Z" (RFC 3339).`;
  },
  (said) => {
    const contentType = said.get("datacontenttype") ?? "application/json";
    if (typeof contentType === "string" && JSON_TYPE.test(contentType)) return undefined;
    return `datacontenttype is ${quoted(contentType)}: the data has to be JSON.`;
  },
  (said) => {
    if (said.has("data_base64")) return "data_base64 is not understood: send data as JSON.";
    const data = said.get("data");
    return isObject(data)
      ? quantityProblem(Object.hasOwn(data, "quantity") ? data["quantity"] : undefined)
      : `data is ${quoted(data)}: it has to be an object with a quantity.`;
  },
];

function quantityProblem(quantity: unknown): string | undefined {
  if (typeof quantity === "number" && !Number.isSafeInteger(quantity)) {
    return 'data.quantity is a number that JSON can\'t hold exactly: send it as a text, like "12.5".';
  }
  const isText = typeof quantity === "string" || typeof quantity === "number";
  if (isText && QUANTITY.test(String(quantity))) return undefined;
  return `data.quantity is ${quoted(quantity)}: it has to be a plain decimal, not negative, below 10^15, with at most 12 decimals, like "12.5".`;
}

const KNOWN = new Set([
  ...["specversion", "id", "source", "type", "time", "data"],
  ...["datacontenttype", "dataschema", "subject"],
]);

function extensionProblem(said: Said): string | undefined {
  for (const [name, value] of said) {
    if (name === "dataschema" || name === "subject") {
      if (typeof value !== "string" || value === "") return `${name} is no text.`;
    }
    if (KNOWN.has(name)) continue;
    if (!ATTRIBUTE.test(name)) {
      return `${quoted(name)} is no name for an attribute: lowercase letters and digits alone.`;
    }
    const isScalar = ["string", "boolean"].includes(typeof value) || Number.isInteger(value);
    if (!isScalar)
      return `${name} is ${quoted(value)}: an attribute is a text, whole number or boolean.`;
  }
  return undefined;
}

/** RFC 3339; a finer fraction than milliseconds is cut off, so it never reaches the next hour. */
function instantOf(text: string): Instant | undefined {
  const [, date, time, fraction = "", zone] = TIME.exec(text) ?? [];
  if (date === undefined) return undefined;
  // The 31st of February would become a day of March.
  const day = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return undefined;
  const instant = Date.parse(`${date}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}${zone}`);
  return Number.isNaN(instant) ? undefined : instant;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Short, and in one line, whatever it was. */
function quoted(value: unknown): string {
  if (value === undefined) return "missing";
  const text =
    typeof value === "object"
      ? Array.isArray(value)
        ? "a list"
        : "an object"
      : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
