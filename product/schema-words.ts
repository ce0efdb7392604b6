import * as z from "zod";
import { nearest } from "./nearest.ts";
import { commercialRegions } from "./regions.ts";

/**
 * What the schema is written with. Every `error` completes the sentence "… must be", so that a
 * refusal can name the field, its value and what is allowed there.
 */
export const text = (allowed: string, accept: (value: string) => boolean) =>
  z.string({ error: allowed }).refine(accept, { error: allowed });

export const matching = (allowed: string, pattern: RegExp) =>
  text(allowed, (value) => pattern.test(value));

/** Refuses unknown keys: a misspelt option would otherwise silently mean its default. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  // `kind` is written by the charge builders, never by hand.
  const known = Object.keys(shape).filter((key) => key !== "kind");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(key, known)).join("\n")
        : `an object with ${known.join(", ")}`,
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const guess = nearest(key, known);
  const hint = guess === undefined ? "" : `; did you mean ${JSON.stringify(guess)}?`;
  return `${key} is not a field${hint === "" ? ";" : hint} Known here: ${known.join(", ")}.`;
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  const allowed = values.map((value) => JSON.stringify(value)).join(", ");
  return z.enum(values, { error: `one of ${allowed}` });
}

export const region = text(`a commercial AWS region such as "eu-central-1"`, (value: string) =>
  commercialRegions.includes(value),
);
