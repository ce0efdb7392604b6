import { QUANTITY_MAX } from "./limits.ts";
import type { Entitlement } from "./state.ts";

/** The four kinds of value that GetEntitlements knows (protocol-facts A5). */
export const ENTITLEMENT_TYPES = ["Integer", "Double", "Boolean", "String"] as const;

export type EntitlementType = (typeof ENTITLEMENT_TYPES)[number];

/** As said, or else as the value looks. */
export function typeOf({ value, type }: Pick<Entitlement, "value" | "type">): EntitlementType {
  if (type !== undefined) return type;
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "string") return "String";
  return Number.isInteger(value) ? "Integer" : "Double";
}

/** Throws a RangeError, with a sentence, for a value that isn't of its type. */
export function checkEntitlement(entitlement: Entitlement): void {
  const { dimension, value } = entitlement;
  const type = typeOf(entitlement);
  const fits: Record<EntitlementType, boolean> = {
    Integer: Number.isInteger(value) && Math.abs(value as number) <= QUANTITY_MAX,
    Double: typeof value === "number" && Number.isFinite(value),
    Boolean: typeof value === "boolean",
    String: typeof value === "string",
  };
  if (!fits[type]) throw new RangeError(`${dimension}: ${JSON.stringify(value)} is no ${type}`);
}

/** What a form's text means as a value of that type; checked by `checkEntitlement`. */
export function valueFrom(text: string, type: EntitlementType): Entitlement["value"] {
  switch (type) {
    case "Integer":
    case "Double":
      return text.trim() === "" ? NaN : Number(text);
    case "Boolean":
      return text === "true" || text === "yes";
    case "String":
      return text;
  }
}
